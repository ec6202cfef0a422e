import pytest
from playwright.sync_api import expect

from tests.browser.test_chat import ask, greeted

FOCUSED = "document.activeElement.shadowRoot?.activeElement?.tagName"


@pytest.fixture()
def phone(browser):
    context = browser.new_context(viewport={"width": 390, "height": 760}, has_touch=True, is_mobile=True)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("height", [1000, 800, 720, 600, 480])
def test_the_whole_composer_is_in_sight_without_scrolling(page, height):
    page.set_viewport_size({"width": 1280, "height": height})
    greeted(page)
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_in_viewport(ratio=1)
    expect(page.locator(".composer")).to_be_in_viewport(ratio=1)


def test_on_a_phone_no_keyboard_comes_up_over_the_answer(phone, address, host):
    phone.goto(address)
    greeted(phone)
    phone.get_by_role("button", name="My badge is missing").tap()
    expect(phone.get_by_role("log")).to_contain_text("You said: /ambiguous/missing_badge")
    assert phone.evaluate(FOCUSED) == "DIV"
    ask(phone, "and typed?")
    expect(phone.get_by_role("log")).to_contain_text("You said: and typed?")
    assert phone.evaluate(FOCUSED) == "TEXTAREA"
    phone.goto(host())
    phone.get_by_role("button", name="Open the chat").tap()
    greeted(phone)
    assert phone.evaluate(FOCUSED) == "DIV"


@pytest.mark.parametrize("place", ["inline", "bottom-right"])
@pytest.mark.parametrize("size", [(375, 667), (390, 844), (320, 568), (667, 375)], ids=str)
def test_who_writes_to_the_team_on_a_phone_still_sees_what_was_said(browser, address, host, size, place):
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, has_touch=True)
    page = context.new_page()
    page.goto(address if place == "inline" else host())
    if place != "inline":
        page.get_by_role("button", name="Open the chat").tap()
    greeted(page)
    ask(page, "My badge for Level 2 is missing since two weeks. What can I do?")
    said = page.get_by_role("log").get_by_text("You said: My badge")
    expect(said).to_be_visible()
    page.get_by_role("button", name="Write to the team", exact=True).first.tap()
    form = page.get_by_role("form", name="Write to the certification team")
    expect(form.get_by_label("Your e-mail address")).to_be_in_viewport(ratio=1)
    assert page.evaluate(FOCUSED) == "FORM"  # no keyboard comes up over what was said
    log = page.get_by_role("log")
    assert log.bounding_box()["height"] >= min(150, size[1] * 0.25)
    expect(said).to_be_in_viewport(ratio=0.1)
    expect(page.get_by_label("Your question")).not_to_be_visible()  # one thing is written at a time
    send = form.get_by_role("button", name="Send to the team")
    if size[1] >= 640:
        expect(form.get_by_label("What is it about?")).to_be_in_viewport(ratio=1)
        expect(send).to_be_in_viewport(ratio=1)
    form.get_by_label("What is it about?").fill("It is missing.\n" * 30)
    form.get_by_role("button", name="Cancel").tap()
    expect(page.get_by_label("Your question")).to_be_in_viewport(ratio=1)
    context.close()


def test_with_a_mouse_one_can_type_on_at_once(page):
    greeted(page)
    page.get_by_role("button", name="My badge is missing").click()
    expect(page.get_by_role("log")).to_contain_text("You said: /ambiguous/missing_badge")
    assert page.evaluate(FOCUSED) == "TEXTAREA"
