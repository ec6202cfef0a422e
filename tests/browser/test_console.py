"""The console in a browser: open to everyone, by the keyboard alone, and without JavaScript."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

import bot.clock
from bot import bootstrap
from bot.conversations.store import Message
from bot.desk.store import CannedAnswer
from bot.mail_reading.message import read
from bot.tickets.ticket import Line, TicketRequest
from tests.browser.conftest import MILLISECONDS, in_dark
from tests.browser.test_menu import HEARD
from tests.servers.staff import ANNA, BEN, Mailbox

IN_THE_HEADER = (("link", "Digital credentials support"), ("link", "Review"), ("button", "Sign out"))
FIGURES = ("Opened", "First answer", "Answered in time", "Resolved", "Resolution", "Resolved in time", "Overdue")
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}


@pytest.fixture()
def services(settings):
    built = bootstrap.build(settings.copy(update={"staff_emails": frozenset({ANNA, BEN})}))
    said = (Line("user", "where is it?"), Line("bot", "It is **overdue**, see [Credly](https://www.credly.com)."))
    for number, proven in ((1, ("jane@example.com",)), (2, ())):
        about = {"contact": "jane@example.com", "about": f"Badge {number} is missing", "proven": proven}
        facts = {"diagnosis": ("- **Level 2**: overdue.",), "stages": ("overdue",), "credentials": ("Level 2",)}
        built.tickets.open(TicketRequest(f"r{number}", f"c{number}", "site", **about, **facts, transcript=said))
    return built


@pytest.fixture()
def open_page(browser, address, services):
    """A page of somebody of the team, or of nobody yet; with any options of a browser's context."""
    contexts = []

    def open_(*, signed_in=True, **options):
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.set_default_timeout(MILLISECONDS)
        page.goto(f"{address}/console/")
        if signed_in:
            page.get_by_label("Your e-mail address").fill(ANNA)
            page.keyboard.press("Enter")
            page.get_by_label("Code from the mail").wait_for()
            page.get_by_label("Code from the mail").fill(Mailbox(services.database).code(ANNA))
            page.keyboard.press("Enter")
            page.get_by_role("heading", name="Queue").wait_for()
        page.wait_for_load_state("load")  # its script hears keys from then on
        return page

    yield open_
    for context in contexts:
        context.close()


def references(services):
    """Of the tickets, oldest first; they begin with the year."""
    return sorted(ticket.reference for ticket in services.tickets.find()[0])


def problems(page):
    """What keeps somebody out of a page, by the rules for all; in dark colours by those for colours."""
    page.wait_for_load_state("load")  # its style and script too
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    found = [violation["id"] for violation in Axe().run(page).response["violations"]] + ["too wide"] * wide
    return found + [f"{violation['id']} in dark" for violation in in_dark(page)]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_is_open_to_everyone(open_page, services, size):
    page = open_page(color_scheme="light", viewport=size)
    found = {"queue": problems(page)}
    page.get_by_role("link", name="Badge 2 is missing").click()
    page.get_by_role("button", name="Take it").click()
    page.get_by_label("Your reply").fill("We look into it.")
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_role("status").first).to_contain_text("on its way")
    page.get_by_text("Note for the team").click()
    found["ticket"] = problems(page)
    page.goto(page.url + "x")
    found["error"] = problems(page)
    services.store.create("c", "site", bot.clock.now())
    asked = [
        Message.new("user", "which company is it", now=bot.clock.now()),
        Message.new("bot", "What?", "utter_ask_rephrase", now=bot.clock.now()),
    ]
    services.store.add(
        "c",
        *asked,
        Message.new("user", "credly?", now=bot.clock.now()),
        Message.new("bot", "It is.", "utter_faq/what_is_credly", now=bot.clock.now()),
    )
    rated = services.store.all("c")[-1].id
    services.store.rate("c", rated, False, "see https://example.com/" + "a-very-long-address" * 9)
    services.canned_answers.load_samples()
    services.received.refuse(read(b"From: joe@example.com\nSubject: Hello\n\nWhere is it?"), b"...", "no ticket")
    for name in ("Mail", "Look-ups", "Answers", "Team", "Analytics", "Review"):
        page.goto(page.url.split("/console")[0] + "/console/")
        page.get_by_role("link", name=name).click()
        page.get_by_role("heading", level=1).wait_for()
        found[name] = problems(page)
    page.get_by_role("button", name="Sign out").click()
    found["sign-in"] = problems(page)
    assert not any(found.values()), found


