import threading

from playwright.sync_api import expect


def test_ask_press_a_button_reload(page):
    log = page.get_by_role("log")
    expect(log).to_contain_text("Hello!")
    page.get_by_role("button", name="My badge is missing").click()
    expect(log).to_contain_text("You said: /ambiguous/missing_badge")
    page.get_by_label("Your question").fill("who can see my badge?")
    page.keyboard.press("Enter")
    expect(log).to_contain_text("You said: who can see my badge?")
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("You said: who can see my badge?")


def test_typed_html_stays_text(page):
    page.get_by_label("Your question").fill('<img src=x onerror="window.hacked=1">')
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("You said:")
    assert page.evaluate("window.hacked") is None
    assert page.locator("credential-assistant img").count() == 0


def test_when_the_assistant_fails_one_can_try_again(page, rasa):
    expect(page.get_by_role("log")).to_contain_text("Hello!")
    rasa.fail = True
    page.get_by_label("Your question").fill("are you there?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    rasa.fail = False
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("log")).to_contain_text("You said: are you there?")


def test_the_focus_stays_in_the_question_field(page):
    expect(page.get_by_role("log")).to_contain_text("Hello!")
    page.get_by_label("Your question").fill("who can see my badge?")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("log")).to_contain_text("You said:")
    expect(page.get_by_label("Your question")).to_be_focused()


def test_a_long_answer_is_shown_from_its_beginning(page, rasa):
    expect(page.get_by_role("log")).to_contain_text("Hello!")
    rasa.replies = [{"text": "First line.\n\n" + "more\n\n" * 60, "buttons": [], "utterance": "utter_x"}]
    page.get_by_label("Your question").fill("tell me everything")
    page.keyboard.press("Enter")
    expect(page.get_by_text("First line.", exact=True)).to_be_in_viewport()


def test_a_question_sent_while_the_greeting_loads_is_not_lost(page, rasa):
    plainly, sent = rasa.answer, threading.Event()
    rasa.answer = lambda body: (sent.wait(60), plainly(body))[1]
    page.context.clear_cookies()
    page.reload()
    page.get_by_label("Your question").fill("am I early?")
    page.keyboard.press("Enter")
    sent.set()
    expect(page.get_by_role("log")).to_contain_text("You said: am I early?")
