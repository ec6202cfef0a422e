"""The context that a row's `after` stands for is the one that the site makes of the same messages."""

import json

import pytest

from bot.content.responses import responses
from bot.conversations.focus import Focus, Task
from bot.conversations.store import Message
from bot.evaluation.contexts import context_after
from bot.evaluation.examples import BadFile, questions


@pytest.mark.parametrize("task", [task.value for task in Task if task])
def test_a_task_stands_alone(task):
    assert context_after(task)["contexts"] == [task] and context_after(task)["task"] == task


@pytest.mark.parametrize(
    ("after", "contexts"),
    [
        ("anytime", ["anytime"]),
        ("record_shown", ["anytime", "record_shown"]),
        ("watch_offered", ["anytime", "watch_offered", "record_shown"]),
        ("another_offered", ["anytime", "another_offered", "record_shown"]),
        ("team_offered", ["anytime", "team_offered", "record_shown"]),
        ("look_up_offered", ["anytime", "look_up_offered", "answer_given", "missing_micro_credential"]),
        ("refused", ["anytime", "refused"]),
        ("team_wrote", ["anytime", "team_wrote"]),
        ("ticket_open", ["anytime", "ticket_open"]),
        ("credential_expiry", ["anytime", "answer_given", "credential_expiry"]),
        (["record_shown", "credential_expiry"], ["anytime", "record_shown", "answer_given", "credential_expiry"]),
        (["look_up_offered", "missing_some_credentials"],
         ["anytime", "look_up_offered", "answer_given", "missing_some_credentials"]),
    ],
)  # fmt: skip
def test_outside_of_tasks_anytime_comes_first_and_offers_stand_with_what_they_are_made_for(after, contexts):
    assert context_after(after)["contexts"] == contexts


def test_an_answer_just_given_is_known_as_such():
    found = context_after("credential_expiry")
    assert (found["faq"], found["just"], found["topics"]) == ("credential_expiry", ["credential_expiry"], found["just"])
    assert context_after("look_up_offered")["just"] == []


@pytest.mark.parametrize(
    ("after", "utterance"),
    [
        ("credential_expiry", "utter_faq/credential_expiry"),
        ("missing_micro_credential", "utter_faq/missing_micro_credential"),
        ("address_asked", "utter_address_ask"),
        ("code_asked", "utter_code_sent"),
        ("ticket_consent", "utter_ticket_summary"),
    ],
)
def test_it_is_what_the_site_makes_of_the_conversation(after, utterance):
    buttons = tuple(responses()[utterance][0].get("buttons") or ())
    said = Message(id="m", role="bot", text="words", utterance=utterance, buttons=buttons)
    assert context_after(after) == Focus.of([said]).as_json()


@pytest.mark.parametrize("after", ["nothing_known", [], 3, [["record_shown"]], ["code_asked", "ticket_about"]])
def test_a_row_that_stands_after_nothing_known_is_refused_with_its_line(tmp_path, after):
    file = tmp_path / "x.jsonl"
    rows = [{"text": "yes", "expect": "affirm"}, {"text": "yes", "expect": "affirm", "after": after}]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with pytest.raises(BadFile, match="line 2"):
        questions(file)


def test_a_row_has_the_context_of_what_it_stands_after_or_one_of_its_own(tmp_path):
    file = tmp_path / "x.jsonl"
    rows = [
        {"text": "when", "expect": "ask_record_when", "after": "record_shown"},
        {"text": "when", "expect": "ask_record_when", "context": {"contexts": ["anytime"]}},
    ]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    first, second = questions(file)
    assert first["context"] == context_after(["record_shown"]) and second["context"] == {"contexts": ["anytime"]}
    file.write_text(json.dumps({**rows[0], "context": {}}), encoding="utf-8")
    with pytest.raises(BadFile, match="either"):
        questions(file)
