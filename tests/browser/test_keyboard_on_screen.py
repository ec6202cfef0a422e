"""On a phone, what a keyboard on the screen leaves of the window, and what a short window has room for."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_chat import ask, greeted

# As phones tell of it: the window stays as large as it was, and a smaller part of it is seen.
COVERED = """
Object.defineProperty(visualViewport, "height", { get: () => window.seen ?? innerHeight });
Object.defineProperty(visualViewport, "offsetTop", { get: () => window.from ?? 0 });
Object.defineProperty(visualViewport, "scale", { get: () => window.zoom ?? 1 });
window.see = (seen, from, zoom) => {
  Object.assign(window, { seen, from, zoom });
  visualViewport.dispatchEvent(new Event("resize"));
};
"""


@pytest.fixture()
def phone(browser):
    context = browser.new_context(viewport={"width": 375, "height": 667}, has_touch=True)
    yield context.new_page()
    context.close()


def top_and_bottom(page):
    box = page.locator(".panel").bounding_box()
    return round(box["y"]), round(box["y"] + box["height"])


def test_what_the_keyboard_leaves_is_what_the_chat_takes(phone, host, rasa):
    phone.add_init_script(COVERED)
    phone.goto(host(" data-open"))
    greeted(phone)
    assert top_and_bottom(phone) == (0, 667)
    phone.evaluate("see(350, 90)")
    assert top_and_bottom(phone) == (90, 440)
    rasa.replies = [{"text": "A long answer. " * 60, "buttons": [], "utterance": "utter_greet"}]
    ask(phone, "tell me everything")
    expect(phone.get_by_role("log")).to_contain_text("A long answer.")
    asked = phone.locator(".item.user").bounding_box()
    assert 90 < asked["y"] < 440  # the answer is read from its beginning, not behind the keyboard
    phone.evaluate("see(400, 0, 1.7)")  # zoomed in by the fingers: nothing covers anything
    assert top_and_bottom(phone) == (0, 667)
    phone.evaluate("see(350, 0)")
    phone.evaluate("see(667, 0)")
    assert top_and_bottom(phone) == (0, 667)


def test_the_page_lets_a_keyboard_make_the_window_smaller(phone, address):
    phone.goto(address)
    viewport = phone.locator('meta[name="viewport"]')
    expect(viewport).to_have_attribute(
        "content", "width=device-width, initial-scale=1, interactive-widget=resizes-content"
    )
    phone.set_viewport_size({"width": 375, "height": 340})
    greeted(phone)
    expect(phone.locator(".composer")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize(("width", "height"), [(667, 375), (568, 320), (320, 568), (375, 667)])
@pytest.mark.parametrize("place", ["own page", "other page"])
def test_the_greeting_is_read_from_its_beginning_and_one_can_write_at_once(phone, address, host, place, width, height):
    phone.set_viewport_size({"width": width, "height": height})
    phone.goto(address if place == "own page" else host(" data-open"))
    greeted(phone)
    expect(phone.locator(".composer")).to_be_in_viewport(ratio=1)
    log = phone.get_by_role("log").bounding_box()
    assert phone.locator(".item.bot").bounding_box()["y"] >= log["y"]
    field = phone.get_by_label("Your question")
    assert field.evaluate("(one) => one.scrollHeight <= one.clientHeight")  # no half line of what stands in it
