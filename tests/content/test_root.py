"""What readers of content see when something is published while they run."""

import json
import logging
import os
import shutil
import threading
import time
from pathlib import Path

import pytest
import yaml

from bot.content import faq_dates, faq_search, faqs, root, twins
from bot.content.kinds import ResponseKind, kind_of
from bot.content.responses import button_titles, related_buttons, render, responses
from bot.insight.masking import masked
from bot.issuance.catalogue import LiveCatalogue
from bot.live import INSTALLED, LIVE_FILE
from bot.settings import Settings
from bot.slack import sentences

ANSWER = "utter_faq/sharing_options"
WITHIN = 60.0  # seconds, for a machine that is busy


class Published:
    """A folder as CONTENT_PATH, with versions of the content that say what they are told to."""

    def __init__(self, folder):
        self.folder = folder

    def version(self, number, answer=None, files=()):
        """Write a version; `files` are paths with their new texts."""
        version = self.folder / "versions" / str(number)
        shutil.copytree("data", version / "data")
        shutil.copy("domain.yml", version)
        if answer:
            self._change(version / "data/nlu/faq/sharing.yml", answer)
        for path, text in files:
            (version / path).write_text(text, encoding="utf-8")
        return version

    def live(self, number, **more):
        """Let a version go live, as a publication does."""
        self.write(json.dumps({"publication": number, "root": f"versions/{number}", "model": "", **more}))

    def write(self, text):
        self.folder.mkdir(exist_ok=True)
        (self.folder / "live.new").write_text(text, encoding="utf-8")
        os.replace(self.folder / "live.new", self.folder / LIVE_FILE)

    @staticmethod
    def _change(file, answer):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        content["responses"][ANSWER][0]["text"] = answer
        file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


@pytest.fixture()
def published(tmp_path, monkeypatch):
    """Nothing is published yet; the reader looks at every call."""
    monkeypatch.setenv("CONTENT_PATH", str(tmp_path / "content"))
    for name, value in {"_live": INSTALLED, "_following": False, "_follower": None, "LIVE_SECONDS": 0.0}.items():
        monkeypatch.setattr(root, name, value)
    return Published(tmp_path / "content")


@pytest.fixture()
def following(published, monkeypatch):
    """A process that follows in the background, until the test ends."""
    monkeypatch.setattr("bot.live.LIVE_SECONDS", 0.01)
    root.follow(Settings.load({"CONTENT_PATH": str(published.folder)}))
    yield published
    root._follower.stop()


def until(true):
    """Wait for what comes by itself; False where it does not."""
    end = time.monotonic() + WITHIN
    while not true() and time.monotonic() < end:
        threading.Event().wait(0.01)
    return true()


def test_without_a_publication_the_installed_content_is_read(published):
    assert root.content_root() == Path(".")
    assert ANSWER in responses()


def test_every_reader_follows_a_publication_and_comes_back_with_a_roll_back(published):
    before = {"answer": render(ANSWER, {}), "yes": twins.other_one("affirm"), "help": sentences.every()["help"]}
    catalogue = LiveCatalogue()
    titles = yaml.safe_load(Path("data/topics.yml").read_text(encoding="utf-8"))
    slack = yaml.safe_load(Path("data/slack.yml").read_text(encoding="utf-8"))
    credential = {"id": "walrus_tamer", "title": "Walrus Tamer", "names": ["walruses"]}
    files = [
        ("data/twins.yml", yaml.safe_dump({"affirm": "thank"})),
        ("data/topics.yml", yaml.safe_dump([{**titles[0], "title": "Of walruses"}, *titles[1:]])),
        ("data/slack.yml", yaml.safe_dump({**slack, "help": "Ask a walrus."})),
        ("data/catalogue.yml", yaml.safe_dump({"credentials": [credential]})),
    ]
    published.version(1, answer="Share it with the walrus.", files=files)
    published.live(1)
    assert render(ANSWER, {}) == faqs.by_id("sharing_options").answer == "Share it with the walrus."
    assert "sharing_options" in [faq.id for faq in faq_search.found("walrus")]
    assert faq_dates.changed_on(faqs.by_id("sharing_options")) is None  # no date is known for these words
    assert (twins.other_one("affirm"), sentences.say("help")) == ("thank", "Ask a walrus.")
    assert faqs.topics()[0].title == "Of walruses"
    assert (catalogue.key("walruses"), len(catalogue.credentials)) == ("walrus_tamer", 1)
    published.write(json.dumps({"publication": 2, "root": "", "model": ""}))
    assert (render(ANSWER, {}), twins.other_one("affirm"), sentences.every()["help"]) == tuple(before.values())
    assert (catalogue.match("walruses"), faqs.topics()[0].title) == (None, titles[0]["title"])


