"""`python -m bot explain` with the trained model, and the reasons that it gives, on scores made by hand."""

import os
import subprocess
import sys

import pytest

from bot.evaluation.reasons import kind, why
from bot.nlu.decision import Choice, Context, Decision, Thresholds
from bot.nlu.reason import Reason

SAID = (
    "my badge is missing",
    "the micro one",
    "what is credly and can I make my profile private?",
    "who won the world cup",
    "has my certifed lead architect badge been issued?",
    "amara.okafor@example.com",
    "what is credly",
)


def explain(*arguments, **settings):
    command = [sys.executable, "-m", "bot", "explain", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **settings})


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What is told of each message; the settings lead to servers that are not there, which nothing may notice."""
    database = tmp_path_factory.mktemp("explain") / "learners.db"
    outside = {"CREDLY_TOKEN": "x", "CREDLY_ORGANIZATION_ID": "y", "CREDLY_API_URL": "http://127.0.0.1:9"}
    after = [word for text in SAID[:-1] for word in ("--after", text)]
    done = explain(SAID[-1], *after, DATABASE_URL=f"sqlite:///{database}", **outside)
    assert done.returncode == 0, done.stderr[-3000:]
    assert len(done.stderr.splitlines()) == 1 and "15 seconds" in done.stderr
    assert not database.exists()
    parts = ("\n" + done.stdout).split("\n> ")[1:]
    assert [part.splitlines()[0] for part in parts] == list(SAID)
    assert max(len(line) for line in done.stdout.splitlines()) <= 100
    return dict(zip(SAID, (" ".join(part.split()) for part in parts)))


def test_the_rule_that_asks_back_is_named_with_its_buttons(told):
    said = told["my badge is missing"]
    assert "tokens my | badge | is | missing" in said
    assert "asked back: ambiguous/missing_badge has" in said
    assert 'action_ambiguous, by TaskPolicy: rule "A badge is missing and nothing says which"' in said
    assert "] /faq/missing_micro_credential" in said


def test_a_bare_choice_is_read_with_what_was_offered_before(told):
    assert "context offered faq/missing_digital_credential, faq/missing_micro_credential" in told["the micro one"]
    assert "answered, by a button just offered" in told["the micro one"]
    assert "says utter_faq/missing_micro_credential" in told["the micro one"]


def test_two_questions_are_shown_with_their_halves(told):
    said = told["what is credly and can I make my profile private?"]
    assert "two questions: each part reaches `part` 0.70" in said
    assert 'for "can I make my profile private?"' in said
    assert 'action_answer_questions, by TaskPolicy: rule "Two questions in one message"' in said


def test_a_refusal_says_why(told):
    assert "declined: " in told["who won the world cup"]
    assert 'rule "What the FAQ does not answer"' in told["who won the world cup"]


def test_a_misspelt_name_and_what_an_action_changes_are_shown(told):
    said = told["has my certifed lead architect badge been issued?"]
    assert 'spelling "certifed" read as "certified"' in said
    assert '"lead architect" = lead_architect' in said
    assert "sets credential = lead_architect" in said
    assert "issuance_form, by the action before it" in said


def test_a_form_is_named_where_it_speaks(told):
    said = told["amara.okafor@example.com"]
    assert "an address is being proven" in said
    assert "issuance_form, by TaskPolicy: form issuance_form" in said
    assert "says utter_code_sent" in said


def test_a_question_within_a_form_is_answered_by_the_rule_for_questions_and_the_form_goes_on(told):
    said = told["what is credly"]
    assert 'step 1 utter_faq, by TaskPolicy: rule "A FAQ question is answered"' in said
    assert "step 2 issuance_form" in said


@pytest.mark.parametrize(
    "arguments",
    [[" "], ["hello", "--after", ""], ["hello", "--model", "none.tar.gz"], ["hello", "--model", "README.md"]],
)
def test_what_cannot_be_explained_is_said_at_once(arguments):
    done = explain(*arguments)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1 and not done.stdout


def test_every_reason_has_words():
    for reason in Reason:
        decided = Decision("faq", "faq/a", 0.61, (Choice("faq/b", 0.25),), reason=reason)
        assert kind(decided)
        assert "0." in why(decided, Context("before"), Thresholds())
