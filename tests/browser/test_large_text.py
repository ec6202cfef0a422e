"""The chat for who has set larger text in the browser, and on a page that has made its own text small."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import FLAGS, MILLISECONDS
from tests.browser.test_chat import ask, greeted

SIZES = """() => {
  const root = document.querySelector("credential-assistant").shadowRoot;
  return Object.fromEntries(
    [".bubble", "h2", "textarea", "time", ".choices button", ".launcher"].map((name) => {
      const found = root.querySelector(name);
      return [name, found ? Math.round(parseFloat(getComputedStyle(found).fontSize)) : 0];
    }),
  );
}"""
NORMAL = {".bubble": 15, "h2": 16, "textarea": 16, "time": 12, ".choices button": 15}


@pytest.fixture(scope="module")
def twice(browser, chromium):
    """A browser whose reader has set text twice as large as usual."""
    flags = [*FLAGS, "--blink-settings=defaultFontSize=32"]
    browser = browser.browser_type.launch(executable_path=chromium, args=flags, timeout=2 * MILLISECONDS)
    yield browser
    browser.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (375, 667)])
@pytest.mark.parametrize("place", ["own page", "other page"])
def test_text_of_the_chat_is_as_large_as_the_reader_wants_it(twice, address, host, place, width, height):
    page = twice.new_page(viewport={"width": width, "height": height})
    page.goto(address if place == "own page" else host(" data-open"))
    greeted(page)
    sizes = page.evaluate(SIZES)
    assert {name: sizes[name] for name in NORMAL} == {name: 2 * size for name, size in NORMAL.items()}
    assert place == "own page" or sizes[".launcher"] == 30
    ask(page, "does it fit?")
    expect(page.get_by_role("log")).to_contain_text("You said: does it fit?")
    panel = page.locator(".panel")
    assert panel.evaluate("(one) => one.scrollWidth <= one.clientWidth")
    expect(page.locator(".composer")).to_be_in_viewport(ratio=1)
    field = page.get_by_label("Your question")
    assert field.evaluate("(one) => one.scrollHeight <= one.clientHeight")
    page.close()


def test_a_page_with_small_text_of_its_own_changes_nothing(context, host):
    page = context.new_page()
    element = "<style>html { font-size: 62.5% } credential-assistant { font-size: 5px }</style>"
    page.goto(host(" data-open", element=element, policy="style-src 'unsafe-inline'"))
    greeted(page)
    sizes = page.evaluate(SIZES)
    assert {name: sizes[name] for name in NORMAL} == NORMAL
