"""A working day at the desk: thirty tickets of all kinds, three colleagues, and learners who answer meanwhile.

Pictures of its pages, on a desk and on a phone, light and dark, lie in the temporary folder of the test.
"""

import datetime
import re

import pytest
from playwright.sync_api import expect

from bot import bootstrap
from bot.issuance.record import Completion
from bot.issuance.store import CompletionStore
from bot.settings import Settings
from bot.tickets.store import tickets as ticket_table
from bot.tickets.ticket import HandoverReason, Line, Priority, State, TicketRequest
from tests.attachments.files import pdf, phone_picture
from tests.browser.conftest import MILLISECONDS
from tests.browser.test_chat import ask, greeted
from tests.conftest import SECRET
from tests.servers.staff import ANNA, BEN, CHARLIE, Mailbox
from tests.tickets.test_replies import Folder, incoming, signed

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
SCAN = {"name": "scan of my certificate.pdf", "mimeType": "application/pdf", "buffer": pdf()}
PHOTO = {"name": "dashboard.jpg", "mimeType": "image/jpeg", "buffer": phone_picture((320, 200))}
REPLIES = "tickets@help.example.com"
# What learners want: the reason, the stages of their credentials, and their words.
MATTERS = (
    (HandoverReason.OVERDUE, ("overdue",), "My Level 2 badge is overdue since two weeks"),
    (HandoverReason.REQUESTED, ("revoked",), "Why was my certification revoked?"),
    (HandoverReason.REQUESTED, ("training_not_completed",), "My badge is missing"),
    (HandoverReason.NEAR_MISS, (), "Can my company see my badges?"),
    (HandoverReason.NOT_UNDERSTOOD, (), "It says something else than my colleague's"),
)


@pytest.fixture()
def maildir(tmp_path):
    return Folder(tmp_path / "replies")


@pytest.fixture()
def settings(tmp_path, rasa, maildir):
    return Settings.load(
        {
            "SITE_SECRET_KEY": SECRET,
            "DATABASE_URL": f"sqlite:///{tmp_path}/bot.db",
            "ATTACHMENTS_URL": f"folder:{tmp_path}/attachments",
            "RASA_URL": rasa.url,
            "STAFF_EMAILS": f"{ANNA},{BEN},{CHARLIE}",
            "REPLY_ADDRESS": REPLIES,
            "REPLIES_URL": maildir.url,
        }
    )


@pytest.fixture()
def services(settings):
    return bootstrap.build(settings)


class Day:
    """The site, its learners, and a browser for each colleague."""

    def __init__(self, services, browser, address, maildir):
        self.services, self.browser, self.address, self.maildir = services, browser, address, maildir
        self.mailbox, self.contexts, self.references = Mailbox(services.database), [], []

    def open(self, path="", **options):
        """A page of a browser that nobody else uses."""
        self.contexts.append(self.browser.new_context(**options))
        page = self.contexts[-1].new_page()
        page.set_default_timeout(MILLISECONDS)
        page.goto(f"{self.address}{path}")
        return page

    def sign_in(self, who, **options):
        page = self.open("/console/", viewport=DESK, **options)
        page.get_by_label("Your e-mail address").fill(who)
        page.keyboard.press("Enter")
        page.get_by_label("Code from the mail").wait_for()
        page.get_by_label("Code from the mail").fill(self.mailbox.code(who))
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Queue").wait_for()
        return page

    def comes_in(self, number, channel="site", **more):
        """A ticket by the assistant, whose learner has a conversation and has proven the address."""
        reason, stages, words = MATTERS[number % len(MATTERS)]
        contact, talk = f"learner{number}@example.com", f"talk-{number}"
        self.services.store.create(talk, channel, self.services.clock())
        said = (Line("user", words), Line("bot", "I look it up: **not issued**, as far as I can see."))
        asked = TicketRequest(
            key=f"r{number}",
            conversation_id=talk,
            channel=channel,
            **{"contact": contact, "proven": (contact,), "about": f"{words} ({number})", **more},
            reason=reason,
            stages=stages,
            credentials=("OneStream Level 2",),
            transcript=said,
        )
        self.references.append(self.services.tickets.open(asked).reference)
        return self.references[-1]

    def is_late(self, reference, days=9):
        """As if it had come in days ago."""
        tickets, now = self.services.tickets, self.services.clock()
        earlier = now - datetime.timedelta(days=days)
        old = ticket_table.update().where(ticket_table.c.reference == reference)
        with self.services.database.transaction() as connection:
            connection.execute(old.values(created_at=earlier, since=earlier, updated_at=earlier))
            found = tickets.store.get(connection, reference)
            connection.execute(old.values(due_at=tickets.level.due(found)))

    def mails(self, number, reference, text, files=()):
        """A learner answers by mail."""
        subject = f"Re: [{reference}]"
        mail = incoming(f"learner{number}@example.com", signed(reference), text, f"<{number}@example.com>", subject)
        for name, content in files:
            mail.add_attachment(content, maintype="application", subtype="pdf", filename=name)
        self.maildir.add(bytes(mail))
        self.services.replies.poll()

    def state(self, reference):
        return self.services.tickets.get(reference).state


