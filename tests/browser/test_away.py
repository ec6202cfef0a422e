"""What the widget says and does while the assistant, or the whole site, is away, and that it goes on by itself."""

import datetime
import re
import threading

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

import bot.clock
from tests.browser.test_chat import FAQ, ask, conversation, greeted


def status(page):
    return page.locator("credential-assistant").get_by_role("status")


def said(rasa):
    return "\n".join(body.get("text", "") for _, body in rasa.requests)


def test_while_the_assistant_is_away_the_widget_says_what_works(page, rasa, services):
    greeted(page)
    rasa.fail = True
    ask(page, "my badge is missing")
    expect(status(page)).to_contain_text("The assistant is having a short break.")
    expect(page.locator(".problem")).to_contain_text("Not sent yet.")
    expect(page.locator("credential-assistant")).not_to_contain_text("network")
    search = page.get_by_role("link", name="search the answers")
    search.click()
    expect(page).to_have_url(re.compile(r"/#search$"))
    expect(page.locator("#search")).to_be_in_viewport()
    page.get_by_role("button", name="write to the team", exact=True).click()
    expect(page.get_by_label("What is it about?")).to_have_value("my badge is missing")


def test_what_is_said_of_it_covers_no_message(page, rasa):
    greeted(page)
    for number in range(8):  # more than the view holds
        ask(page, f"question {number}")
        expect(page.get_by_role("log")).to_contain_text(f"You said: question {number}")
    rasa.fail = True
    ask(page, "my badge is missing")
    expect(status(page)).to_contain_text("The assistant is having a short break.")
    expect(page.get_by_role("button", name="Try again")).to_be_in_viewport(ratio=1)


def test_a_message_is_sent_by_itself_once_the_assistant_is_back(page, rasa):
    greeted(page)
    rasa.fail = True
    for text in ("my badge", "is missing"):
        ask(page, text)
    expect(page.locator(".problem")).to_have_count(2)
    rasa.requests.clear()
    rasa.fail = False
    expect(page.get_by_role("log")).to_contain_text("You said: ")
    expect(page.locator(".problem")).to_have_count(0)
    expect(status(page)).to_be_empty()
    assert [said(rasa).count(text) for text in ("my badge", "is missing")] == [1, 1]


def test_it_is_said_once_however_often_it_is_tried(page, rasa):
    greeted(page)
    rasa.fail = True
    ask(page, "hello?")
    expect(page.locator(".problem")).to_have_count(1)
    page.evaluate(
        """() => {
          window.changes = 0;
          const root = document.querySelector("credential-assistant").shadowRoot;
          const seen = (list) => { window.changes += list.filter(({ addedNodes }) => addedNodes.length).length; };
          for (const area of root.querySelectorAll("[aria-live=polite], [role=status]"))
            new MutationObserver(seen).observe(area, { childList: true, subtree: true });
        }"""
    )
    tried = len(rasa.requests)
    with page.expect_response("**/api/messages"):
        pass
    with page.expect_response("**/api/messages"):
        pass
    assert len(rasa.requests) > tried
    assert page.evaluate("window.changes") == 0
    expect(page.locator(".typing")).to_have_count(0)


def test_a_message_that_is_refused_meanwhile_does_not_keep_the_others_waiting(page, rasa):
    greeted(page)
    rasa.fail = True
    for text in ("the first", "the second"):
        ask(page, text)
    expect(page.locator(".problem")).to_have_count(2)

    def refuse(route):
        if "the first" in (route.request.post_data or ""):
            return route.fulfill(status=400, json={"error": {"code": "malformed", "message": "That cannot be sent."}})
        return route.continue_()

    page.route("**/api/messages", refuse)
    rasa.fail = False
    expect(page.locator(".problem")).to_have_count(1)
    expect(page.locator(".problem")).to_contain_text("Not sent. That cannot be sent.")
    expect(page.get_by_role("log")).to_contain_text("the second")
    expect(status(page)).to_be_empty()


