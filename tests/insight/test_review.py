import threading
from dataclasses import replace

import numpy as np
import pytest
import yaml

from bot.content.kinds import kind_of
from bot.conversations.store import Message
from bot.insight import review

DATA = """version: "3.1"

# A comment that stays.
nlu:
- intent: faq/what_is_credly
  examples: |
    - who is credly
    - what is credly

- intent: escalate  # a comment beside
  examples: |
    - a person please
"""


@pytest.fixture()
def path(tmp_path):
    return tmp_path / "var" / "review.yml"


@pytest.fixture()
def folder(tmp_path):
    folder = tmp_path / "nlu"
    folder.mkdir()
    (folder / "basics.yml").write_text(DATA, encoding="utf-8")
    return folder


def said(*lines):
    return [
        Message(str(i), "bot" if line.startswith("utter_") else "user", line, line if line.startswith("utter_") else "")
        for i, line in enumerate(lines)
    ]


def test_what_was_not_answered_is_gathered_without_addresses():
    conversation = said(
        "who is credly", "utter_faq/what_is_credly", "mail jane@example.com my 123456 thing", "utter_ask_rephrase"
    )
    assert list(review.unanswered(conversation)) == ["mail (address) my (number) thing"]
    assert list(review.unanswered(conversation, frozenset({"1"})))[0] == "who is credly"


def with_buttons(message, *titles):
    return replace(message, buttons=tuple({"title": title, "payload": "/x"} for title in titles))


def test_what_was_handled_well_is_not_listed():
    asked = "can i still claim it"
    choice, answered, ambiguous = "utter_ask_which", "utter_faq/what_is_credly", "utter_ambiguous/missing_badge"
    kinds = {choice: "clarification", ambiguous: "ambiguous"}
    assert {name: kind_of(name).value for name in kinds} == kinds
    one = said(asked, choice, "Who is Credly?", answered)
    one[1] = with_buttons(one[1], "Who is Credly?", "Something else")
    assert list(review.unanswered(one)) == []
    assert list(review.unanswered(said(asked, choice, "no not that", answered))) == [asked]
    assert list(review.unanswered(said(asked, choice))) == [asked]
    assert list(review.unanswered(said(asked, ambiguous))) == []
    assert list(review.unanswered(said(asked, "utter_out_of_scope/exam_price"))) == []
    assert list(review.unanswered(said(asked, "utter_out_of_scope/other_near"))) == [asked]
    assert list(review.unanswered(said(asked, "utter_out_of_scope/exam_price"), frozenset({"1"}))) == [asked]


def test_what_an_editor_has_seen_to_is_remembered_and_cannot_be_read(tmp_path):
    path = tmp_path / "var" / "seen.txt"
    key = review.key("Where is Jane's badge?")
    assert review.mark_seen([key, key, "../etc", "x" * 16], path) == 1
    assert review.mark_seen([key], path) == 0
    assert review.seen(path) == {review.key("where is JANE'S   badge")} and "jane" not in path.read_text().lower()


def test_questions_that_mean_the_same_are_together():
    vectors = {"a1": [1, 0], "a2": [0.9, 0.1], "b": [0, 1]}
    groups = review.group(
        ["b", "a1", "a2", "a1"], lambda texts: np.array([vectors[t] for t in texts]), lambda t: f"to {t}"
    )
    assert [set(one.questions) for one in groups] == [{"a1", "a2"}, {"b"}]
    assert [(one.closest, one.asked) for one in groups] == [("to a1", 3), ("to b", 1)]
    assert review.group([], None, None) == []


def test_two_clicks_at_once_add_one_example_and_the_file_is_rasas(path):
    threads = [
        threading.Thread(target=review.add, args=("Who owns Credly?", "faq/what_is_credly", path)) for _ in range(8)
    ]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    review.add("- [x](y): # odd \n words", "escalate", path)
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert [entry["intent"] for entry in content["nlu"]] == ["faq/what_is_credly", "escalate"]
    assert review.read(path) == {"faq/what_is_credly": ["Who owns Credly?"], "escalate": ["- x: # odd words"]}


@pytest.mark.parametrize(("text", "label"), [("", "escalate"), ("hello", "../x"), ("hello", "Faq/x\n- intent: y")])
def test_what_cannot_be_used_is_refused(path, text, label):
    with pytest.raises(ValueError):
        review.add(text, label, path)


def test_merging_appends_and_leaves_the_rest_of_the_file_alone(path, folder):
    review.add("Is Credly a company?", "faq/what_is_credly", path)
    review.add("WHO IS CREDLY", "faq/what_is_credly", path)
    review.add("something", "faq/unknown", path)
    review.add("a human please", "escalate", path)
    done = review.merge(folder, path)
    assert done == {
        "": ["WHO IS CREDLY", "something"],
        "faq/what_is_credly": ["Is Credly a company?"],
        "escalate": ["a human please"],
    }
    expected = DATA.replace("    - what is credly\n", "    - what is credly\n    - Is Credly a company?\n")
    expected = expected.replace("    - a person please\n", "    - a person please\n    - a human please\n")
    assert (folder / "basics.yml").read_text(encoding="utf-8") == expected
    assert review.read(path) == {"faq/unknown": ["something"]}
    assert review.drop("", path) == 1 and review.read(path) == {}