@pytest.fixture()
def day(services, browser, address, maildir):
    working = Day(services, browser, address, maildir)
    yield working
    for context in working.contexts:
        context.close()


def told(page):
    """What the console says has been done."""
    return page.get_by_role("status").first


def go_to(page, reference):
    page.get_by_role("link", name="Queue", exact=True).click()
    page.get_by_role("searchbox").fill(reference)
    page.keyboard.press("Enter")
    found = page.locator(f"a[data-ticket][href*='{reference}']")
    elsewhere = page.locator(".empty").get_by_role("link", name="Search all tickets")  # where it is not open any more
    expect(found.or_(elsewhere)).to_be_visible()
    if elsewhere.is_visible():
        elsewhere.click()
    found.click()
    page.get_by_role("heading", name=reference).wait_for()


def choose(page, references):
    for reference in references:
        page.get_by_label(f"Choose {reference}").check()


def tickets_come_in(day):
    """Thirty: twelve by chat, nine by Slack, eight by the form, and one by the form of the widget with a file."""
    for number in range(12):
        day.comes_in(number)
    for number in range(12, 20):
        day.comes_in(number, "slack")
    day.comes_in(20, "slack", contact="learner3@example.com", proven=("learner3@example.com",))
    for number in range(21, 29):
        form = {"email": f"learner{number}@example.com", "about": f"I got somebody else's badge ({number})"}
        context = day.browser.new_context()
        answer = context.request.post(f"{day.address}/api/tickets", data=form)
        day.references.append(answer.json()["reference"])
        context.close()
    for reference in day.references[:3]:
        day.is_late(reference)
    leila = day.open(viewport=PHONE, has_touch=True, is_mobile=True)
    greeted(leila)
    leila.get_by_role("button", name="Write to the team").first.click()
    leila.get_by_label("Your e-mail address").fill("leila@example.com")
    leila.get_by_label("What is it about?").fill("My name is wrong on the badge.")
    leila.get_by_label("Pictures or PDF").set_input_files([SCAN, PHOTO])
    leila.get_by_role("button", name="Send to the team").click()
    expect(leila.get_by_role("log")).to_contain_text("Your reference is CRT-")
    day.references.append(re.search(r"CRT-\d+-\d+", leila.get_by_role("log").inner_text())[0])
    return leila


def anna_gives_out_the_work(anna, day):
    """What is overdue stands first; three go to Ben, two that are done are resolved and their learners told."""
    expect(anna.get_by_role("link", name="Open 30")).to_be_visible()
    first = anna.locator("tr", has=anna.locator("[data-ticket]")).first
    for due in ("Answer due", "Resolution due"):
        expect(first.locator(f"[data-label='{due}']")).to_contain_text("late")
    choose(anna, day.references[:3])
    anna.get_by_label("Give to").select_option(BEN)
    anna.get_by_role("button", name="Give", exact=True).click()
    expect(told(anna)).to_contain_text("3 tickets are given away")
    choose(anna, day.references[8:10])
    anna.get_by_role("button", name="Resolve …").click()
    anna.get_by_role("button", name="Resolve, and tell 2 people").click()
    expect(told(anna)).to_contain_text("2 tickets are resolved")
    choose(anna, day.references[12:14])
    anna.get_by_label("Tags").fill("slack partner")
    anna.get_by_role("button", name="Tag", exact=True).click()
    expect(told(anna)).to_contain_text("2 tickets are tagged")
    expect(anna.get_by_role("link", name="#partner")).to_be_visible()


