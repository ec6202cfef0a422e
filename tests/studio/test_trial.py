"""Drafts are tried out: what an editor reads of it, with stand-ins for training and for both models."""

import errno
import json
import os
import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from bot import clock
from bot.conversations.message import AssistantReply
from bot.conversations.store import ConversationStore, Message
from bot.errors import BotError
from bot.evaluation.conversations import Heard, Played, PlayedTurn
from bot.nlu.decision import Decision, intent_of
from bot.studio import suite
from bot.studio import trial as trials
from bot.studio.drafts import TrialState
from bot.studio.files import ContentFiles
from bot.studio.items import Item, ItemKind
from bot.studio.playing import CannotPlay
from bot.studio.repository import Repository
from bot.studio.service import Studio
from bot.studio.training import OtherRules
from bot.studio.trial import Workshop, run

EDITOR = "eda@example.com"
SHARING = Item(ItemKind.EXAMPLES, "faq/sharing_options")
ANSWER = Item(ItemKind.RESPONSE, "utter_faq/sharing_options")
NEW = "how do i shout about my shiny thing"
QUESTIONS = {
    "unseen": [
        {"text": "shout about it", "expect": ["faq/sharing_options"], "group": "faq"},
        {"text": "what is credly", "expect": ["faq/what_is_credly"], "group": "faq"},
        {"text": "hello", "expect": ["greet"], "group": "social"},
        {"text": "is the moon far", "expect": ["out_of_scope"], "group": "unrelated"},
    ]
}
LIVE = {"shout about it": "faq/what_is_credly", "what is credly": "faq/what_is_credly", "hello": "greet"}
DRAFT = {**LIVE, "shout about it": "faq/sharing_options", "what is credly": "faq/sharing_options"}
OUT = "out_of_scope/other"


class Vectors:
    name = "one encoder"
    encoder = None

    def __init__(self):
        self.kept = set()

    def of_text(self, text):
        return self.embedding(text)

    def embedding(self, text):
        found = np.array([len(set(text) & set(NEW)), 3, len(text)], dtype=float)
        return found / np.linalg.norm(found)

    def forget(self):
        pass

    def save(self):
        pass


class FakeReader:
    def __init__(self, labels, rounded=None):
        self.labels, self.rounded, self.vectors, self.read_texts = labels, rounded or {}, Vectors(), []

    def read(self, texts, keep=True):
        if keep:
            self.vectors.kept.update(one.text for one in texts)
        self.read_texts += [one.text for one in texts]
        return [decision(self.rounded.get(one.text) or self.labels.get(one.text, OUT)) for one in texts]

    def read_alone(self, one):
        return decision(self.labels.get(one.text, OUT))


def decision(label):
    return Decision(intent=intent_of(label), label=label, confidence=0.9)


@pytest.fixture()
def studio(database, tmp_path, installed):
    return Studio(database, ContentFiles(tmp_path / "content", installed), Repository(tmp_path / "git"), clock.now)


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    shutil.copytree("data", folder / "data")
    shutil.copy("domain.yml", folder)
    return folder


@pytest.fixture()
def database(sqlite_url):
    from bot.database import Database

    found = Database(sqlite_url)
    yield found
    found.engine.dispose()


@pytest.fixture()
def tests_folder(tmp_path):
    folder = tmp_path / "tests"
    folder.mkdir()
    for name, rows in QUESTIONS.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture()
def archive(tmp_path, monkeypatch):
    path = tmp_path / "live.tar.gz"
    path.write_bytes(b"live")
    monkeypatch.setattr(trials, "live_model", lambda studio: path)
    return path


@pytest.fixture()
def workshop(studio, tests_folder, archive):
    readers = {"live": FakeReader(LIVE), "draft": FakeReader(DRAFT)}

    def train(root, base, target, look):
        look(0.5, "half")
        assert (root / "domain.yml").exists()
        target.write_bytes(b"draft")

    def reader(model, folder):
        return readers["live" if model == archive else "draft"]

    found = Workshop(studio, tests=tests_folder, train=train, reader=reader, play=no_play, near=lambda texts, e: ())
    object.__setattr__(found, "readers", readers)
    return found


def no_play(cast, conversations, look):
    raise AssertionError("there is nothing to play")


