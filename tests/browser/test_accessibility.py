import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from bot.clock import now
from bot.conversations.store import Message
from tests.browser.conftest import in_dark
from tests.browser.test_chat import conversation, greeted

ANSWER = {
    "text": "- one [link](https://www.credly.com)\n- two",
    "buttons": [{"title": "Look it up", "payload": "/check_issuance_status"}],
    "utterance": "utter_faq/missing_micro_credential",
}
BEFORE = "0b6f6d4e-3a0f-4f2e-9a59-0c7f6d2b8a11"  # the id of a conversation
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def violations(page):
    """What breaks a rule; in dark colours a rule of colours."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in [*found, *in_dark(page)]]


def answered(page, rasa):
    expect(page.get_by_role("log")).to_contain_text("Hello!")
    rasa.replies = [ANSWER]
    page.get_by_label("Your question").fill("where is it?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Was this helpful?")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 360])
def test_page_and_chat_break_no_rule(page, rasa, width):
    page.set_viewport_size({"width": width, "height": 800})
    answered(page, rasa)
    page.get_by_text("Who is Credly?", exact=True).click()
    assert violations(page) == []


@pytest.mark.parametrize("path", ["/faq/what-is-credly", "/?q=expired", "/?q=nothingtofind"])
def test_the_other_pages_break_no_rule(page, address, path):
    page.goto(address + path)
    assert violations(page) == []


def test_the_form_of_the_team_and_the_menu_break_no_rule(page, rasa):
    expect(page.get_by_role("log")).to_contain_text("Hello!")
    rasa.fail = True
    page.get_by_label("Your question").fill("hello")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="write to the team", exact=True).click()
    page.get_by_label("More").click()
    assert violations(page) == []


def test_earlier_conversations_break_no_rule(page, services):
    greeted(page)
    services.identity.prove_by_profile(conversation(services), "jane@example.com")
    services.store.create(BEFORE, "site", now())
    services.store.add(BEFORE, Message.new("user", "which company is it?", now=now()))
    services.identity.prove_by_profile(BEFORE, "jane@example.com")
    page.get_by_label("More").click()
    page.get_by_role("button", name="Past conversations").click()
    expect(page.get_by_text("which company is it?")).to_be_visible()
    page.get_by_text("which company is it?").click()
    assert violations(page) == []


def test_a_learner_gets_everywhere_by_the_keyboard_alone(page, services):
    """From a question to the menu, the answers, and the form to the team, without a mouse."""
    greeted(page)
    press = page.keyboard.press
    page.get_by_label("Your question").focus()
    page.keyboard.type("who can see my badge?")
    press("Enter")
    expect(page.get_by_role("log")).to_contain_text("You said: who can see")
    press("Tab")
    expect(page.get_by_role("button", name="Add a picture or PDF")).to_be_focused()
    for _ in range(3):
        press("Shift+Tab")  # past the question and the conversation
    expect(page.get_by_label("More")).to_be_focused()
    press("Enter")
    press("Tab")
    press("Enter")
    expect(page.get_by_label("What are you looking for?")).to_be_focused()
    press("Escape")
    expect(page.get_by_label("Your question")).to_be_focused()
    page.get_by_label("More").focus()
    press("Shift+Tab")
    press("Enter")
    expect(page.get_by_label("Your e-mail address")).to_be_focused()
    page.keyboard.type("jane@example.com")
    press("Tab")
    page.keyboard.type("My name is wrong.")
    press("Tab")
    expect(page.get_by_label("Pictures or PDF")).to_be_focused()
    press("Tab")
    press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Your reference is CRT-")
    assert len(services.tickets.filed_by(["jane@example.com"])) == 1


def test_everything_can_be_reached_by_the_keyboard(page, rasa):
    answered(page, rasa)
    page.get_by_label("Your question").focus()
    names = []
    for _ in range(6):
        page.keyboard.press("Shift+Tab")
        names.append(page.evaluate("document.activeElement.shadowRoot?.activeElement?.textContent ?? 'outside'"))
    assert names[:4] == ["No", "Yes", "Look it up", "link"]
    page.get_by_label("Your question").focus()
    for _ in range(3):
        page.keyboard.press("Shift+Tab")
    rasa.replies = None
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("You said: /check_issuance_status")


def test_new_answers_are_spoken_once_and_ones_own_words_never(page, rasa):
    answered(page, rasa)
    spoken = page.locator("[aria-live=polite]").filter(has_text="Assistant: one link")
    expect(spoken).to_have_count(1)
    expect(page.locator("[aria-live=polite]").filter(has_text="where is it?")).to_have_count(0)


def test_at_400_percent_nothing_is_cut_off(page, rasa):
    page.set_viewport_size({"width": 320, "height": 256})
    answered(page, rasa)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    expect(page.get_by_label("Your question")).to_be_visible()


def test_the_replies_to_choose_from_are_spoken_with_the_answer(page, rasa):
    answered(page, rasa)
    spoken = page.locator("[aria-live=polite]").filter(has_text="Suggested replies: Look it up")
    expect(spoken).to_have_count(1)
