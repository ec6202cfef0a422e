"""Who has proven two addresses reads which of them each credential lies under."""

import pytest

from actions.base import TrackerView
from actions.issuance import CheckIssuanceStatus
from actions.record_questions import RecordWhen
from actions.record_where import RecordAgain, RecordOther
from bot.issuance.where import asks_where

FIRST, SECOND = "hannah.schmidt@example.com", "hannah.weber@example.com"
SEVERAL = "Level 2", "Level 3"


@pytest.fixture()
def ask(acting, told, prove):
    """What somebody reads whose addresses are proven, newest last."""

    def asked(action, text, *addresses, named=(), **view):
        prove(*addresses)
        entities = [{"entity": "credential", "value": one} for one in named]
        return told(action.answer(TrackerView({"text": text, "entities": entities}, conversation_id="c1", **view)))

    return asked


def where(acting, title):
    """The address of a credential of the two."""
    return next(one.email for one in acting.issuance.status([FIRST, SECOND]).diagnoses if one.title == title)


def test_each_item_of_the_list_names_its_address(ask, acting):
    text = ask(CheckIssuanceStatus(), "and now?", FIRST, SECOND)
    for one in acting.issuance.status([FIRST, SECOND]).diagnoses:
        assert f"**{one.title}**, under {one.email}:" in text
    assert {where(acting, "Level 2"), where(acting, "Level 3")} <= {FIRST, SECOND}


@pytest.mark.parametrize("addresses", [[FIRST], [FIRST, "noor.ahmed@example.com"]])
def test_where_one_address_has_everything_no_item_does(ask, addresses):
    text = ask(CheckIssuanceStatus(), "and now?", *addresses)
    assert "- **Level 2**: " in text and ", under " not in text


def test_the_answer_to_a_question_names_it_too(ask, acting):
    text = ask(RecordWhen(), "and when?", FIRST, SECOND, named=["level_2"])
    assert f"**Level 2**, under {where(acting, 'Level 2')}" in text


@pytest.mark.parametrize(
    "text",
    [
        "under which address was that one?",
        "which mail is it on",
        "under which one was the level 2?",
        "what account has it",
        "on which of my two addresses?",
        "with which e-mail did you find that",
        "is it on my first or my second address?",
        "did my private mail have it or the work one?",
    ],
)
@pytest.mark.parametrize("action", [RecordAgain(), RecordOther()])
def test_who_asks_where_it_was_reads_the_address(ask, acting, action, text):
    assert asks_where(text)
    assert ask(action, text, FIRST, SECOND, named=["level_2"]) == f"**Level 2** is under {where(acting, 'Level 2')}."
    slots = {"credential": "level_2"}
    assert ask(action, text, FIRST, SECOND, slots=slots).count(where(acting, "Level 2")) == 1


@pytest.mark.parametrize(
    "text", ["show me that again", "and level 3?", "which one is overdue?", "remind me where mine stands"]
)
def test_other_questions_are_no_question_for_the_address(text):
    assert not asks_where(text)


@pytest.mark.parametrize("named", [["level_1", "level_2"], ["level_2", "level_1"]])
def test_who_asks_for_two_credentials_at_once_reads_of_both(ask, named):
    text = ask(CheckIssuanceStatus(), "did both, which one is out?", "lucas.almeida@example.com", named=named)
    assert "Level 1" in text and "Level 2" in text


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ("utter_record_kind_certification", "is a micro-credential"),
        ("utter_record_until_dated", "expiry date"),
        ("utter_record_when_accepted", "issued"),
        ("utter_status_list", "issued"),
    ],
)
def test_of_the_other_one_the_same_is_told_as_of_the_one_before(ask, before, words):
    text = ask(RecordOther(), "and the other one?", FIRST, SECOND, said=(before,), slots={"credential": "level_3"})
    assert "Level 2" in text and "Level 3" not in text and words in text


def test_the_same_question_read_as_a_look_up_is_still_one_for_the_address(prove):
    prove(FIRST, SECOND)
    message = {"text": "on which of the two mails is level 2?", "metadata": {"context": {"record": True}}}
    assert CheckIssuanceStatus().answer(TrackerView(message, conversation_id="c1")).then == "action_record_again"