def draft_with(studio, *changes):
    draft = studio.open_draft("More on sharing", EDITOR)
    for item, change in changes:
        value = studio.content().value(item)
        studio.edit(draft.id, item, change(value), EDITOR, studio.draft(draft.id).version(item))
    return draft.id


def example_added(value):
    return [*value, NEW]


def answer_edited(value):
    return [{**value[0], "text": "Shout it from the roofs."}, *value[1:]]


def tried(studio, workshop, draft_id):
    asked = studio.try_out(draft_id, EDITOR)
    run(asked.id, studio, workshop)
    return studio.trial(draft_id)


def test_the_editor_reads_which_questions_are_answered_otherwise(studio, workshop):
    trial = tried(studio, workshop, draft_with(studio, (SHARING, example_added)))
    assert trial.state is TrialState.DONE, trial.words
    questions = trial.result["questions"]
    assert [(one["text"], one["was"], one["now"]) for one in questions["became_right"]] == [
        ("shout about it", ["faq/what_is_credly"], ["faq/sharing_options"])
    ]
    assert [one["text"] for one in questions["became_wrong"]] == ["what is credly"]
    assert trial.result["counts"]["questions"] == trial.result["counts"]["asked"] == 4
    assert trial.result["groups"]["unseen faq"] == {"was": 0.5, "is": 0.5, "n": 2}
    assert trial.result["complete"]
    assert (studio.root / trial.model).read_bytes() == b"draft"


def test_what_only_rounding_turns_is_not_told(studio, workshop):
    workshop.readers["draft"].rounded = {"hello": "goodbye"}
    trial = tried(studio, workshop, draft_with(studio, (SHARING, example_added)))
    told = [one["text"] for entries in trial.result["questions"].values() for one in entries]
    assert "hello" not in told and len(told) == 2


def test_an_edited_answer_changes_no_label_and_is_told_by_the_questions_it_answers(studio, workshop):
    workshop.readers["live"].labels = DRAFT
    trial = tried(studio, workshop, draft_with(studio, (ANSWER, answer_edited)))
    assert not any(trial.result["questions"].values())
    assert trial.result["new_words"] == [{"response": ANSWER.name, "questions": 2, "recent": 0}]


def test_a_draft_of_words_alone_asks_what_is_live_and_not_once_more_the_draft(studio, workshop):
    trial = tried(studio, workshop, draft_with(studio, (ANSWER, answer_edited)))
    assert trial.result["counts"]["asked"] == len(workshop.readers["live"].read_texts) == 4
    assert workshop.readers["draft"].read_texts == []


def test_a_changed_title_alone_is_no_new_answer(studio, workshop):
    retitled = lambda value: [{**value[0], "metadata": {**value[0]["metadata"], "title": "Share"}}, *value[1:]]  # noqa: E731
    trial = tried(studio, workshop, draft_with(studio, (ANSWER, retitled)))
    assert trial.result["new_words"] == []


def test_a_fallen_floor_is_told_and_one_that_was_low_before_is_not(studio, workshop, tests_folder):
    floors = "unseen:\n  faq: {right: 0.9}\n  social: {right: 0.9}\n"
    (tests_folder / "floors.yml").write_text(floors)
    workshop.readers["draft"].labels = {**DRAFT, "hello": "goodbye"}
    trial = tried(studio, workshop, draft_with(studio, (SHARING, example_added)))
    assert trial.floors_fallen == ("unseen social right 0.0% < 90.0%",)


def test_without_test_questions_it_says_so(studio, workshop):
    shutil.rmtree(workshop.tests)
    trial = tried(studio, workshop, draft_with(studio, (SHARING, example_added)))
    assert trial.state is TrialState.DONE
    assert trials.NO_QUESTIONS in trial.result["notes"]


def say(database, *texts, conversation="one"):
    store = ConversationStore(database)
    store.create_once(conversation, "site", clock.now())
    greeting = AssistantReply(text="Hi!", utterance="utter_greet", buttons=[{"title": "hello", "payload": "/greet"}])
    store.add(conversation, Message.of(greeting, clock.now()))
    store.add(conversation, *(Message.new("user", text, now=clock.now()) for text in texts))