def anna_answers_with_a_file(anna, leila, day):
    """A canned answer in the learner's words, changed, with a file that reaches the chat."""
    mine = day.references[29]
    go_to(anna, mine)
    expect(anna.get_by_role("list", name="Files")).to_contain_text(SCAN["name"])
    expect(anna.get_by_role("img", name=PHOTO["name"])).to_be_visible()
    anna.get_by_label("Priority").select_option("high")
    anna.get_by_role("button", name="Set").click()
    expect(told(anna)).to_contain_text("priority is changed")
    anna.get_by_label("Canned answer").select_option(label="How should your name read?")
    anna.get_by_role("button", name="Put in").click()
    expect(anna.get_by_label("Your reply")).to_have_value(re.compile(r"^Hello,\n\nwe gladly look at the name on"))
    anna.get_by_label("Your reply").press("Control+End")
    anna.keyboard.type(" This is how it reads now:")
    anna.get_by_label("Pictures or PDF").set_input_files([{**SCAN, "name": "badge.pdf"}])
    anna.get_by_role("button", name="Send reply").click()
    expect(told(anna)).to_contain_text("on its way")
    expect(anna.locator(".event.replied .files")).to_contain_text("badge.pdf")
    expect(leila.locator(".item.staff")).to_contain_text("This is how it reads now:")
    expect(leila.locator(".item.staff .file")).to_contain_text("badge.pdf")


def ben_works_through_his_queue(ben, day):
    """The record's name in a canned answer, one ticket after the other, two of one person made one."""
    first, second, third = day.references[:3]
    ben.get_by_role("link", name="Mine").click()
    expect(ben.locator("[data-ticket]")).to_have_count(3)
    go_to(ben, first)
    ben.get_by_label("Canned answer").select_option(label="Issued now")
    ben.get_by_role("button", name="Put in").click()
    expect(ben.get_by_label("Your reply")).to_have_value(re.compile(f"Hello Ada,\n\nOneStream Level 2.*{first}", re.S))
    ben.goto(f"{day.address}/console/?owner=me")
    ben.locator(f"a[data-ticket][href*='{first}']").click()
    ben.get_by_role("button", name="Resolve and next").click()
    expect(told(ben)).to_contain_text(f"{first} is resolved")
    expect(ben.get_by_role("heading", level=1)).to_have_text(second)
    ben.get_by_label("Your reply").fill("It was revoked as the exam was taken twice. Which one counts for you?")
    ben.get_by_role("button", name="Send reply").click()
    expect(told(ben)).to_contain_text("on its way")
    go_to(ben, third)
    ben.get_by_text("Note for the team").click()
    ben.get_by_label("Only the team sees it").fill("Asked Credly about it.")
    ben.get_by_role("button", name="Keep the note").click()
    expect(told(ben)).to_contain_text("note is kept")


def charlie_orders_things(charlie, day):
    """One is put off, and two of one person become one."""
    go_to(charlie, day.references[4])
    charlie.get_by_role("button", name="Take it").click()
    expect(told(charlie)).to_contain_text("yours")
    until = datetime.date.today() + datetime.timedelta(days=5)
    charlie.get_by_label("Put off until").fill(until.isoformat())
    charlie.get_by_role("button", name="Snooze").click()
    expect(told(charlie)).to_contain_text("put off")
    charlie.get_by_role("link", name="Queue", exact=True).click()
    charlie.get_by_role("searchbox").fill("learner3@example.com")
    charlie.keyboard.press("Enter")
    expect(charlie.locator("[data-ticket]")).to_have_count(2)
    charlie.locator(f"a[data-ticket][href*='{day.references[20]}']").click()
    charlie.get_by_role("listitem").filter(has_text=day.references[3]).get_by_role("button", name="Merge").click()
    expect(charlie.get_by_role("heading", level=1)).to_have_text(day.references[3])
    expect(charlie.get_by_text(f"{day.references[20]}, merged into this one")).to_be_visible()