def test_the_header_takes_one_line_on_a_laptop(open_page):
    page = open_page(viewport=DESK)
    tops = [page.get_by_role(role, name=name).bounding_box()["y"] for role, name in IN_THE_HEADER]
    assert max(tops) - min(tops) < 20, tops


def test_every_figure_of_the_team_is_in_sight_on_a_phone(open_page, services):
    services.tickets.resolve(references(services)[0], ANNA, via="console")  # so that all figures are there
    page = open_page(viewport=PHONE)
    page.get_by_role("link", name="Team").click()
    row = page.get_by_role("region", name="Figures by reason").locator("tbody tr").first
    for figure in FIGURES:
        cell = row.locator(f"td[data-label='{figure}']")
        cell.scroll_into_view_if_needed()
        expect(cell).to_be_in_viewport(ratio=1)
    assert page.locator(".table-wide").first.evaluate("one => one.scrollWidth <= one.clientWidth")


def test_a_change_is_told_in_one_sentence(open_page):
    page = open_page()
    page.get_by_role("link", name="Badge 1 is missing").click()
    page.get_by_label("Priority").select_option("high")
    page.get_by_role("button", name="Set").click()
    expect(page.locator(".event").last).to_contain_text(re.compile(r"You changed the priority to high\s"))


def test_by_the_keyboard_alone(open_page, services):
    page = open_page()
    press = page.keyboard.press
    press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    for key, name in (("j", "Badge 1"), ("j", "Badge 2"), ("k", "Badge 1")):
        press(key)
        expect(page.get_by_role("link", name=name)).to_be_focused()
    press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    assert problems(page) == []
    press("Escape")
    press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("badge 00002")
    press("Enter")
    page.get_by_text("1 ticket with").wait_for()
    page.wait_for_load_state("load")
    press("j")
    press("Enter")
    page.get_by_role("heading", name="CRT-").wait_for()
    page.wait_for_load_state("load")  # with the script that hears the keys
    press("r")
    expect(page.get_by_label("Your reply")).to_be_focused()
    page.keyboard.type("jkr/? are letters here")
    press("Tab")
    expect(page.get_by_label("Pictures or PDF")).to_be_focused()
    press("Tab")
    press("Enter")
    expect(page.get_by_role("status")).to_contain_text("on its way")
    expect(page.locator(".history")).to_contain_text("jkr/? are letters here")
    page.wait_for_load_state("load")
    press("u")
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()


def test_the_keys_can_be_switched_off(open_page):
    page = open_page()
    page.get_by_role("button", name="Keyboard").click()
    page.get_by_label("These keys work on this device").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).not_to_be_focused()


def test_what_was_typed_outlives_a_reload_until_it_is_sent(open_page):
    page = open_page()
    page.get_by_role("link", name="Badge 1 is missing").click()
    page.get_by_label("Your reply").fill("Half a reply")
    page.reload()
    expect(page.get_by_label("Your reply")).to_have_value("Half a reply")
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_role("status")).to_contain_text("on its way")
    expect(page.get_by_label("Your reply")).to_have_value("")


