"""What learners wrote about themselves is readable nowhere on the way from their questions to what is live."""

import html
import re
from pathlib import Path

import numpy as np
import pytest
import yaml

import bot.clock
from bot import bootstrap
from bot.__main__ import main
from bot.conversations.store import Message
from bot.insight import review
from bot.insight.masking import masked
from bot.site.console import insight
from bot.studio.items import Item, ItemKind
from bot.studio.recent import recent_messages
from tests.conftest import SECRET
from tests.servers.staff import ANNA
from tests.studio.conftest import ANN, tried

MESSAGES = Path("tests/insight/learners_messages.yml")
LABEL, ANEW = "faq/what_is_credly", "credly, which company is behind it"
TOGETHER = 7  # questions of a group; the page shows eight


def messages():
    """What was written with what of it nobody may read, of each kind in turn."""
    kinds = yaml.safe_load(MESSAGES.read_text(encoding="utf-8")).values()
    split = [[line.rpartition(" || ") for line in lines] for lines in kinds]
    return [(text, hidden.split("; ")) for one in zip(*split) for text, _, hidden in one]


def readable(text):
    """Of which messages a whole private part stands there."""
    text = html.unescape(text).lower()
    return [message for message, hidden in messages() if hidden[0].lower() in text]


@pytest.fixture()
def services(settings, tmp_path):
    changes = {"staff_emails": frozenset({ANNA, ANN}), "content_path": str(tmp_path / "content")}
    return bootstrap.build(settings.copy(update=changes))


@pytest.fixture()
def asked(services, monkeypatch):
    """Every message in a conversation of its own, not answered."""
    monkeypatch.setattr(insight, "encode", lambda texts: np.eye(len(texts))[np.arange(len(texts)) // TOGETHER])
    monkeypatch.setattr(insight, "closest", lambda text: LABEL)
    for number, (text, _) in enumerate(messages()):
        services.store.create(f"talk-{number}", "site", bot.clock.now())
        said = Message.new("user", text, now=bot.clock.now())
        services.store.add(f"talk-{number}", said, Message.new("bot", "?", "utter_ask_rephrase", now=bot.clock.now()))


@pytest.fixture()
def command(monkeypatch, tmp_path, sqlite_url, capsys):
    environment = {"SITE_SECRET_KEY": SECRET, "DATABASE_URL": sqlite_url, "CONTENT_PATH": str(tmp_path / "content")}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def call(*words):
        capsys.readouterr()
        assert main(["content", *map(str, words)]) == 0
        return capsys.readouterr().out

    return call


def test_the_review_shows_all_questions_and_nobody_who_asked(anna, asked):
    page = html.unescape(anna.get("/review").text)
    shown = {masked(text) for text, _ in messages()}
    assert sum(text in page for text in shown) >= 0.95 * len(shown)
    assert readable(page) == [] and readable(anna.get("/review?only=gaps").text) == []


def test_no_question_becomes_an_example_before_it_is_written_anew(anna, services, asked, command):
    for text, _ in messages()[::TOGETHER]:
        for typed in (text, masked(text)):
            with pytest.raises(review.PrivateText):
                review.example_of(typed)
    mine, _ = messages()[0]
    assert anna.post("/review", text=mine, label=LABEL, asked=review.key(masked(mine))).status_code == 400
    assert services.studio.drafts() == []
    anna.post("/review", text=ANEW, label=LABEL, asked=review.key(masked(mine)))
    (draft,) = services.studio.drafts()
    changed = command("diff", draft.id)
    assert ANEW in changed and readable(changed) == []
    tried(services.studio, draft.id)
    services.studio.publish(draft.id, ANNA, "A question of many")
    patch = anna.get("/content/history/1.patch").text
    assert ANEW in patch and readable(patch) == [] and readable(command("patch", 1)) == []
    assert ANEW in services.studio.content().value(Item(ItemKind.EXAMPLES, LABEL))


def test_a_new_answer_that_begins_from_questions_holds_none_of_them_as_they_were(anna, services, asked):
    examples = "\n".join(masked(text) for text, _ in messages()[:TOGETHER])
    form = {"question": "Where is my badge?", "title": "My badge", "text": "It is there.", "topic": "credly_account"}
    (given,) = re.findall(r'content/new">(.*?)<button', anna.get("/review").text)[:1]
    assert given.count("examples") >= TOGETHER - 1 and readable(given) == []
    answer = anna.post("/content/new", **form, examples=examples)
    assert answer.status_code == 400 and "Write it anew" in answer.text
    assert services.studio.drafts() == []


def test_what_a_trial_tells_of_recent_messages_is_masked(services, asked):
    recent = recent_messages(services.database, bot.clock.now())
    assert sum(one.asked for one in recent) == len(messages())
    assert readable("\n".join(one.shown for one in recent) + repr(recent)) == []