def test_what_people_wrote_is_told_masked_and_most_asked_first(studio, workshop, database):
    mine = "shout about it, I am jane@example.com"
    workshop.readers["draft"].labels = {**DRAFT, mine: "greet"}
    say(database, "shout about it", mine)
    say(database, "Shout about it!", conversation="two")
    workshop.readers["live"].labels["Shout about it!"] = LIVE["shout about it"]
    trial = tried(studio, workshop, draft_with(studio, (SHARING, example_added)))
    first, second = trial.result["recent"]
    assert (first["text"], first["asked"]) == ("shout about it", 2)
    assert (first["was"], first["now"]) == (["faq/what_is_credly"], ["faq/sharing_options"])
    assert second["asked"] == 1 and "(address)" in second["text"]
    assert "jane@example.com" not in json.dumps(trial.result)
    assert mine in workshop.readers["draft"].read_texts  # read as it was written
    assert mine not in workshop.readers["draft"].vectors.kept  # and kept nowhere


def test_a_pressed_button_is_no_message(studio, workshop, database):
    say(database, "hello")
    trial = tried(studio, workshop, draft_with(studio, (SHARING, example_added)))
    assert trial.result["counts"]["recent"] == 0 and trials.NO_RECENT in trial.result["notes"]


def conversations(folder, *talks):
    (folder / "conversations").mkdir()
    written = [{"id": f"a{n}_{name}", "turns": [{"user": text}]} for n, (name, text) in enumerate(talks)]
    (folder / "conversations" / "a.yml").write_text(json.dumps(written))


def playing(right_with, same_answer=False):
    """Plays anything; the conversations end right with the archives named, else with another answer or other words."""
    seen = []

    def play(cast, talks, look):
        seen.append((cast.model.read_bytes(), [one.title for one in talks], (cast.root / "domain.yml").exists()))
        good = cast.model.read_bytes() in right_with
        problems = () if good else ("misses 'LinkedIn'",)
        words = "On LinkedIn, CRT-1234." if good else "No idea."
        turn = PlayedTurn("hey", (Heard("utter_x" if good or same_answer else "utter_y", words),), problems)
        return [Played(str(one.turns["id"]), "", (turn,), ()) for one in talks]

    return play, seen


def with_play(workshop, play):
    found = Workshop(
        studio=workshop.studio,
        tests=workshop.tests,
        train=workshop.train,
        reader=workshop.reader,
        play=play,
        near=workshop.near,
    )
    return found


def test_conversations_whose_messages_are_read_otherwise_are_played(studio, workshop, tests_folder):
    conversations(tests_folder, ("sharing_it", "shout about it"), ("the_moon", "is the moon far"))
    play, seen = playing([b"live"])
    trial = tried(studio, with_play(workshop, play), draft_with(studio, (SHARING, example_added)))
    assert seen == [(b"live", ["Sharing it"], True), (b"draft", ["Sharing it"], True)]
    (told,) = trial.result["conversations"]
    assert told["was_right"] and not told["is_right"] and told["file"] == "a.yml"
    assert told["first_difference"]["was"] == "On LinkedIn, CRT-1234."
    assert told["first_difference"]["problems"] == ["misses 'LinkedIn'"]
    assert trial.result["counts"]["conversations_became_wrong"] == 1


def test_a_conversation_with_the_same_answers_in_new_words_did_not_become_wrong(studio, workshop, tests_folder):
    conversations(tests_folder, ("sharing_it", "shout about it"))
    play, _ = playing([b"live"], same_answer=True)
    trial = tried(studio, with_play(workshop, play), draft_with(studio, (SHARING, example_added)))
    (told,) = trial.result["conversations"]
    assert told["only_words"] and trial.result["counts"]["conversations_became_wrong"] == 0


def test_the_address_of_a_badge_is_another_at_each_play_and_no_difference():
    def ending(address):
        heard = Heard("", f"[See it](https://www.credly.com/badges/{address})")
        return Played("a", "", (PlayedTurn("803057", (heard,), ()),), ())

    played = [ending("03daf2b6-ac26-4fdd-b2e3-122d3b07f797"), ending("36d69a71-acda-4ef3-b602-814f5ce58bc2")]
    assert suite.first_difference(*played) is None
    assert suite.first_difference(played[0], ending("none")) is not None