def test_it_works_without_javascript(open_page, services):
    page = open_page(java_script_enabled=False)
    expect(page.get_by_role("button", name="Keyboard")).to_have_count(0)
    page.get_by_role("link", name="Badge 1 is missing").click()
    page.get_by_role("button", name="Take it").click()
    page.get_by_label("Your reply").fill("Here it is.")
    page.get_by_role("button", name="Resolve", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("is resolved")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/console/sign-in"))


def test_a_half_written_reply_outlives_every_other_button(open_page):
    page = open_page()
    page.get_by_role("link", name="Badge 1 is missing").click()
    page.get_by_label("Your reply").fill("Half a reply")
    page.get_by_role("button", name="Take it").click()
    expect(page.get_by_role("status").first).to_contain_text("yours")
    expect(page.get_by_label("Your reply")).to_have_value("Half a reply")
    page.get_by_text("Note for the team").click()
    page.get_by_label("Only the team sees it").fill("Ask Ben")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_label("Your reply")).to_have_value("Half a reply")
    expect(page.locator("#note")).to_have_value("")
    page.get_by_label("Tags").fill("vip")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_label("Your reply")).to_have_value("Half a reply")
    page.get_by_role("button", name="Resolve and next").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("CRT-")
    expect(page.get_by_label("Your reply")).to_have_value("")
    page.go_back()
    page.reload()
    expect(page.locator(".history")).to_contain_text("Half a reply")
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('draft'))") == []


def test_queue_and_ticket_change_without_a_reload(open_page, services):
    page = open_live(open_page)
    page.locator("[name=reference]").first.check()
    about = {"contact": "joe@example.com", "about": "A third matter is missing"}
    new = services.tickets.open(TicketRequest("r3", "c3", "site", **about))
    page.clock.run_for(25_000)
    expect(page.get_by_role("link", name="A third matter")).to_be_visible()
    expect(page.locator("[name=reference]").first).to_be_checked()
    page.get_by_role("link", name="A third matter").click()
    page.get_by_label("Your reply").fill("Half a reply")
    services.tickets.answer(new.reference, "It is urgent by now", "site")
    for _ in range(50):
        page.clock.run_for(5_000)
        page.wait_for_timeout(50)
        if page.locator(".history").get_by_text("It is urgent by now").count():
            break
    expect(page.locator(".history")).to_contain_text("It is urgent by now")
    expect(page.get_by_text("New in the history above")).to_contain_text("wrote to the team")
    expect(page.get_by_label("Your reply")).to_have_value("Half a reply")
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_role("status").first).to_contain_text("on its way")


def open_live(open_page):
    """The queue with a clock that `looks_until` moves on."""
    page = open_page()
    page.clock.install()
    page.reload()
    return page


def looks_until(page, there):
    """Lets the clock of a page run until it has found something."""
    for _ in range(100):
        page.clock.run_for(5_000)
        page.wait_for_timeout(50)  # the clock of the page stands still meanwhile
        if there.count():
            return
    expect(there).to_be_visible()


def test_all_tickets_of_the_page_are_chosen_at_once(open_page, services):
    page = open_page()
    page.get_by_label("Choose all on this page").check()
    page.get_by_label("Tags").fill("october")
    page.get_by_role("button", name="Tag", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("2 tickets are tagged")
    page.get_by_label("Choose all on this page").check()
    page.get_by_label("Choose all on this page").uncheck()
    assert not any(box.is_checked() for box in page.locator("[name=reference]").all())


def test_what_came_while_nobody_looked_is_told_to_who_comes_back(open_page, services):
    page = open_page()
    page.add_init_script("Object.defineProperty(document, 'hidden', { get: () => window.away === true })")
    page.clock.install()
    page.get_by_role("link", name="Badge 1 is missing").click()
    page.get_by_role("heading", name="CRT-").wait_for()
    page.get_by_label("Your reply").fill("Half a reply")
    looked = []
    page.on("response", lambda answer: looked.append(answer) if answer.url.endswith("/live") else None)
    page.evaluate("window.away = true")
    services.tickets.answer("CRT-2026-00001", "It is urgent by now", "site")
    looks_until(page, page.locator(".event.is-new"))
    before = len(looked)
    while len(looked) < before + 3:
        page.clock.run_for(30_000)
        page.wait_for_timeout(50)
    page.evaluate("window.away = false; document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".event.is-new")).to_contain_text("It is urgent by now")
    expect(page.get_by_text("New in the history above")).to_contain_text("wrote to the team")
    page.get_by_role("link", name="Queue", exact=True).focus()
    while page.locator("#reply-form [name=seen]").input_value() != services.tickets.get("CRT-2026-00001").version:
        page.wait_for_timeout(50)
    expect(page.get_by_text("New in the history above")).to_contain_text("wrote to the team")
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_role("status").first).to_contain_text("on its way")


def test_a_colleague_resolves_and_the_learner_opens_again_what_one_looks_at(open_page, services):
    """The reply stays, and says that it opens the ticket again; where there was none there is one."""
    page = open_page()
    page.clock.install()
    page.get_by_role("link", name="Badge 1 is missing").click()
    page.get_by_label("Your reply").fill("Half a reply")
    services.tickets.resolve("CRT-2026-00001", "ben@example.com", via="console")
    looks_until(page, page.get_by_text("A reply opens the ticket again."))
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_role("status").first).to_contain_text("is open again")
    services.tickets.resolve("CRT-2026-00001", "ben@example.com", via="console")
    page.reload()
    expect(page.get_by_label("Your reply")).to_have_count(0)
    services.tickets.answer("CRT-2026-00001", "It has not come", "site")
    looks_until(page, page.get_by_label("Your reply"))
    page.get_by_label("Your reply").fill("We look again")
    page.get_by_role("button", name="Send reply").click()
    expect(page.locator(".history")).to_contain_text("We look again")
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('draft'))") == []


