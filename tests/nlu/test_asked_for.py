"""An address or a code that was asked for, with other words beside it."""

import pytest

from bot.nlu.asked_for import as_answer, is_answer
from bot.nlu.decision import Choice, Context, Decision, intent_of
from bot.nlu.readings import Read


def taken(label, *, asks=False, questions=(), also=()):
    general = Decision(
        intent="faq+faq" if questions else intent_of(label),
        label=label,
        confidence=0.9,
        questions=tuple(Choice(one, 0.9) for one in questions),
        also=also,
    )
    return as_answer(general, Read(general=general, answers=True, asks=asks))


@pytest.mark.parametrize("task", ["address_asked", "code_asked", "ticket_contact"])
def test_one_address_is_what_was_asked_for(task):
    assert is_answer(1, False, Context(contexts=(task,)))
    assert not is_answer(2, False, Context(contexts=(task,)))
    assert not is_answer(0, False, Context(contexts=(task,)))
    assert not is_answer(1, False, Context(contexts=("ticket_consent",)))


def test_a_code_is_what_was_asked_for_only_where_it_was():
    assert is_answer(0, True, Context(contexts=("code_asked",)))
    assert not is_answer(0, True, Context(contexts=("address_asked",)))
    assert not is_answer(0, True, Context(contexts=("ticket_contact",)))


@pytest.mark.parametrize("label", ["stop", "deny", "affirm", "thank", "goodbye", "help", "not_helped", "acknowledge"])
def test_words_that_seem_to_end_or_to_greet_do_not_lose_it(label):
    assert taken(label).label == "inform"


@pytest.mark.parametrize("label", ["faq/email_signature", "fact/export_credentials_where_to", "process/why_code"])
def test_a_question_beside_it_is_answered_as_well(label):
    decided = taken(label, asks=True)
    assert (decided.label, decided.also) == ("inform", (label,))


def test_two_questions_beside_it_are_both_answered():
    asked = ("faq/email_signature", "faq/credential_expiry")
    assert taken("faq/email_signature", asks=True, questions=asked).also == asked


def test_a_report_of_a_missing_badge_beside_it_gets_no_lecture():
    assert taken("faq/missing_micro_credential", asks=True).also == ()
    assert (
        taken("faq/missing_micro_credential").label == "faq/missing_micro_credential"
    )  # words for the ticket, perhaps


@pytest.mark.parametrize(
    "label", ["escalate", "tell_detail", "change_address", "other_person", "ticket_status", "watch"]
)
def test_what_is_wished_beside_it_stays_the_wish(label):
    assert taken(label).label == label


def test_without_it_nothing_changes():
    general = Decision(intent="stop", label="stop", confidence=0.9)
    assert as_answer(general, Read(general=general)) is general


@pytest.mark.parametrize("label", ["process/why_code", "fact/credential_expiry_flagged"])
def test_words_that_ask_nothing_are_no_question_beside_it(label):
    told = taken(label)
    assert told.label == "inform" and not told.also
    asked = taken(label, asks=True)
    assert asked.label == "inform" and asked.also == (label,)