def test_new_labels_and_what_is_gone_are_followed(published):
    domain = yaml.safe_load(Path("domain.yml").read_text(encoding="utf-8"))
    domain["responses"]["utter_walrus"] = [{"text": "A walrus.", "metadata": {"kind": "social", "title": "Walruses"}}]
    del domain["responses"]["utter_greet"]
    published.version(1, files=[("domain.yml", yaml.safe_dump(domain))])
    published.live(1)
    assert (kind_of("utter_walrus"), button_titles()["walrus"]) == (ResponseKind.SOCIAL, "Walruses")
    assert kind_of("utter_greet") is ResponseKind.UNKNOWN
    assert related_buttons()


def test_names_that_the_training_data_uses_often_are_no_names_any_more(published):
    assert masked("my name is Walrina Tusk") == "my name is (name)"
    spoken = "\n".join(f"    - i like walrina tusk {number}" for number in range(5))
    examples = f"nlu:\n- intent: greet\n  examples: |\n{spoken}"
    published.version(1, files=[("data/nlu/extra.yml", examples)])
    published.live(1)
    assert masked("Walrina Tusk") == "Walrina Tusk"


BROKEN = [
    "",
    "{",
    "[]",
    '{"publication": "8", "root": "versions/1"}',
    '{"publication": 8, "root": "versions/8"}',
    '{"publication": 8, "root": "../installed"}',
    '{"publication": 8, "root": "/tmp"}',
    '{"publication": 8, "root": ["versions/1"]}',
    '{"publication": 8, "root": "versions/1", "model": "../../etc/passwd"}',
    "[" * 100_000,
]


def test_a_broken_file_leaves_what_was_live_and_is_told_once(published, caplog, monkeypatch):
    published.version(1, answer="The first.")
    published.live(1)
    assert render(ANSWER, {}) == "The first."
    for broken in BROKEN:
        published.write(broken)
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            for _ in range(3):
                monkeypatch.setattr(root._follower, "_due", 0.0)
                assert (render(ANSWER, {}), root.live().publication) == ("The first.", 1), broken[:80]
        assert len(caplog.records) == 1 and "what was live before stays" in caplog.text, broken[:80]
        published.live(1)
        assert render(ANSWER, {}) == "The first."
    published.version(2, answer="The second.")
    published.live(2)
    assert render(ANSWER, {}) == "The second."


def test_a_file_that_is_gone_leaves_what_was_live(published):
    published.version(1, answer="The first.")
    published.live(1)
    assert render(ANSWER, {}) == "The first."
    (published.folder / LIVE_FILE).unlink()
    assert render(ANSWER, {}) == "The first."


def test_a_process_that_follows_reads_nothing_while_somebody_waits(following, monkeypatch):
    responses()
    following.version(1, answer="The first.")
    following.live(1)
    assert until(lambda: root.live().publication == 1)
    monkeypatch.setattr("bot.yaml_files.yaml.load", None)  # whoever reads now, fails
    assert (render(ANSWER, {}), faqs.by_id("sharing_options").answer) == ("The first.", "The first.")
    assert faq_search.found("share") and sentences.every() and LiveCatalogue().credentials


def test_content_that_cannot_be_read_does_not_go_live_where_it_is_followed(following):
    following.version(1, answer="The first.")
    following.live(1)
    assert until(lambda: root.live().publication == 1)
    following.version(2, files=[("data/nlu/faq/sharing.yml", "responses: {utter_faq/x: [")])
    following.live(2)
    assert until(lambda: root._follower.problem)
    assert (root.live().publication, render(ANSWER, {})) == (1, "The first.")


def test_files_are_read_once_a_publication(published, monkeypatch):
    published.version(1, answer="The first.")
    published.live(1)
    read = []
    load = yaml.load
    monkeypatch.setattr("bot.yaml_files.yaml.load", lambda *args, **kwargs: read.append(1) or load(*args, **kwargs))
    assert render(ANSWER, {}) == "The first."
    once = len(read)
    for _ in range(5):
        render(ANSWER, {}), button_titles(), kind_of(ANSWER)
    assert len(read) == once > 0


def test_folders_that_are_read_by_name_do_not_push_out_what_is_live(published, monkeypatch):
    published.version(1, answer="The first.")
    published.live(1)
    assert render(ANSWER, {}) == "The first."
    for number in range(root.MOST_FOLDERS + 2):
        twins.twins(published.version(f"draft{number}"))
    twins.twins()
    kept = len(twins.twins._found)
    monkeypatch.setattr("bot.yaml_files.yaml.load", None)
    assert twins.twins() and kept <= root.MOST_FOLDERS + 1