def test_a_colleague_merges_what_one_looks_at(open_page, services):
    """It is told, the page shows the ticket that stays and whom a reply reaches, and what was typed is still there."""
    about = {"contact": "joe@example.com", "about": "A third matter"}
    into = services.tickets.open(TicketRequest("r3", "c3", "site", **about)).reference
    page = open_page()
    page.clock.install()
    page.get_by_role("link", name="Badge 1 is missing").click()
    page.get_by_label("Your reply").fill("Half a reply")
    services.desk.merge("CRT-2026-00001", into, "ben@example.com", "console")
    looks_until(page, page.get_by_text("ben@example.com merged the ticket with"))
    expect(page.get_by_role("heading", level=1)).to_have_text(into)
    expect(page.get_by_text("Goes by mail to")).to_contain_text("joe@example.com")
    expect(page.get_by_label("Your reply")).to_have_value("Half a reply")


def test_whom_several_are_given_to_outlives_a_change_of_the_queue(open_page, services):
    page = open_live(open_page)
    page.get_by_label("Give to").select_option(BEN)
    first = page.get_by_label("Choose CRT-").first
    first.check()
    services.tickets.open(TicketRequest("r3", "c3", "site", contact="joe@example.com", about="A third matter"))
    looks_until(page, page.get_by_role("link", name="A third matter"))
    expect(page.get_by_label("Give to")).to_have_value(BEN)
    expect(first).to_be_checked()


@pytest.mark.parametrize("held", ["Give to", "Tags", "box", "ticket"])
def test_the_queue_goes_on_while_somebody_chooses_and_keeps_choice_and_focus(open_page, services, held):
    page = open_live(open_page)
    first, second = references(services)
    page.get_by_label(f"Choose {first}").check()
    page.get_by_label(f"Choose {second}").check()
    expect(page.locator("#chosen")).to_have_text("With 2 chosen:")
    page.get_by_label("Tags").fill("octo")
    places = {"box": page.get_by_label(f"Choose {second}"), "ticket": page.get_by_role("link", name="Badge 2")}
    place = places.get(held, page.get_by_label(held))
    place.focus()
    services.tickets.open(TicketRequest("r3", "c3", "site", contact="joe@example.com", about="A third matter"))
    services.tickets.answer(second, "It is urgent by now", "site")
    looks_until(page, page.get_by_role("link", name="A third matter"))
    expect(place).to_be_focused()
    expect(page.get_by_label("Tags")).to_have_value("octo")
    for one in (first, second):
        expect(page.get_by_label(f"Choose {one}")).to_be_checked()
    expect(page.locator("#chosen")).to_have_text("With 2 chosen, 1 with news:")
    page.get_by_role("button", name="Resolve …").click()
    expect(page.get_by_text("1 of those chosen stays as it is")).to_contain_text(second)
    page.get_by_role("button", name="Resolve, and tell 1 person").click()
    expect(page.get_by_role("status").first).to_contain_text("1 ticket is resolved")
    assert [services.tickets.get(one).open for one in (first, second)] == [False, True]


