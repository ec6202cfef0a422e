import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright
from werkzeug.serving import make_server

from bot import bootstrap
from bot.settings import Settings
from bot.site.app import create_app
from tests.conftest import SECRET

TOKEN_SECRET = "the host site's secret for identity tokens"
HOST_POLICY = "default-src 'self'; script-src {site}; connect-src {site}"
HOST_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Host</title>
<meta http-equiv="Content-Security-Policy" content="{policy}">
</head><body><h1 id="host">Our own page</h1><p>Text.</p><script src="{site}/widget.js{query}"{attributes}></script>
{element}</body></html>"""

# For what must come, beside other tests on a slow machine: what comes sooner is not waited for. The widget's own pauses
# between two tries and two looks are part of it.
MILLISECONDS = 60_000
expect.set_options(timeout=MILLISECONDS)
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
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS, timeout=2 * MILLISECONDS)
        yield browser
        browser.close()


def in_dark(page):
    """What breaks a rule of colours in dark colours; afterwards the page is in light ones."""
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")  # at once, not by and by
    found = Axe().run(page, options={"runOnly": ["color-contrast", "link-in-text-block"]}).response
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") and found["passes"]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return found["violations"]


@pytest.fixture()
def context(browser):
    context = browser.new_context()
    context.set_default_timeout(MILLISECONDS)
    yield context
    context.close()


@pytest.fixture()
def page(context, address):
    page = context.new_page()
    page.goto(address)
    return page


@pytest.fixture()
def host(tmp_path, rasa):
    """A page of another origin, and the site that allows it.

    `serve(attributes, element, query, policy, allowed)` gives its address; `allowed` False is one that the site does
    not know.
    """
    pages = {}

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args):
            pass

        def do_GET(self):
            data = pages["html"].encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    foreign = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    origin = f"http://127.0.0.1:{foreign.server_port}"
    settings = Settings.load(
        {
            "SITE_SECRET_KEY": SECRET,
            "DATABASE_URL": f"sqlite:///{tmp_path}/embed.db",
            "RASA_URL": rasa.url,
            "ALLOWED_ORIGINS": origin,
            "IDENTITY_TOKEN_SECRET": TOKEN_SECRET,
        }
    )
    site = make_server("127.0.0.1", 0, create_app(bootstrap.build(settings)), threaded=True)
    for server in (foreign, site):
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def serve(attributes="", element="", query="", policy=HOST_POLICY, *, allowed=True):
        site_url = f"http://localhost:{site.server_port}"
        policy = policy.format(site=site_url)
        pages["html"] = HOST_PAGE.format(
            site=site_url, query=query, attributes=attributes, element=element, policy=policy
        )
        return origin if allowed else origin.replace("127.0.0.1", "localhost")

    yield serve
    foreign.shutdown()
    site.shutdown()
