"""The content pages in a browser: open to everyone, with a preview, what is typed kept, a draft tried and talked to."""

import dataclasses

import pytest
from playwright.sync_api import expect

from bot import bootstrap
from bot.conversations.message import AssistantReply
from bot.studio.drafts import TrialState
from bot.studio.items import Item, ItemKind
from tests.browser.test_console import DESK, PHONE, open_page, problems  # noqa: F401  a fixture
from tests.servers.staff import ANNA

FAQ = "/console/content/answers/what_is_credly"
EXAMPLES = Item(ItemKind.EXAMPLES, "faq/what_is_credly")
NARROW = {"width": 320, "height": 640}
SAID = {"text": "**Credly** it is.", "utterance": "utter_faq/what_is_credly", "buttons": []}
RESULT = {
    "seconds": 9.2,
    "questions": {
        "became_right": [
            {
                "text": "credly, who?",
                "after": [],
                "expect": ["faq/what_is_credly"],
                "was": [],
                "now": ["faq/what_is_credly"],
            }
        ],
        "became_wrong": [],
        "answer_changed": [],
    },
    "recent": [{"text": "(name) of credly", "was": ["nlu_fallback"], "now": ["faq/what_is_credly"], "asked": 3}],
    "conversations": [],
    "overlaps": [{"cosine": 0.98, "labels": ["faq/what_is_credly", "faq/credly_support"], "texts": ["who", "whom"]}],
    "groups": {"unseen_faq": {"was": 0.98, "is": 0.981, "n": 900}},
    "floors_fallen": [],
}


class Answering:
    """An assistant that knows a draft."""

    def preview(self, model, conversation, said, context=None):
        return [
            AssistantReply.from_json(SAID | {"buttons": [{"title": "And who else?", "payload": "/faq/credly_support"}]})
        ]


@pytest.fixture()
def services(settings, tmp_path):
    changes = {"staff_emails": frozenset({ANNA}), "content_path": str(tmp_path / "content")}
    return dataclasses.replace(bootstrap.build(settings.copy(update=changes)), assistant=Answering())


@pytest.fixture()
def draft(services):
    """One with new examples, tried."""
    studio = services.studio
    made = studio.open_draft("More of Credly", ANNA)
    known = studio.content().value(EXAMPLES)
    studio.edit(made.id, EXAMPLES, [*known[1:], "credly – the firm behind the badges?"], ANNA, 0)
    return made


def finish(studio, draft):
    """End the trial that waits, as the worker's process would."""
    (studio.root / "models").mkdir(parents=True, exist_ok=True)
    (studio.root / "models/tried.tar.gz").write_bytes(b"a model")
    trial = studio.claim_trial("test")
    assert studio.finish(trial.id, RESULT, "models/tried.tar.gz")
    assert studio.trial(draft.id).state is TrialState.DONE


@pytest.mark.parametrize("size", [DESK, NARROW], ids=["desk", "narrow"])
def test_every_content_page_is_open_to_everyone(open_page, services, draft, size):  # noqa: F811
    page = open_page(color_scheme="light", viewport=size)
    site = page.url.split("/console")[0]
    services.studio.try_out(draft.id, ANNA)
    finish(services.studio, draft)
    paths = [
        "",
        "/sentences",
        "/declined",
        "/messages?q=thank",
        "/credentials",
        "/credentials/level_1",
        "/answers/what_is_credly",
        "/item/response:utter_greet",
        "/new",
        "/drafts",
        f"/drafts/{draft.id}",
        "/history",
    ]
    found = {}
    for path in paths:
        page.goto(f"{site}/console/content{path}")
        page.wait_for_load_state("load")
        expect(page.locator(".is-old")).to_have_count(0)  # the preview has come
        for one in page.locator("summary").all():
            one.click()
        found[path] = problems(page)
    assert not any(found.values()), found