def test_what_was_chosen_and_is_gone_is_told_and_the_focus_stays_in_its_place(open_page, services):
    page = open_live(open_page)
    first, second = references(services)
    page.get_by_label(f"Choose {second}").check()
    page.get_by_label(f"Choose {first}").check()
    page.get_by_role("link", name="Badge 1").focus()
    services.tickets.resolve(first, BEN, via="console")
    looks_until(page, page.get_by_text("1 chosen before is not here any more"))
    expect(page.get_by_role("link", name="Badge 2")).to_be_focused()
    expect(page.locator("#chosen")).to_contain_text("With 1 chosen (")
    page.get_by_label("Give to").focus()
    services.tickets.resolve(second, BEN, via="console")
    looks_until(page, page.get_by_text("Nothing is open. Well done."))
    expect(page.get_by_label("Give to")).to_have_count(0)
    expect(page.locator("main")).to_be_focused()


def test_news_that_somebody_has_looked_at_are_no_news_any_more(open_page, services):
    page = open_live(open_page)
    box = page.get_by_label(f"Choose {references(services)[0]}")
    box.check()
    services.tickets.answer(references(services)[0], "It is urgent by now", "site")
    looks_until(page, page.get_by_text("With 1 chosen, 1 with news:"))
    box.uncheck()
    box.check()
    expect(page.locator("#chosen")).to_have_text("With 1 chosen:")
    page.get_by_role("button", name="Resolve …").click()
    expect(page.get_by_role("button", name="Resolve, and tell 1 person")).to_be_focused()


