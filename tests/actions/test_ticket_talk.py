"""What a learner says about a ticket that is there, and what becomes of the ticket."""

import pytest

from actions.base import TrackerView
from actions.ticket_talk import AddDetail, ForAssistant, ForTeam, NotSolved, WithdrawTicket
from bot.tickets.ticket import HandoverReason, State, TicketRequest, What

STAFF = "anna@example.com"


def say(action, text="some words", **view):
    return action.answer(TrackerView({"text": text}, conversation_id="c1", **view))


@pytest.fixture()
def ticket(acting):
    wanted = TicketRequest(
        key="r1",
        conversation_id="c1",
        channel="site",
        contact="jane@example.com",
        about="Level 2 is missing",
        reason=HandoverReason.REQUESTED,
    )
    return acting.tickets.open(wanted)


def last(acting, ticket):
    event = acting.tickets.events(ticket.reference)[-1]
    return event.what, event.text, acting.tickets.get(ticket.reference).state


@pytest.mark.parametrize(("action", "says"), [(ForTeam(), "Passed on"), (AddDetail(), "added that to your ticket")])
def test_words_go_to_the_ticket_and_the_learner_reads_where(acting, ticket, told, action, says):
    answer = say(action, "Certified Professional please")
    assert says in told(answer) and ticket.reference in told(answer)
    assert last(acting, ticket)[:2] == (What.ANSWERED, "Certified Professional please")


def test_an_answer_to_the_team_goes_on_with_the_ticket(acting, ticket):
    acting.tickets.reply(ticket.reference, STAFF, "Which title?", "console")
    say(ForTeam(), "Certified Professional")
    assert last(acting, ticket) == (What.ANSWERED, "Certified Professional", State.ASSIGNED)


@pytest.mark.parametrize(
    ("action", "then"),
    [(ForTeam(), "action_escalate"), (AddDetail(), "action_escalate"), (NotSolved(), "action_not_helped")],
)
def test_without_a_ticket_words_go_where_they_can(acting, action, then):
    answer = say(action)
    assert answer.then == then and not answer.says


@pytest.mark.parametrize(("action", "then"), [(ForTeam(), "action_add_to_ticket"), (AddDetail(), "action_escalate")])
def test_a_button_is_no_words(acting, ticket, action, then):
    before = acting.tickets.events(ticket.reference)
    assert say(action, "/for_team").then == then
    assert acting.tickets.events(ticket.reference) == before


@pytest.mark.parametrize(
    "words", ["I found it, you can close my ticket", "no longer needed, sorted", "/withdraw_ticket"]
)
def test_a_ticket_is_withdrawn_with_the_learners_words(acting, ticket, told, words):
    answer = say(WithdrawTicket(), words)
    assert "is closed" in told(answer) and ticket.reference in told(answer)
    assert last(acting, ticket) == (What.WITHDRAWN, "" if words.startswith("/") else words, State.RESOLVED)
    events = acting.tickets.events(ticket.reference)
    assert "closed already" in told(say(WithdrawTicket(), words))
    assert acting.tickets.events(ticket.reference) == events


def test_there_may_be_no_ticket_to_withdraw(acting, told):
    answer = say(WithdrawTicket())
    assert [one.utterance for one in answer.says] == ["utter_ticket_unknown"]


def test_what_is_not_solved_is_open_again(acting, ticket, told):
    acting.tickets.resolve(ticket.reference, STAFF, via="console")
    answer = say(NotSolved(), "it still says Jon")
    assert "is open again" in told(answer) and ticket.reference in told(answer)
    assert last(acting, ticket) == (What.ANSWERED, "it still says Jon", State.REOPENED)


def test_what_is_not_solved_while_the_ticket_is_open_is_passed_on(acting, ticket, told):
    answer = say(NotSolved(), "still nothing")
    assert "open again" not in told(answer) and "Passed on" in told(answer)
    assert last(acting, ticket) == (What.ANSWERED, "still nothing", State.NEW)


def test_a_button_for_not_solved_tells_the_team_so(acting, ticket):
    acting.tickets.resolve(ticket.reference, STAFF, via="console")
    say(NotSolved(), "/not_solved")
    assert last(acting, ticket) == (What.ANSWERED, "Still not solved.", State.REOPENED)


def test_what_was_for_the_assistant_is_asked_for_again(acting, ticket, told):
    before = acting.tickets.events(ticket.reference)
    assert "What would you like to ask?" in told(say(ForAssistant()))
    assert acting.tickets.events(ticket.reference) == before
