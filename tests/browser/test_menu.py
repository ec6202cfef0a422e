"""What the widget's header and menu offer beside the conversation, and in which language."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_chat import ask, conversation, greeted

HEARD = """
class Tone {
  frequency = {};
  connect(to) { return to; }
  start() { window.heard = (window.heard ?? 0) + 1; }
  stop() {}
}
window.AudioContext = class {
  currentTime = 0;
  createOscillator() { return new Tone(); }
  createGain() {
    const gain = { setValueAtTime() {}, exponentialRampToValueAtTime() {} };
    return { gain, connect(to) { return to; } };
  }
  resume() { return Promise.resolve(); }
};
"""


def press(page, name):
    page.get_by_label("More").click()
    page.locator(".menu").get_by_role("button", name=name).click()


def test_a_person_is_always_in_sight_with_when_one_will_hear_back(page, services, monkeypatch):
    monkeypatch.setattr(services.answer_times, "_usual", "one working day")
    greeted(page)
    page.get_by_role("button", name="Write to the team").click()
    form = page.get_by_role("form", name="Write to the certification team")
    expect(form).to_contain_text("An answer usually comes within one working day.")
    expect(form).not_to_contain_text("does not answer")
    form.get_by_label("Your e-mail address").fill("jane@example.com")
    form.get_by_label("What is it about?").fill("a person, please")
    form.get_by_role("button", name="Send to the team").click()
    expect(page.get_by_role("log")).to_contain_text("Your reference is CRT-")
    (ticket,), _ = services.tickets.find()
    assert ticket.reason.value == "requested"


def test_without_a_proven_address_the_mail_of_the_conversation_says_how_to_prove_one(page):
    greeted(page)
    page.get_by_label("More").click()
    page.get_by_role("button", name="Send conversation by e-mail").click()
    expect(page.locator("credential-assistant").get_by_role("status")).to_contain_text("type the code")


def test_sound_and_title_tell_of_news_only_where_it_is_wished(context, host):
    page = context.new_page()
    page.add_init_script(HEARD)
    page.goto(host(" data-open"))
    greeted(page)
    page.get_by_label("More").click()
    wish = page.get_by_role("button", name="Sound and title for news")
    expect(wish).to_have_attribute("aria-pressed", "false")
    wish.click()
    assert page.evaluate("window.heard") == 1  # it is heard once, to know it
    page.get_by_label("Close the chat").click()
    page.evaluate("""() => document.querySelector("credential-assistant").conversation.tell("news")""")
    assert page.title() == "(1) Host"
    assert page.evaluate("window.heard") == 2
    page.get_by_role("button", name="Open the chat").click()
    assert page.title() == "Host"


def test_the_widget_speaks_german_where_that_is_asked_for_and_answers_stay_english(context, host):
    page = context.new_page()
    page.goto(host(" data-open", query="?language=de"))
    expect(page.get_by_role("log")).to_contain_text("Hello!")
    page.get_by_label("Ihre Frage").fill("geht das?")
    page.get_by_role("button", name="Senden", exact=True).click()
    expect(page.get_by_role("log", name="Unterhaltung")).to_contain_text("You said: geht das?")
    panel = page.get_by_role("dialog", name="Assistent für digitale Nachweise")
    expect(panel).to_have_attribute("lang", "de")
    expect(panel).to_have_attribute("dir", "ltr")
    expect(page.locator(".day")).to_have_text("heute")
    expect(page.locator(".item.bot .bubble").last).to_have_attribute("lang", "en")


def test_earlier_conversations_are_read_after_the_address_is_proven(page, services):
    greeted(page)
    ask(page, "which <b>company</b> is it?")
    expect(page.get_by_role("log")).to_contain_text("You said: which")
    before = conversation(services)
    services.identity.prove_by_profile(before, "jane@example.com")
    page.get_by_label("More").click()
    page.get_by_role("button", name="Start again").click()
    expect(page.locator("credential-assistant").get_by_role("status").first).to_contain_text("new conversation")
    page.get_by_label("More").click()
    page.get_by_role("button", name="Past conversations").click()
    past = page.get_by_role("region", name="Past conversations")
    expect(past.get_by_role("status")).to_contain_text("type the code")
    expect(past.get_by_role("group")).to_have_count(0)
    page.keyboard.press("Escape")
    services.identity.prove_by_profile(conversation(services), "jane@example.com")
    page.get_by_label("More").click()
    page.get_by_role("button", name="Past conversations").click()
    one = past.get_by_role("group").filter(has_text="which <b>company</b> is it?")
    expect(one).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(one).to_contain_text("Assistant: Hello! Ask me.")
    expect(one).to_contain_text("You: which <b>company</b> is it?")
    expect(one.get_by_role("button")).to_have_count(0)
    past.get_by_role("button", name="Back to the chat").click()
    expect(page.get_by_label("Your question")).to_be_focused()


@pytest.mark.parametrize("instead", ["Search the answers", "Past conversations"])
def test_what_the_menu_does_is_told_also_where_something_else_is_shown(page, instead):
    greeted(page)
    press(page, instead)
    press(page, "Send conversation by e-mail")
    told = page.locator(".status")
    expect(told).to_contain_text("type the code")
    expect(told).to_be_visible()
    press(page, "Start again")
    expect(page.get_by_role("region", name=instead)).to_have_count(0)
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def test_after_the_search_the_form_that_was_begun_is_gone_on_with(page):
    greeted(page)
    page.get_by_role("button", name="Write to the team").first.click()
    press(page, "Search the answers")
    page.keyboard.press("Escape")
    page.keyboard.type("jane@example.com")
    expect(page.get_by_label("Your e-mail address")).to_have_value("jane@example.com")


@pytest.mark.parametrize("work", ["Copy conversation", "Send conversation by e-mail"])
def test_after_the_menu_the_keyboard_goes_on_where_it_was(page, work):
    greeted(page)
    page.get_by_label("More").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name=work).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".status")).not_to_be_empty()
    expect(page.get_by_label("More")).to_be_focused()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (667, 375), (320, 256)])
def test_all_of_the_menu_can_be_reached_however_small_the_window(context, host, width, height):
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": height})
    page.goto(host(" data-open"))
    greeted(page)
    page.get_by_label("More").click()
    last = page.get_by_role("button", name="Start again")
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport(ratio=1)
    expect(page.get_by_label("Close the chat")).to_be_in_viewport(ratio=1)  # the chat itself has not been moved
