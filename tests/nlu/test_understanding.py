"""What a person notices: follow-ups, two questions, a bare choice, odd input."""

import datetime

import pytest

from bot.nlu import language
from bot.nlu.questions import parts


@pytest.mark.parametrize("text", ["what is credly", "WHAT IS CREDLY", "waht is credly?"])
def test_case_punctuation_and_typos_do_not_matter(understanding, text):
    assert understanding.decide(text)[0].label == "faq/what_is_credly"


def test_two_questions_are_both_found(understanding):
    decided, _ = understanding.decide("What is Credly and does my badge expire?")
    assert {q.label for q in decided.questions} == {"faq/what_is_credly", "faq/credential_expiry"}


def test_a_follow_up_is_read_after_the_question_before(understanding):
    context = {"faq": "email_signature", "offered": []}
    assert understanding.decide("and can I put several?", context)[0].label == "faq/email_signature_multiple"


def test_a_bare_choice_answers_the_question_back(understanding):
    kinds = ["faq/missing_digital_credential", "faq/missing_micro_credential", "faq/missing_some_credentials"]
    context = {"faq": None, "offered": kinds}
    assert understanding.decide("the micro one", context)[0].label == "faq/missing_micro_credential"


def test_typing_past_the_buttons_is_understood_afresh(understanding):
    context = {"faq": None, "offered": ["faq/missing_digital_credential", "faq/missing_micro_credential"]}
    assert understanding.decide("what is Credly?", context)[0].label == "faq/what_is_credly"


@pytest.mark.parametrize("text", ["?", "😀", "x" * 2000, "\n", "<b>", "的", "a b " * 400])
def test_odd_input_never_fails(understanding, text):
    parsed = understanding.parse(text)
    assert 0 <= parsed["intent"]["confidence"] <= 1 + 1e-6


@pytest.mark.parametrize("context", [None, [], {"faq": 5, "offered": "x"}, {"offered": [1, None]}, "text"])
def test_a_malformed_context_counts_as_none(understanding, context):
    assert understanding.decide("what is credly", context)[0].label == "faq/what_is_credly"


def test_short_messages_are_not_cut():
    assert parts("who and what") == []


@pytest.mark.parametrize(
    ("words", "day"),
    [("last Monday", "2026-01-26"), ("3 March 2025", "2025-03-03"), ("two weeks ago", "2026-01-17")],
)
def test_dates_are_resolved_backwards(words, day):
    assert language.resolve_date(words, datetime.date(2026, 1, 31)) == datetime.date.fromisoformat(day)


def test_entities_come_from_catalogue_and_patterns():
    pipeline = language.build([{"id": "level_2", "names": ["level 2"]}])
    found = {e.label_: e.text for e in pipeline("I passed LEVEL 2 last Monday, mail jane.doe@example.com please").ents}
    assert found == {"credential": "LEVEL 2", "date": "last Monday", "email": "jane.doe@example.com"}