def test_with_the_assistant_away_from_the_start_the_greeting_comes_later(context, address, rasa):
    rasa.fail = True
    page = context.new_page()
    page.clock.install()
    page.clock.pause_at(bot.clock.now() + datetime.timedelta(minutes=1))  # from here on it passes as the test says
    page.goto(address)
    expect(status(page)).to_contain_text("The assistant is having a short break.")
    for number, text in enumerate(("are you there?", "anybody?"), 1):
        page.clock.run_for(900)
        ask(page, text)
        expect(page.locator(".problem")).to_have_count(number)
    rasa.fail = False
    page.clock.run_for(200)  # the two seconds after the first one: what is sent meanwhile makes the next try no later
    expect(page.get_by_role("log")).to_contain_text("Hello!")
    page.clock.resume()
    expect(page.get_by_role("log")).to_contain_text("You said: are you there?")
    expect(status(page)).to_be_empty()


@pytest.mark.parametrize("status_code", [429, 500])
def test_a_refusal_in_between_does_not_end_the_tries(context, address, rasa, status_code):
    """Many widgets come back at once when the assistant does: some are told to wait."""
    rasa.fail = True
    page = context.new_page()
    page.goto(address)
    expect(status(page)).to_contain_text("The assistant is having a short break.")
    refused = []

    def refuse_once(route):
        if refused:
            return route.continue_()
        refused.append(route.request.url)
        return route.fulfill(
            status=status_code, json={"error": {"code": "too_many", "message": "Please wait a minute."}}
        )

    page.route("**/api/conversations", refuse_once)
    rasa.fail = False
    expect(page.get_by_role("log")).to_contain_text("Hello!")
    assert refused
    expect(status(page)).to_be_empty()


def test_to_start_again_while_it_is_away_does_not_end_the_tries(page, rasa):
    greeted(page)
    rasa.fail = True
    ask(page, "my badge")
    expect(page.locator(".problem")).to_have_count(1)
    held = []

    def hold_the_next(route):
        if held or route.request.method != "POST":
            return route.continue_()
        return held.append(route)

    page.route("**/api/messages", hold_the_next)
    with page.expect_request(lambda one: one.method == "POST" and one.url.endswith("/api/messages")):
        pass
    page.get_by_label("More").click()
    with page.expect_response("**/api/conversations/restart"):
        page.get_by_role("button", name="Start again").click()
    held[0].continue_()
    rasa.fail = False
    expect(page.get_by_role("log")).to_contain_text("You said: my badge")
    expect(status(page)).to_be_empty()


def test_what_was_asked_before_a_reload_is_answered_after_it(page, rasa):
    greeted(page)
    rasa.fail = True
    ask(page, "before the reload")
    expect(page.locator(".problem")).to_have_count(1)
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("before the reload")
    expect(status(page)).to_contain_text("short break")
    rasa.fail = False
    expect(page.get_by_role("log")).to_contain_text("You said: before the reload")


def test_a_button_pressed_before_a_reload_is_answered_after_it(page, rasa):
    greeted(page)
    rasa.fail = True
    page.get_by_role("button", name="My badge is missing").click()
    expect(page.locator(".problem")).to_have_count(1)
    rasa.fail = False
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("You said: /ambiguous/missing_badge")


@pytest.fixture()
def site(app):
    """The site at one address, to be ended and started again."""

    class Site:
        port = 0

        def start(self):
            self.server = make_server("127.0.0.1", self.port, app, threaded=True)
            self.port = self.server.server_port
            self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
            self.thread.start()

        def end(self):
            self.server.shutdown()
            self.server.server_close()
            self.thread.join()

    one = Site()
    one.start()
    yield one
    one.end()


