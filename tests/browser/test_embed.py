import time

import jwt
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import TOKEN_SECRET


def test_one_script_tag_brings_the_chat_to_a_page_of_another_origin(context, host):
    page = context.new_page()
    page.goto(host(' data-heading="Badge help" data-greeting="Questions?"'))
    page.get_by_role("button", name="Open the chat").click()
    panel = page.get_by_role("dialog", name="Badge help")
    expect(panel.get_by_role("log")).to_contain_text("Hello!")
    page.get_by_label("Your question").fill("does it work here?")
    page.keyboard.press("Enter")
    expect(panel.get_by_role("log")).to_contain_text("You said: does it work here?")
    assert context.cookies() == []
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("You said: does it work here?")
    page.keyboard.press("Escape")
    page.get_by_label("Close the chat").click()
    expect(page.get_by_role("button", name="Open the chat")).to_be_focused()


def test_it_leaves_the_page_as_it_was(context, host):
    page = context.new_page()
    page.add_init_script(
        "window.shift = 0;"
        "new PerformanceObserver((list) => {"
        "for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.shift += shift.value })"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    page.goto(host())
    before = page.locator("#host").bounding_box()
    page.get_by_role("button", name="Open the chat").click()
    expect(page.get_by_role("log")).to_contain_text("Hello!")
    assert page.locator("#host").bounding_box() == before
    assert page.evaluate("window.shift") == 0
    assert page.evaluate("Object.keys(window).filter((name) => /assistant|conversation|words/i.test(name))") == []


def test_colours_and_place_are_the_hosts_to_choose(context, host):
    element = '<credential-assistant position="bottom-left" open theme="light" dir="rtl"></credential-assistant>'
    page = context.new_page()
    page.goto(host("", element))
    expect(page.get_by_role("log")).to_contain_text("Hello!")
    page.evaluate(
        "document.querySelector('credential-assistant').style.setProperty('--assistant-accent', 'rgb(1, 2, 3)')"
    )
    send = page.get_by_role("button", name="Send")
    assert send.evaluate("(button) => getComputedStyle(button).backgroundColor") == "rgb(1, 2, 3)"


def test_an_identity_token_goes_along(context, host, rasa):
    sent = []
    page = context.new_page()
    page.on("request", lambda request: sent.append(request.post_data_json) if request.method == "POST" else None)
    token = "a.eyJlbWFpbCI6ImphbmVAZXhhbXBsZS5jb20ifQ.c"
    page.goto(host("", f'<credential-assistant open identity-token="{token}"></credential-assistant>'))
    expect(page.get_by_role("log")).to_contain_text("Hello!")  # the token is refused here, the chat works without
    assert sent[0] == {"identity_token": token}
    page.get_by_label("Your question").fill("still there?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("You said: still there?")
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("You said: still there?")


def signed_in(email, jti):
    now = int(time.time())
    claims = {"email": email, "aud": "credential-assistant", "iat": now, "exp": now + 600, "jti": jti}
    return jwt.encode(claims, TOKEN_SECRET, algorithm="HS256")


def test_after_signing_out_nobody_reads_the_old_conversation(context, host):
    page = context.new_page()
    element = '<credential-assistant open identity-token="{}"></credential-assistant>'
    page.goto(host("", element.format(signed_in("jane@example.com", "1"))))
    expect(page.get_by_role("log")).to_contain_text("Hello!")
    page.get_by_label("Your question").fill("my private matter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("You said: my private matter")
    page.goto(host("", element.format(signed_in("jane@example.com", "2"))))
    expect(page.get_by_role("log")).to_contain_text("You said: my private matter")
    for now in (
        element.format(signed_in("joe@example.com", "3")),
        "<credential-assistant open></credential-assistant>",
    ):
        page.goto(host("", now))
        expect(page.get_by_role("log")).to_contain_text("Hello!")
        expect(page.get_by_role("log")).not_to_contain_text("private")


def test_who_signs_in_while_the_site_is_away_does_not_go_on_as_the_one_before(context, host):
    page = context.new_page()
    element = '<credential-assistant open identity-token="{}"></credential-assistant>'
    page.goto(host("", element.format(signed_in("jane@example.com", "4"))))
    expect(page.get_by_role("log")).to_contain_text("Hello!")
    page.get_by_label("Your question").fill("my private matter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("You said: my private matter")
    janes = page.evaluate("JSON.stringify(localStorage)")
    context.set_offline(True)
    joe = signed_in("joe@example.com", "5")
    page.evaluate(
        "(token) => document.querySelector('credential-assistant').setAttribute('identity-token', token)", joe
    )
    expect(page.get_by_role("log")).not_to_contain_text("private")
    page.get_by_label("Your question").fill("and mine?")
    page.keyboard.press("Enter")
    context.set_offline(False)
    expect(page.get_by_role("log")).to_contain_text("You said: and mine?")
    expect(page.get_by_role("log")).not_to_contain_text("private")
    assert page.evaluate("JSON.stringify(localStorage)") != janes


def test_whose_token_is_refused_goes_on_as_nobody(context, host):
    page = context.new_page()
    element = '<credential-assistant open identity-token="{}"></credential-assistant>'
    refused = signed_in("joe@example.com", "6")[:-4] + "AAAA"
    for token, expected in ((refused, ""), (signed_in("jane@example.com", "7"), "jane"), (refused, "")):
        page.goto(host("", element.format(token)))
        expect(page.get_by_role("log")).to_contain_text("Hello!")
        expect(page.get_by_role("log")).not_to_contain_text("private")
        if expected:
            page.get_by_label("Your question").fill("my private matter")
            page.keyboard.press("Enter")
            expect(page.get_by_role("log")).to_contain_text("You said: my private matter")


def test_what_was_read_before_is_not_counted_as_new(context, host):
    page = context.new_page()
    page.goto(host())
    page.get_by_role("button", name="Open the chat").click()
    expect(page.get_by_role("log")).to_contain_text("Hello!")
    page.get_by_label("Close the chat").click()
    with page.expect_response("**/api/messages"):
        page.reload()
    expect(page.get_by_role("button", name="Open the chat", exact=True)).to_be_visible()


def test_on_a_phone_the_focus_stays_where_it_can_be_seen(context, host):
    page = context.new_page()
    page.set_viewport_size({"width": 380, "height": 700})
    page.goto(host("", '<a href="#x">behind</a>'))
    page.get_by_role("button", name="Open the chat").click()
    expect(page.get_by_role("log")).to_contain_text("Hello!")
    for key in ["Tab"] * 12 + ["Shift+Tab"] * 12:
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.tagName") == "CREDENTIAL-ASSISTANT"


def test_who_opens_the_chat_for_the_first_time_waits_for_one_answer_of_the_site(context, host):
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
    page.goto(host(" data-open"))
    expect(page.get_by_role("log")).to_contain_text("Hello!")
    assert [url.rpartition("/api/")[2] for url in asked][0] == "conversations"
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("Hello!")
    assert page.locator(".item").count() == 1
    assert sum(url.endswith("/api/conversations") for url in asked) == 1


@pytest.mark.parametrize(("width", "greeting"), [(320, "Questions about your badge? " * 4), (1280, "Questions?")])
def test_the_greeting_beside_the_button_stays_within_the_window(context, host, width, greeting):
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 600})
    page.goto(host(f' data-greeting="{greeting}"'))
    button = page.get_by_role("button", name="Open the chat")
    box = button.bounding_box()
    assert box["x"] >= 20 and box["x"] + box["width"] <= width - 19
    assert button.locator("svg").bounding_box()["width"] > 26


def test_the_button_says_how_many_messages_came_meanwhile(context, host):
    page = context.new_page()
    failed = []
    page.on("pageerror", lambda error: failed.append(error))
    page.goto(host(" data-open"))
    expect(page.get_by_role("log")).to_contain_text("Hello!")
    page.get_by_role("button", name="Close the chat").click()
    for told in ("Open the chat, 1 new message", "Open the chat, 2 new messages"):
        page.evaluate("""() => document.querySelector("credential-assistant").conversation.tell("news")""")
        expect(page.get_by_role("button", name=told, exact=True)).to_be_visible()
    assert failed == []