def learners_answer(day, anna, ben, leila):
    """By chat and by mail, to tickets that wait, are put off, merged and resolved; colleagues see it at once."""
    resolved, waiting, asleep, merged = (day.references[number] for number in (0, 1, 4, 20))
    anna.goto(f"{day.address}/console/")
    go_to(ben, waiting)
    ben.get_by_label("Your reply").fill("Half a reply")
    day.mails(1, waiting, "The one of October.", [("both exams.pdf", pdf())])
    day.mails(0, resolved, "It has not come after all.")
    day.mails(3, merged, "I have written twice, sorry.")
    day.services.tickets.answer(asleep, "It is urgent by now.", "site")
    ask(leila, "thank you!")
    expect(ben.locator(".history")).to_contain_text("The one of October.")
    expect(ben.locator(".history .files")).to_contain_text("both exams.pdf")
    expect(ben.get_by_text("New in the history above")).to_contain_text("wrote to the team")
    expect(ben.get_by_label("Your reply")).to_have_value("Half a reply")
    row = anna.locator("tr", has=anna.locator(f"[href*='{resolved}']"))
    expect(row).to_contain_text("Reopened")
    expect(anna.locator("tr", has=anna.locator(f"[href*='{asleep}']"))).to_contain_text("charlie")


def in_pictures(day, page, leila, folder):
    """Queue, ticket, page of the team and chat, on a desk and on a phone, light and dark; none is wider than that."""
    leila.get_by_role("button", name="Write to the team").first.click()
    pages = {"queue": "", "ticket": f"tickets/{day.references[29]}", "team": "team", "chat": None}
    for name, path in pages.items():
        page = leila if path is None else page
        if path is not None:
            page.goto(f"{day.address}/console/{path}")
        for size, at in {"desk": DESK, "phone": PHONE}.items():
            page.set_viewport_size(at)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                page.screenshot(path=folder / f"{name}-{size}-{scheme}.png", full_page=True)
            wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, (name, size, wide)


def at_the_end(day, anna, ben, charlie):
    """Where every ticket stands, and what each colleague sees of it."""
    answered = {0: State.REOPENED, 1: State.ASSIGNED, 2: State.ASSIGNED, 4: State.ASSIGNED}
    expected = {**dict.fromkeys(range(30), State.NEW), **answered}
    expected |= {8: State.RESOLVED, 9: State.RESOLVED, 29: State.WAITING}
    found = {number: day.state(reference) for number, reference in enumerate(day.references)}
    assert found == expected
    services = day.services
    assert services.tickets.get(day.references[20]).reference == day.references[3]
    assert services.tickets.get(day.references[4]).snoozed_until is None
    assert services.tickets.get(day.references[29]).priority is Priority.HIGH
    mine = {"anna": [29], "ben": [0, 1, 2], "charlie": [4]}
    for name, page in {"anna": anna, "ben": ben, "charlie": charlie}.items():
        page.goto(f"{day.address}/console/?owner=me&state=all")
        shown = page.locator("[data-ticket]").evaluate_all("all => all.map(({ href }) => href)")
        assert sorted(re.search(r"CRT-\d+-\d+", one)[0] for one in shown) == [day.references[n] for n in mine[name]]
    anna.goto(f"{day.address}/console/team")
    all_of_them = anna.get_by_role("region", name="Figures by reason").get_by_role("row", name=re.compile("^All"))
    expect(all_of_them.get_by_role("cell").first).to_have_text("29")  # two of them are one
    letters = [mail for number in (0, 1) for mail in day.mailbox.to(f"learner{number}@example.com")]
    assert any("exam was taken twice" in mail.text for mail in letters)
    assert any("Hello Ada" in mail.text for mail in letters)


def test_a_working_day(day, tmp_path):
    record = Completion("learner0@example.com", "level 2", "OneStream Level 2", 100, None, "passed", "Ada")
    CompletionStore(day.services.database).add([record])
    day.services.canned_answers.load_samples()
    leila = tickets_come_in(day)
    anna, ben, charlie = (day.sign_in(who) for who in (ANNA, BEN, CHARLIE))
    anna_gives_out_the_work(anna, day)
    anna_answers_with_a_file(anna, leila, day)
    ben_works_through_his_queue(ben, day)
    charlie_orders_things(charlie, day)
    learners_answer(day, anna, ben, leila)
    at_the_end(day, anna, ben, charlie)
    in_pictures(day, anna, leila, tmp_path)