def test_with_the_site_away_nothing_is_lost_and_it_goes_on_by_itself(context, site, rasa, services):
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{site.port}")
    greeted(page)
    site.end()
    ask(page, "is anybody there?")
    expect(page.locator(".problem")).to_contain_text("Not sent yet.")
    expect(status(page)).to_contain_text("cannot be reached for a moment")
    expect(page.locator("credential-assistant")).not_to_contain_text("network")
    site.start()
    expect(page.get_by_role("log")).to_contain_text("You said: is anybody there?")
    expect(page.locator(".problem")).to_have_count(0)
    expect(status(page)).to_be_empty()
    texts = [message.text for message in services.store.all(conversation(services))]
    assert texts.count("is anybody there?") == 1


def test_only_what_is_sent_by_itself_is_promised_to_be(page, rasa, services):
    greeted(page)
    rasa.replies = [FAQ]
    ask(page, "what are they?")
    expect(page.get_by_role("log")).to_contain_text("They are badges.")
    widget = page.locator("credential-assistant")
    page.context.set_offline(True)
    page.get_by_label("More").click()
    page.get_by_role("button", name="Search the answers").click()
    page.get_by_label("What are you looking for?").fill("expiry")
    told = widget.get_by_role("region", name="Search the answers").get_by_role("status")
    expect(told).to_have_text("You are offline. Please try again once you are back.")
    page.keyboard.press("Escape")
    widget.get_by_role("button", name="Write to the team").first.click()
    form = widget.get_by_role("form", name="Write to the certification team")
    form.get_by_label("Your e-mail address").fill("jane@example.com")
    form.get_by_label("What is it about?").fill("my badge is missing")
    form.get_by_role("button", name="Send to the team").click()
    expect(form.get_by_role("alert")).to_have_text("You are offline. Please try again once you are back.")
    page.context.set_offline(False)
    page.route("**/api/tickets", lambda route: route.abort())
    form.get_by_role("button", name="Send to the team").click()
    expect(form.get_by_role("alert")).to_have_text("There is no answer just now. Please try again in a moment.")
    page.unroute("**/api/tickets")
    form.get_by_role("button", name="Send to the team").click()
    expect(page.get_by_role("log")).to_contain_text("Your reference is CRT-")
    assert len(services.tickets.find()[0]) == 1


@pytest.mark.parametrize("verdict", ["Yes", "No"])
def test_a_rating_that_did_not_arrive_is_not_thanked_for(page, rasa, services, verdict):
    greeted(page)
    rasa.replies = [FAQ]
    ask(page, "what are they?")
    page.route("**/feedback", lambda route: route.abort())
    helpful = page.get_by_role("group", name="Was this helpful?")
    helpful.get_by_role("button", name=verdict).click()
    expect(helpful.locator(".problem")).to_contain_text("Please try again")
    page.unroute("**/feedback")
    helpful.get_by_role("button", name=verdict).click()
    if verdict == "No":
        page.get_by_label("What was missing?").fill("an example")
        page.route("**/feedback", lambda route: route.abort())
        page.get_by_role("button", name="Send comment").click()
        expect(helpful.locator(".problem")).to_contain_text("Please try again")
        expect(page.get_by_label("What was missing?")).to_have_value("an example")
        page.unroute("**/feedback")
        page.get_by_role("button", name="Send comment").click()
    expect(page.locator(".helpful")).to_have_text("Thank you.")


def test_while_the_greeting_is_on_its_way_one_sees_that_something_comes(context, address):
    page = context.new_page()
    held = []
    page.route("**/api/messages", lambda route: held.append(route))
    with page.expect_request("**/api/messages"):
        page.goto(address)
    shown = "(one) => getComputedStyle(one, '::after').content"
    log = page.get_by_role("log")
    expect(log).to_have_js_property("childElementCount", 0)
    assert "●" in log.evaluate(shown)
    held[0].continue_()
    greeted(page)
    assert log.evaluate(shown) == "none"


def test_with_the_site_away_nothing_is_said_to_come(context, address):
    page = context.new_page()
    page.route("**/api/messages", lambda route: route.abort())
    page.goto(address)
    expect(status(page)).to_contain_text("cannot be reached")
    assert page.get_by_role("log").evaluate("(one) => getComputedStyle(one, '::after').content") == "none"