def test_conversations_with_an_answer_in_new_words_are_played(studio, workshop, tests_folder):
    workshop.readers["live"].labels = DRAFT
    conversations(tests_folder, ("sharing_it", "shout about it"), ("greeting", "hello"))
    play, seen = playing([b"live", b"draft"])
    trial = tried(studio, with_play(workshop, play), draft_with(studio, (ANSWER, answer_edited)))
    assert [titles for _, titles, _ in seen] == [["Sharing it"], ["Sharing it"]]
    assert trial.result["conversations"] == []  # the same was said
    play, seen = playing([b"live", b"draft"])
    tried(studio, with_play(workshop, play), draft_with(studio, (ANSWER, lambda value: answer_edited(value)[:1])))
    assert [model for model, _, _ in seen] == [b"draft"]  # what is live was played before


def test_when_nothing_can_be_played_the_rest_is_told(studio, workshop, tests_folder):
    def fails(cast, talks, look):
        raise CannotPlay

    conversations(tests_folder, ("sharing_it", "shout about it"))
    trial = tried(studio, with_play(workshop, fails), draft_with(studio, (SHARING, example_added)))
    assert trial.state is TrialState.DONE and trials.NOT_PLAYED in trial.result["notes"]


def test_what_is_there_can_be_read_while_the_rest_goes_on(studio, workshop, tests_folder):
    conversations(tests_folder, ("sharing_it", "shout about it"))
    draft_id = draft_with(studio, (SHARING, example_added))
    seen = []

    def play(cast, talks, look):
        seen.append(studio.trial(draft_id))
        return playing([b"live", b"draft"])[0](cast, talks, look)

    tried(studio, with_play(workshop, play), draft_id)
    assert seen[0].state is TrialState.RUNNING and seen[0].words == "Playing 1 conversation"
    assert seen[0].result["questions"]["became_right"] and seen[0].model and not seen[0].result.get("complete")


def test_a_trial_ends_when_its_draft_is_edited_meanwhile(studio, workshop):
    draft_id = draft_with(studio, (SHARING, example_added))

    def train(root, base, target, look):
        value = studio.draft_content(studio.draft(draft_id)).value(SHARING)
        version = studio.draft(draft_id).version(SHARING)
        studio.edit(draft_id, SHARING, [*value, "one more"], EDITOR, version)
        for _ in range(100):
            look(0.5, f"still {time.monotonic()}")
            time.sleep(0.05)

    slow = Workshop(studio, tests=workshop.tests, train=train, reader=workshop.reader, play=no_play)
    trial = tried(studio, slow, draft_id)
    assert trial.state is TrialState.FAILED and trial.words == trials.EDITED
    assert list((studio.root / "trials").glob("[0-9]*")) == []


def test_a_newer_trial_ends_the_older_without_a_word(studio, workshop):
    draft_id = draft_with(studio, (SHARING, example_added))
    older = studio.try_out(draft_id, EDITOR)

    def train(root, base, target, look):
        studio.edit(draft_id, SHARING, ["one alone"], EDITOR, studio.draft(draft_id).version(SHARING))
        studio.try_out(draft_id, EDITOR)
        for _ in range(100):
            look(0.5, f"still {time.monotonic()}")
            time.sleep(0.05)

    slow = Workshop(studio, tests=workshop.tests, train=train, reader=workshop.reader, play=no_play)
    assert not run(older.id, studio, slow)
    assert studio.trial(draft_id).state is TrialState.WAITING and studio.trial(draft_id).id != older.id


def not_written(why, helps):
    return f"The draft could not be tried out, because a file could not be read or written ({why}). {helps}"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (BotError("Train it all."), "Train it all."),
        (ValueError("jane@example.com"), trials.FAILED),
        (OSError(errno.ENOSPC, "No space left on device"), not_written("No space left on device", "Make room and try")),
        (OSError(errno.EROFS, "Read-only file system"), not_written("Read-only file system", "Tell whoever runs the")),
        (PermissionError(errno.EACCES, "Permission denied"), not_written("Permission denied", "Tell whoever runs the")),
    ],
)
def test_what_goes_wrong_is_told_in_plain_words(studio, workshop, error, words):
    def train(root, base, target, look):
        raise error

    broken = Workshop(studio, tests=workshop.tests, train=train, reader=workshop.reader, play=no_play)
    trial = tried(studio, broken, draft_with(studio, (SHARING, example_added)))
    assert trial.state is TrialState.FAILED and trial.words.startswith(words)


