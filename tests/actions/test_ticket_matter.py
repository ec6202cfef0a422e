"""What a ticket says it is about, and why it comes to the team: what is meant, not what else the record has."""

import pytest

from actions.base import TrackerView
from actions.ticket_matter import about_of, reason_of
from actions.ticket_request import request
from bot.tickets.ticket import Action, HandoverReason

LATE, REVOKED, PASSED, SEVEN = (
    f"{name}@example.com" for name in ("kwame.mensah", "jonas.lindqvist", "mei.tanaka", "lucas.almeida")
)


@pytest.fixture()
def talk(prove):
    """A message after the records of some addresses were shown."""

    def say(text, *addresses, before=(), **slots):
        prove(*addresses)
        message = {"text": text, "metadata": {"context": {"record": True}}}
        intents = ("escalate", *("check_issuance_status" for _ in before))
        return TrackerView(message, intents, conversation_id="c1", slots=slots, texts_before=tuple(before))

    return say


@pytest.mark.parametrize(
    ("text", "slots", "opens"),
    [
        ("please take it to the team", {}, "Overdue: Level 2"),
        ("I finished it in March, can they look?", {}, "Overdue: Level 2"),
        ("ask them about the late one", {}, "Overdue: Level 2"),
        ("why was the other one declined, can they say", {}, "Declined: Level 3"),
        ("get the team to look at level 3", {}, "Declined: Level 3"),
        ("my exam was four days ago, ask them about it", {}, "OneStream Certified Professional"),
        ("can somebody help me", {"credential": "level_3"}, "Declined: Level 3"),
        ("my surname is misspelt, tell them", {}, "my surname is misspelt"),
        ("there is a wrong invoice, tell the team", {}, "there is a wrong invoice"),
    ],
)
def test_it_opens_with_what_the_learner_means_and_overdue_only_where_that_is(talk, text, slots, opens):
    view = talk(text, LATE, REVOKED, PASSED, **slots)
    assert about_of(view).startswith(opens)
    late = opens.startswith("Overdue")
    assert (reason_of(view) is HandoverReason.OVERDUE) == late
    assert about_of(view).startswith("Overdue") == late


@pytest.mark.parametrize("text", ["open a ticket", "can somebody from your team help me", "human please"])
def test_what_was_asked_before_tells_which_one_is_meant(talk, text):
    view = talk(text, LATE, REVOKED, before=["why was my Level 3 declined?"])
    assert about_of(view) == "Declined: Level 3\nwhy was my Level 3 declined?"
    assert reason_of(view) is HandoverReason.REQUESTED


def test_a_wish_that_only_names_a_credential_takes_along_what_was_told_before(talk):
    view = talk("then please get the team to look at level 1", before=["I finished Level 1 in May and nothing came"])
    assert "I finished Level 1 in May and nothing came" in about_of(view)


def test_the_only_credential_of_a_record_is_meant_by_words_that_name_none(talk):
    assert about_of(talk("two weeks! let the team check", PASSED)).startswith("OneStream Certified Professional\n")


def test_a_record_in_which_nothing_is_overdue_is_never_called_so(talk):
    view = talk("I passed and nothing came, please ask them", PASSED)
    assert reason_of(view) is HandoverReason.REQUESTED and "Overdue" not in about_of(view)


@pytest.mark.parametrize(
    ("about", "reason", "action"),
    [
        ("Overdue: Level 2\nplease look", HandoverReason.OVERDUE, Action.ISSUE),
        ("it is about my Level 3 badge after all", HandoverReason.REQUESTED, Action.RESEND),
    ],
)
def test_a_text_that_was_changed_changes_the_reason(acting, talk, about, reason, action):
    view = talk("/affirm", LATE, REVOKED, about=about, ticket_reason="overdue", contact=LATE)
    ticket = acting.tickets.open(request(view))
    assert (ticket.reason, ticket.suggested_action) == (reason, action)


def test_the_title_is_the_matter_of_one_of_several(acting, talk):
    view = talk("/affirm", SEVEN, about="Level 2\nalright, then please tell them the date is wrong", contact=SEVEN)
    assert acting.tickets.open(request(view)).title == "Level 2: the date is wrong"


@pytest.mark.parametrize("text", ["hmm ok so who can fix that", "and who could sort it out?"])
def test_who_asks_for_somebody_to_mend_it_means_what_was_told_before(talk, text):
    told = "my level 1 badge is nowhere to be found. noor.ahmed@example.com"
    assert about_of(talk(text, "noor.ahmed@example.com", before=[told])) == "my level 1 badge is nowhere to be found"
