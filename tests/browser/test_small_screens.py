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


def test_with_a_mouse_one_can_type_on_at_once(page):
    greeted(page)
    page.get_by_role("button", name="My badge is missing").click()
    expect(page.get_by_role("log")).to_contain_text("You said: /ambiguous/missing_badge")
    assert page.evaluate(FOCUSED) == "TEXTAREA"
