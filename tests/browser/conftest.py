import pytest
from playwright.sync_api import sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]


@pytest.fixture(scope="module")  # no longer: while it is open, tests elsewhere cannot run event loops of their own
def browser(chromium):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture()
def context(browser):
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture()
def page(context, address):
    page = context.new_page()
    page.goto(address)
    return page
