"""The widget looks and works the same whatever the page around it does, or the browser forbids."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import HOST_POLICY
from tests.browser.test_chat import ask, greeted

MEASURE = """() => {
  const root = document.querySelector("credential-assistant").shadowRoot;
  for (const one of root.getAnimations())
    if (one.effect.getTiming().iterations !== Infinity) one.finish();  // where the panel ends, not where it comes from
  const named = ["fontSize", "fontFamily", "letterSpacing", "wordSpacing", "textTransform", "textIndent", "lineHeight",
    "color", "direction", "visibility", "boxSizing", "whiteSpace", "fontStyle", "cursor"];
  const look = (selector) => {
    const element = root.querySelector(selector);
    const { x, y, width, height } = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    return [selector, x, y, width, height, ...named.map((name) => style[name])];
  };
  return [".panel", "h2", ".bubble", "textarea", ".send", "summary"].map(look);
}"""
STYLES = [
    "html { font-size: 62.5% }",
    "html { font-size: 30px }",
    "* { text-transform: uppercase; letter-spacing: 5px; word-spacing: 9px; text-indent: 2em; line-height: 3 }",
    "* { font: italic 40px fantasy; color: red; white-space: pre; cursor: wait; box-sizing: content-box }",
    "body { text-transform: uppercase !important; letter-spacing: 5px !important; direction: rtl !important }",
    "* { all: unset !important }",
    ":root, * { --accent: red; --ink: red; --surface: red; --line: red }",
]
WEAR = (
    "(style) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(style); document.adoptedStyleSheets = [sheet] }"
)
FORBID_STORAGE = """for (const area of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, area, { get() { throw new DOMException("denied", "SecurityError"); } });"""


def test_no_style_of_the_page_reaches_the_widget(context, host):
    page = context.new_page()
    page.goto(host(" data-open"))
    greeted(page)
    plain = page.evaluate(MEASURE)
    for style in STYLES:
        page.evaluate(WEAR, style)
        assert page.evaluate(MEASURE) == plain, style


def test_on_a_page_from_right_to_left_each_text_runs_its_own_way(context, host):
    page = context.new_page()
    page.goto(host(" data-open"))
    page.evaluate("document.documentElement.dir = 'rtl'")
    greeted(page)
    for text in ("متى تصل شارتي؟", "when does it come?"):
        ask(page, text)
        expect(page.get_by_role("log")).to_contain_text(f"You said: {text}")
    runs = page.locator(".item.user .bubble").evaluate_all("(all) => all.map((one) => getComputedStyle(one).direction)")
    assert runs == ["rtl", "ltr"]
    assert page.locator(".panel").evaluate("(panel) => getComputedStyle(panel).direction") == "ltr"


def test_where_the_page_demands_trusted_types_answers_are_shown_all_the_same(context, host, rasa):
    page = context.new_page()
    page.goto(host(" data-open", policy=f"{HOST_POLICY}; require-trusted-types-for 'script'; trusted-types 'none'"))
    greeted(page)
    rasa.replies = [
        {
            "text": "**1 < 2** & [its page](https://example.com/?a=1&b=2)\n\n- one\n- two",
            "buttons": [],
            "utterance": "utter_x",
        }
    ]
    ask(page, "and lists?")
    bubble = page.locator(".item.bot .bubble").last
    expect(bubble.locator("strong")).to_have_text("1 < 2")
    expect(bubble.locator("li")).to_have_text(["one", "two"])
    expect(bubble.get_by_role("link", name="its page")).to_have_attribute("href", "https://example.com/?a=1&b=2")


def test_markup_that_the_site_never_makes_comes_to_nothing(page):
    greeted(page)
    html = (
        '<p>a<script>window.hacked = 1</script><img src="x" onerror="window.hacked = 1">'
        '<a href="javascript:window.hacked=1">b</a>&lt;i&gt;&amp;#60;</p></p>'
    )
    said = {"id": "00000000-0000-4000-8000-000000000001", "role": "bot", "text": "", "html": html, "utterance": "x"}
    page.route("**/api/messages", lambda route: route.fulfill(json={"messages": [said]}))
    ask(page, "hello")
    bubble = page.locator(".item.bot .bubble").last
    expect(bubble).to_have_text("awindow.hacked = 1b<i>&#60;")
    assert bubble.locator("script, img, a").count() == 0
    assert page.evaluate("window.hacked") is None


@pytest.mark.parametrize("place", ["own page", "other page"])
def test_without_cookies_and_storage_one_can_talk_all_the_same(context, address, host, place):
    page = context.new_page()
    page.add_init_script(FORBID_STORAGE)

    def without_cookies(route):
        answer = route.fetch()
        headers = {name: value for name, value in answer.headers.items() if name.lower() != "set-cookie"}
        route.fulfill(response=answer, headers=headers)

    page.route("**/api/**", without_cookies)
    page.goto(address if place == "own page" else host(" data-open"))
    greeted(page)
    context.clear_cookies()  # one that a page's own fetch has stored after all
    for text in ("does it work?", "still?"):
        ask(page, text)
        expect(page.get_by_role("log")).to_contain_text(f"You said: {text}")
    assert context.cookies() == []
    expect(page.locator(".problem")).to_have_count(0)


def test_on_a_page_that_is_not_allowed_it_says_so(context, host):
    page = context.new_page()
    page.goto(host(" data-open", allowed=False))
    expect(page.locator("credential-assistant").get_by_role("status")).to_have_text(
        "The chat may not be used on this page. Please tell whoever runs it."
    )
    ask(page, "hello?")
    expect(page.locator(".problem")).to_contain_text("Not sent. The chat may not be used on this page.")
