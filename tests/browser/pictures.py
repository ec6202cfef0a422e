"""Makes the pictures of docs/editing.md anew: the content pages as an editor sees them.

Run it as `python -m tests.browser.pictures`; it needs Chromium, and changes nothing but docs/images/.
"""

import dataclasses
import shutil
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from bot import bootstrap
from bot.conversations.message import AssistantReply
from bot.settings import Settings
from bot.site.app import create_app
from bot.studio.items import Item, ItemKind
from tests.servers.staff import ANNA, BEN, Mailbox

IMAGES = Path("docs/images")
SECRET = "a secret for pictures, 32 characters long"
SIZE = {"width": 1280, "height": 860}
SHARING = Item(ItemKind.RESPONSE, "utter_faq/sharing_options")
EXAMPLES = Item(ItemKind.EXAMPLES, "faq/sharing_options")
ADDED = ["can I show my badge on Mastodon", "is posting it on Bluesky possible", "mastodon too?"]
RESULT = {
    "seconds": 11.9,
    "questions": {
        "became_right": [
            {
                "text": "does Mastodon count as social media for this",
                "expect": ["faq/sharing_options"],
                "was": ["out_of_scope/other_platforms"],
                "now": ["faq/sharing_options"],
            }
        ],
        "answer_changed": [
            {
                "text": "bluesky?",
                "expect": ["faq/sharing_options"],
                "was": ["nlu_fallback"],
                "now": ["faq/newsfeed_appearance"],
            }
        ],
    },
    "recent": [
        {
            "text": "(name) posted hers on mastodon how",
            "was": ["nlu_fallback"],
            "now": ["faq/sharing_options"],
            "asked": 3,
        }
    ],
    "groups": {"unseen_faq": {"was": 0.986, "is": 0.987, "n": 930}},
}


class Answering:
    """An assistant that knows what the draft says."""

    def preview(self, model, conversation, said, context=None):
        text = "On Mastodon, too: copy the address of your badge from **Credly** and post it."
        return [AssistantReply(text, "utter_faq/sharing_options", ())]


def main():
    """Take the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        services = _services(Path(folder))
        server = make_server("127.0.0.1", 0, create_app(services), threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            _take(f"http://127.0.0.1:{server.server_port}/console", services)
        finally:
            server.shutdown()


def _services(folder):
    given = {
        "SITE_SECRET_KEY": SECRET,
        "DATABASE_URL": f"sqlite:///{folder}/bot.db",
        "CONTENT_PATH": f"{folder}/content",
        "STAFF_EMAILS": f"{ANNA},{BEN}",
    }
    return dataclasses.replace(bootstrap.build(Settings.load(given)), assistant=Answering())


def _tried(studio, title, by, text, result):
    """A draft of other words and a few examples, with a finished trial."""
    draft = studio.open_draft(title, by)
    value = studio.content().value(SHARING)
    studio.edit(draft.id, SHARING, [{**value[0], "text": value[0]["text"].replace(*text)}, *value[1:]], by, 0)
    studio.edit(draft.id, EXAMPLES, [*studio.content().value(EXAMPLES), *ADDED], by, 0)
    studio.try_out(draft.id, by)
    (studio.root / "models").mkdir(parents=True, exist_ok=True)
    (studio.root / "models/tried.tar.gz").write_bytes(b"a model")
    trial = studio.claim_trial("pictures")
    studio.finish(trial.id, result, "models/tried.tar.gz")
    return draft


def _take(site, services):
    studio = services.studio
    draft = _tried(studio, "Mastodon is named", ANNA, ("LinkedIn, Facebook", "LinkedIn, Mastodon, Facebook"), RESULT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE)
        page.set_default_timeout(60_000)
        _sign_in(page, site, services)
        page.goto(f"{site}/content/answers/sharing_options")
        page.get_by_role("region", name="Preview and checks").locator("strong").first.wait_for()
        page.screenshot(path=IMAGES / "content-answer.png")
        page.goto(f"{site}/content/drafts/{draft.id}")
        page.get_by_label("Your message to the draft").fill("can I share it on Mastodon?")
        page.keyboard.press("Enter")
        page.get_by_text("copy the address").wait_for()
        page.mouse.move(0, 0)
        page.screenshot(path=IMAGES / "content-draft.png", full_page=True)
        studio.publish(draft.id, ANNA, "Mastodon is named among the places to share")
        other = _tried(studio, "Shorter", BEN, ("directly ", ""), {})
        studio.publish(other.id, BEN, "Sharing said in fewer words")
        page.goto(f"{site}/content/history")
        page.get_by_text("Back to this").first.wait_for()
        page.screenshot(
            path=IMAGES / "content-history.png", clip={"x": 0, "y": 0, "width": SIZE["width"], "height": 420}
        )
        browser.close()


def _sign_in(page, site, services):
    page.goto(f"{site}/")
    page.get_by_label("Your e-mail address").fill(ANNA)
    page.keyboard.press("Enter")
    page.get_by_label("Code from the mail").wait_for()
    page.get_by_label("Code from the mail").fill(Mailbox(services.database).code(ANNA))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Queue").wait_for()


if __name__ == "__main__":
    main()
