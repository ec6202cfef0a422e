"""The console in a browser: open to everyone, by the keyboard alone, and without JavaScript."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

import bot.clock
from bot import bootstrap
from bot.conversations.store import Message
from bot.tickets.ticket import Line, TicketRequest
from tests.servers.staff import ANNA, Mailbox

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}


@pytest.fixture()
def services(settings):
    built = bootstrap.build(settings.copy(update={"staff_emails": frozenset({ANNA})}))
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
        page.set_default_timeout(10_000)
        page.goto(f"{address}/console/")
        if signed_in:
            page.get_by_label("Your e-mail address").fill(ANNA)
            page.keyboard.press("Enter")
            page.get_by_label("Code from the mail").wait_for()
            page.get_by_label("Code from the mail").fill(Mailbox(services.database).code(ANNA))
            page.keyboard.press("Enter")
            page.get_by_role("heading", name="Queue").wait_for()
        return page

    yield open_
    for context in contexts:
        context.close()


def problems(page):
    page.wait_for_load_state("load")  # its style and script too
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return [violation["id"] for violation in Axe().run(page).response["violations"]] + ["too wide"] * wide


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_is_open_to_everyone(open_page, services, scheme, size):
    page = open_page(color_scheme=scheme, viewport=size)
    found = {"queue": problems(page)}
    page.get_by_role("link", name="Badge 2 is missing").click()
    page.get_by_role("button", name="Take it").click()
    page.get_by_label("Your reply").fill("We look into it.")
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_role("status")).to_contain_text("on its way")
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
    for name in ("Analytics", "Review"):
        page.goto(page.url.split("/console")[0] + "/console/")
        page.get_by_role("link", name=name).click()
        page.get_by_role("heading", level=1).wait_for()
        found[name] = problems(page)
    page.get_by_role("button", name="Sign out").click()
    found["sign-in"] = problems(page)
    assert not any(found.values()), found


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
    page.get_by_role("button", name="Resolve").click()
    expect(page.get_by_role("status")).to_contain_text("is resolved")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/console/sign-in"))