def test_several_in_a_row_are_chosen_with_shift(open_page, services):
    for number in (3, 4, 5):
        about = {"contact": "joe@example.com", "about": f"Matter {number}"}
        services.tickets.open(TicketRequest(f"r{number}", f"c{number}", "site", **about))
    page = open_page()
    boxes = page.locator(".tickets [name=reference]")
    boxes.nth(3).click()
    boxes.nth(1).click(modifiers=["Shift"])
    assert [box.is_checked() for box in boxes.all()] == [False, True, True, True, False]
    expect(page.locator("#chosen")).to_have_text("With 3 chosen:")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_before_several_learners_get_a_mail_it_is_asked_once(open_page, services, script):
    services.tickets.open(TicketRequest("r3", "c3", "site", contact="joe@example.com", about="A third matter"))
    page = open_page(java_script_enabled=script, color_scheme="light")
    for one in references(services):
        page.get_by_label(f"Choose {one}").check()
    page.get_by_role("button", name="Resolve …").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Resolve 3 tickets?")
    expect(page.get_by_text("2 people get a mail")).to_be_visible()
    expect(page.get_by_text("one for each ticket: 3 mails.")).to_be_visible()
    assert not script or problems(page) == []
    page.get_by_role("link", name="Not yet").click()
    for one in references(services):
        expect(page.get_by_label(f"Choose {one}")).to_be_checked()
        assert services.tickets.get(one).open
    page.get_by_role("button", name="Resolve …").click()
    expect(page.get_by_role("button", name="Resolve, and tell 2 people")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("3 tickets are resolved")


def test_the_bar_of_what_can_be_done_is_at_hand_for_those_chosen_and_hides_nothing(open_page, services):
    for number in range(3, 20):
        about = {"contact": f"l{number}@example.com", "about": f"Matter {number}"}
        services.tickets.open(TicketRequest(f"r{number}", f"c{number}", "site", **about))
    page = open_page(viewport=DESK)
    resolve = page.get_by_role("button", name="Resolve …")
    expect(resolve).not_to_be_in_viewport()
    page.locator(".tickets [name=reference]").first.check()
    expect(resolve).to_be_in_viewport(ratio=1)
    bar = page.locator(".bulk")
    for _ in range(12):
        page.keyboard.press("j")
        focused = page.locator("[data-ticket]:focus").bounding_box()
        top = bar.bounding_box()["y"]
        assert focused["y"] + focused["height"] <= top


def test_what_a_colleague_has_is_not_taken_by_a_key(open_page, services):
    first = references(services)[0]
    services.tickets.claim(first, BEN, "console")
    page = open_page()
    page.goto(page.url + f"tickets/{first}")
    page.wait_for_load_state("load")
    page.keyboard.press("t")
    expect(page.get_by_role("button", name="Take it over")).to_be_focused()
    assert services.tickets.get(first).assigned_to == BEN


def test_who_is_told_that_something_is_not_filled_in_can_mend_it_at_once(open_page, services):
    page = open_page()
    page.get_by_role("link", name="Badge 1 is missing").click()
    page.get_by_label("Your reply").fill("Hello {nmae}")
    page.get_by_role("button", name="Send and next").click()
    expect(page.get_by_role("alert")).to_contain_text("{nmae} is not filled in")
    reply = page.get_by_label("Your reply")
    expect(reply).to_be_focused()
    expect(reply).to_have_value("Hello {nmae}")
    reply.fill("Hello Jane")
    page.get_by_role("button", name="Send and next").click()
    expect(page.get_by_role("status").first).to_contain_text("This is the next one")
    expect(page.get_by_label("Your reply")).to_have_value("")


def test_new_tickets_and_answers_are_heard_only_where_it_is_wished(open_page, services):
    page = open_page()
    page.add_init_script(HEARD)
    page.clock.install()
    page.reload()

    answers = []
    page.on("response", lambda answer: answers.append(answer) if answer.url.endswith("/live") else None)

    def hears(number):
        asked = len(answers)
        for _ in range(200):
            page.clock.run_for(1_000)
            page.wait_for_timeout(20)  # the clock of the page stands still meanwhile
            heard = page.evaluate("window.heard ?? 0")
            if len(answers) >= asked + 2 and heard == number:  # the first may have been on its way already
                return
        assert heard == number

    first, second = references(services)
    services.tickets.answer(first, "Hello?", "site")
    hears(0)
    page.get_by_label("Sound for new tickets and answers").check()
    hears(1)  # once, to know it
    services.desk.assign(first, ANNA, ANNA, "console")
    hears(1)
    services.tickets.open(TicketRequest("r3", "c3", "site", contact="joe@example.com", about="A third matter"))
    hears(2)
    services.tickets.answer(first, "Are you there?", "site")
    hears(3)
    page.get_by_role("link", name="Badge 1 is missing").click()
    page.get_by_role("heading", name="CRT-").wait_for()
    services.tickets.answer(second, "And mine?", "site")
    hears(1)  # of this page
    page.go_back()
    expect(page.get_by_label("Sound for new tickets and answers")).to_be_checked()


def test_the_desk_by_the_keyboard_alone(open_page, services):
    services.canned_answers.keep(CannedAnswer(0, "Sent", "Hello, {reference} is done."), ANNA)
    page = open_page()
    press = page.keyboard.press
    for key in ("j", "x", "b"):
        press(key)
    expect(page.get_by_label("Give to")).to_be_focused()
    press("Tab")
    press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("1 ticket is given away")
    page.wait_for_load_state("load")
    press("j")
    press("Enter")
    page.get_by_role("heading", name="CRT-").wait_for()
    page.wait_for_load_state("load")
    for key, place in (("p", "Priority"), ("g", "Tags"), ("s", "Put off until"), ("m", "Goes on in"), ("a", "With")):
        press(key)
        expect(page.get_by_label(place, exact=True)).to_be_focused()
        page.locator("h1").click()
    press("c")
    expect(page.get_by_label("Canned answer")).to_be_focused()
    page.keyboard.type("Sent")
    press("Tab")
    press("Enter")
    expect(page.get_by_label("Your reply")).to_have_value(re.compile("Hello, CRT-.* is done"))
    page.locator("h1").click()
    press("e")
    press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("This is the next one")