def test_from_an_answer_to_its_draft(open_page, services):  # noqa: F811
    page = open_page(viewport=DESK)
    page.get_by_role("link", name="Content", exact=True).click()
    page.get_by_label("Search questions, answers and examples").fill("who is credly")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Who is Credly?").click()
    shown = page.get_by_role("region", name="Preview and checks")
    expect(shown).to_contain_text("Credly is a digital credentialing platform")
    page.get_by_label("Answer", exact=True).fill("Credly is **ours**, says {nobody}.")
    expect(shown.locator("strong", has_text="ours").first).to_be_visible()
    expect(shown).to_contain_text("To mend")
    page.get_by_label("Answer", exact=True).fill("Credly is **ours**.")
    expect(shown).to_contain_text("Nothing to mend")
    page.get_by_role("button", name="Keep in the draft").click()
    expect(page.get_by_role("status").first).to_contain_text("Kept in the draft “Who is Credly?”")
    page.get_by_label("Add examples").fill("credly – the firm behind the badges?\nhow do I share it on X and Mastodon")
    page.get_by_role("button", name="Keep the examples").click()
    page.get_by_role("link", name="Who is Credly?").first.click()
    expect(page.get_by_role("heading", name="2 changes")).to_be_visible()
    expect(page.locator("ins", has_text="ours").first).to_be_visible()
    expect(page.locator("ins", has_text="the firm behind the badges")).to_be_visible()


def test_what_was_not_kept_is_back_after_a_reload_until_it_is_thrown_away(open_page):  # noqa: F811
    page = open_page(viewport=DESK)
    page.on("dialog", lambda dialog: dialog.accept())  # the page asks before it is left
    page.goto(page.url.split("/console")[0] + FAQ)
    field = page.get_by_label("Answer", exact=True)
    before = field.input_value()
    field.fill("Half a sentence")
    expect(page.get_by_text("Not kept yet.")).to_be_visible()
    page.reload()
    expect(field).to_have_value("Half a sentence")
    page.get_by_label("Add examples").fill("credly – the firm behind the badges?")
    page.get_by_role("button", name="Keep the examples").click()
    expect(page.get_by_role("status").first).to_contain_text("Kept in the draft")
    expect(page.get_by_label("Add examples")).to_have_value("")
    expect(field).to_have_value("Half a sentence")
    page.get_by_role("button", name="Throw it away").click()
    expect(field).to_have_value(before)


def test_a_trial_is_watched_and_its_draft_talked_to(open_page, services, draft):  # noqa: F811
    page = open_page(viewport=PHONE)
    page.goto(page.url.split("/console")[0] + f"/console/content/drafts/{draft.id}")
    page.get_by_role("button", name="Try it", exact=True).click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    finish(services.studio, draft)
    expect(page.get_by_text("credly, who?")).to_be_visible()
    expect(page.get_by_role("button", name="Publish", exact=True)).to_be_visible()
    page.get_by_label("Your message to the draft").fill("who is <b>credly</b>")
    page.keyboard.press("Enter")
    log = page.get_by_role("log", name="What was said")
    expect(log).to_contain_text("who is <b>credly</b>")
    expect(log.locator("strong", has_text="Credly")).to_be_visible()
    page.get_by_role("button", name="And who else?").click()
    expect(log.get_by_text("And who else?")).to_be_visible()
    expect(log.locator("strong", has_text="Credly")).to_have_count(2)


def test_who_asks_a_draft_that_is_still_loaded_is_told_to_wait(open_page, services, draft):  # noqa: F811
    services.studio.try_out(draft.id, ANNA)
    finish(services.studio, draft)
    page, held = open_page(viewport=DESK), []
    page.route("**/chat", lambda route: held.append(route))
    page.goto(page.url.split("/console")[0] + f"/console/content/drafts/{draft.id}")
    page.get_by_label("Your message to the draft").fill("who is credly")
    page.keyboard.press("Enter")
    log = page.get_by_role("log", name="What was said")
    expect(log).to_contain_text("One moment")
    held[0].continue_()
    expect(log.locator("strong", has_text="Credly")).to_be_visible()
    expect(log).not_to_contain_text("One moment")


def test_an_answer_is_changed_and_published_without_scripts(open_page, services, draft):  # noqa: F811
    page = open_page(java_script_enabled=False)
    site = page.url.split("/console")[0]
    page.goto(f"{site}/console/content/drafts/{draft.id}")
    page.get_by_role("button", name="Try it", exact=True).click()
    finish(services.studio, draft)
    page.get_by_role("button", name="Look again").click()
    page.get_by_label("Your message to the draft").fill("who is credly")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("log", name="What was said").locator("strong")).to_have_text("Credly")
    page.get_by_label("What changes, in a sentence").fill("One more example")
    page.get_by_role("button", name="Publish", exact=True).click()  # all files are written and kept
    expect(page.get_by_text("It is live.")).to_be_visible()
    page.get_by_role("link", name="History", exact=True).click()
    row = page.locator("li", has_text="What came with the installation")
    row.get_by_text("Back to this").click()
    row.get_by_label("I am sure").check()
    row.get_by_role("button", name="Put it live").click()
    expect(page.get_by_text("is live again")).to_be_visible()