@pytest.mark.parametrize(("newer", "words"), [(["domain.yml"], "Bring the newer content in first"), ([], "make train")])
def test_rules_that_are_newer_than_what_is_live_are_to_be_brought_in(studio, workshop, monkeypatch, newer, words):
    def train(root, base, target, look):
        raise OtherRules("More has changed.")

    monkeypatch.setattr(Studio, "installed_files", lambda studio: newer)
    other = Workshop(studio, tests=workshop.tests, train=train, reader=workshop.reader, play=no_play)
    trial = tried(studio, other, draft_with(studio, (SHARING, example_added)))
    assert trial.state is TrialState.FAILED and words in trial.words


def test_it_shows_life_while_a_step_takes_long(studio, workshop, monkeypatch):
    monkeypatch.setattr(trials, "EDITED_SECONDS", 0.05)
    draft_id = draft_with(studio, (SHARING, example_added))
    touched = []

    def train(root, base, target, look):
        began, ended = studio.trial(draft_id).touched_at, threading.Event()
        for _ in range(200):
            if studio.trial(draft_id).touched_at > began:
                touched.append(True)
                break
            ended.wait(0.05)
        target.write_bytes(b"draft")

    slow = Workshop(studio, workshop.tests, train, workshop.reader, no_play, workshop.near)
    assert tried(studio, slow, draft_id).state is TrialState.DONE
    assert touched


def test_only_one_process_does_a_trial(studio, workshop):
    asked = studio.try_out(draft_with(studio, (SHARING, example_added)), EDITOR)
    assert run(asked.id, studio, workshop)
    assert not run(asked.id, studio, workshop)


def test_new_examples_that_mean_what_another_label_means_are_told(studio, workshop):
    other = next(text for text in studio.content().value(Item(ItemKind.EXAMPLES, "faq/what_is_credly")))
    near = Workshop(studio, workshop.tests, workshop.train, workshop.reader, no_play, lambda texts, e: {other})
    draft_id = draft_with(studio, (SHARING, lambda value: [*value, f"{other}!"]))
    (told,) = tried(studio, near, draft_id).result["overlaps"]
    assert set(told["texts"]) == {other, f"{other}!"} and told["cosine"] > 0.93


def test_the_questions_nearest_to_a_change_come_first(studio, workshop, monkeypatch):
    monkeypatch.setattr("bot.studio.concerned.NEAREST", 1)
    tried(studio, workshop, draft_with(studio, (SHARING, example_added)))
    assert workshop.readers["draft"].read_texts[0] in ("shout about it", "is the moon far")
    assert len(workshop.readers["draft"].read_texts) == 4


def test_what_is_live_is_asked_once_only(studio, workshop):
    tried(studio, workshop, draft_with(studio, (SHARING, example_added)))
    asked = len(workshop.readers["live"].read_texts)
    assert asked == 4
    tried(studio, workshop, draft_with(studio, (SHARING, lambda value: [*value, NEW, "more"])))
    assert len(workshop.readers["live"].read_texts) == asked


def test_a_published_draft_was_asked_already(studio, workshop, archive):
    tried(studio, workshop, draft_with(studio, (SHARING, example_added)))
    archive.write_bytes(b"draft")
    workshop.readers["live"].read_texts.clear()
    tried(studio, workshop, draft_with(studio, (SHARING, lambda value: [*value, "more"])))
    assert workshop.readers["live"].read_texts == []


def test_paths_stay_where_they_belong(studio, workshop):
    trial = tried(studio, workshop, draft_with(studio, (SHARING, example_added)))
    assert trial.model == f"models/{trial.digest}.tar.gz" and not Path(trial.model).is_absolute()


def test_the_folder_of_a_process_that_died_goes(studio, workshop):
    dead, young = studio.root / "trials" / "998", studio.root / "trials" / "999"
    for folder in (dead, young):
        folder.mkdir(parents=True)
    os.utime(dead, (1, 1))
    tried(studio, workshop, draft_with(studio, (SHARING, example_added)))
    assert not dead.exists() and young.exists()
