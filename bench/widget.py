"""`python -m bench.widget ADDRESS`: the widget in Chromium on a running stack: size, ready, Enter to answer."""

import gzip
import shutil
import statistics
import sys
import time
import urllib.request

from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu"]
VISITS, ROUNDS = 30, 10
UNTOUCHED = 1000  # milliseconds
ASKED = ("what is credly", "does my badge expire", "who can see my badge", "how do i add it to my email signature")
# From the moment the script has arrived to the moment the element is drawn and can be typed into.
READY = """() => {
  const script = performance.getEntriesByName(location.origin + '/widget.js')[0];
  return window.drawn - script.responseEnd;
}"""
WATCH = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shift += one.value;
}).observe({type: 'layout-shift', buffered: true});
const look = () => {
  const widget = document.querySelector('credential-assistant');
  if (widget?.shadowRoot?.querySelector('textarea')) window.drawn = performance.now();
  else setTimeout(look, 0);
};
look();
"""


def main(arguments: list[str]) -> None:
    """Measure and print."""
    address = arguments[0]
    script = urllib.request.urlopen(f"{address}/widget.js").read()
    print(f"widget.js: {len(script) / 1000:.1f} kB, {len(gzip.compress(script)) / 1000:.1f} kB compressed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        ready, shifts = zip(*(_visit(browser, address) for _ in range(VISITS)))
        print(f"ready after its arrival: p50 {statistics.median(ready):.0f} ms, longest {max(ready):.0f} ms")
        print(f"layout shift of the page: {max(shifts):.3f}")
        seconds = _ask(browser.new_context().new_page(), address)
        browser.close()
    print(f"from Enter to the answer: p50 {_ms(seconds, 50):.0f} ms, p95 {_ms(seconds, 95):.0f} ms, n {len(seconds)}")


def _visit(browser: Browser, address: str) -> tuple[float, float]:
    """One visit by somebody new, with no other page open."""
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(address)
    # Whoever looks for a text or an element at once puts 30 ms of scripts of the browser driver into what is measured.
    page.wait_for_timeout(UNTOUCHED)
    page.get_by_role("log").get_by_text("Hello").first.wait_for()
    measured = page.evaluate(READY), page.evaluate("window.shift")
    context.close()
    return measured


def _ask(page: Page, address: str) -> list[float]:
    page.goto(address)
    page.get_by_role("log").get_by_text("Hello").first.wait_for()
    seconds = []
    for text in [*ASKED, *ASKED * (ROUNDS - 1)][: 4 * ROUNDS - 2]:  # the limit is 40 messages a minute
        answers = page.locator(".item.bot").count()
        page.get_by_label("Your question").fill(text)
        began = time.perf_counter()
        page.keyboard.press("Enter")
        page.locator(".item.bot").nth(answers).wait_for()
        seconds.append(time.perf_counter() - began)
    return seconds


def _ms(seconds: list[float], percent: int) -> float:
    return 1000 * statistics.quantiles(seconds, n=100)[percent - 1]


if __name__ == "__main__":
    main(sys.argv[1:])
