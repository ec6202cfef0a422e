"""A second matter gets a ticket of its own, a detail goes to the open one, and where it is unclear it is asked once."""

import pytest

from actions.another_ticket import NewTicket
from actions.base import TrackerView
from actions.escalation import Escalate
from actions.ticket_request import request
from actions.ticket_status import TicketStatus
from actions.ticket_talk import WHICH_TICKET, AddDetail, ForTeam, WithdrawTicket
from bot.tickets.ticket import State, TicketRequest, What

STAFF = "anna@example.com"
ASKED = {"said": (WHICH_TICKET,)}


def say(action, text, **view):
    return action.answer(TrackerView({"text": text}, conversation_id="c1", **view))


def opened(acting, about, *, separate=True):
    return acting.tickets.open(
        TicketRequest(f"key of {about}", "c1", "site", "jane@example.com", about, separate=separate)
    )


@pytest.fixture()
def ticket(acting):
    return opened(acting, "My surname is misspelt on the Level 2 badge")


def answers(acting, ticket):
    return [event.text for event in acting.tickets.events(ticket.reference) if event.what is What.ANSWERED]


@pytest.mark.parametrize("action", [Escalate(), AddDetail(), ForTeam()])
@pytest.mark.parametrize(
    "text",
    [
        "one more thing for them, about something else",
        "open another ticket",
        "a new one please: my invoice is wrong",
        "please make a separate ticket for my exam voucher",
        "this has nothing to do with that, but the proctor was late",
        "and something else: my company was renamed",
    ],
)
def test_what_is_said_to_be_something_else_becomes_a_ticket_of_its_own(acting, ticket, action, text):
    assert say(action, text).then == "action_new_ticket"
    assert answers(acting, ticket) == []


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("one more thing for them, about something else", None),
        ("open another ticket", None),
        ("a new one please: my invoice is wrong", "a new one please: my invoice is wrong"),
    ],
)
def test_it_begins_with_its_own_words_and_the_known_address(ticket, text, about):
    reply = say(NewTicket(), text)
    assert reply.then == "ticket_form"
    assert (reply.slots["about"], reply.slots["contact"]) == (about, "jane@example.com")
    assert [one.utterance for one in reply.says] == ([] if about else ["utter_ticket_begins_another"])


def test_once_confirmed_there_are_two(acting, ticket, told):
    slots = say(NewTicket(), "a new one please: my invoice is wrong").slots
    second = acting.tickets.open(request(TrackerView({"text": "/affirm"}, conversation_id="c1", slots=slots)))
    assert second.reference != ticket.reference and second.title == "My invoice is wrong"
    assert second.reason.value == "requested"
    status = told(say(TicketStatus(), "and my tickets?"))
    assert ticket.reference in status and second.reference in status


def test_without_that_a_second_confirmation_makes_no_second_ticket(acting, ticket):
    assert opened(acting, "again", separate=False).reference == ticket.reference


@pytest.mark.parametrize(
    "text",
    [
        "add that I need it by Friday",
        "please tell them my surname has an accent",
        "also tell the team that I checked the spam folder",
        "they don't need another ticket, but the misspelt one is urgent",
    ],
)
def test_a_detail_of_the_same_matter_goes_to_the_open_one(ticket, text):
    assert say(Escalate(), text).then == "action_add_detail"


def test_where_it_is_unclear_it_is_asked_once_with_two_buttons(acting, ticket):
    text = "can you ask the team why my voucher was refused"
    reply = say(Escalate(), text)
    assert [one.utterance for one in reply.says] == [WHICH_TICKET] and reply.slots["ticket_words"] == text
    assert say(Escalate(), "they refused it twice, the cashier", **ASKED).then == "action_add_detail"


def test_its_buttons_do_what_they_say(acting, ticket):
    slots = {"ticket_words": "why was my voucher refused"}
    new = say(NewTicket(), "/new_ticket", slots=slots, **ASKED)
    assert new.slots["about"] == "why was my voucher refused" and new.slots["ticket_words"] is None
    added = say(AddDetail(), "/tell_detail", slots=slots, **ASKED)
    assert answers(acting, ticket) == ["why was my voucher refused"] and added.slots["ticket_words"] is None


@pytest.mark.parametrize("text", ["yes", "add it to the first please", "the same ticket"])
def test_typed_answers_do_so_too(acting, ticket, text):
    intents = ("affirm",) if text == "yes" else ("tell_detail",)
    say(AddDetail(), text, intents=intents, slots={"ticket_words": "why was my voucher refused"}, **ASKED)
    assert answers(acting, ticket) == ["why was my voucher refused"]


def test_words_that_were_asked_about_long_ago_are_not_added_to_others(acting, ticket):
    say(AddDetail(), "it is Kowalczyk", slots={"ticket_words": "why was my voucher refused"})
    assert answers(acting, ticket) == ["it is Kowalczyk"]


def test_a_yes_to_the_team_for_another_question_asks_which(ticket):
    turn = {"said": ("utter_out_of_scope/exam_price",), "texts_before": ("what does the retake cost?",)}
    reply = say(Escalate(), "yes please", **turn)
    assert [one.utterance for one in reply.says] == [WHICH_TICKET]
    assert reply.slots["ticket_words"] == "what does the retake cost?"


def test_a_mere_wish_for_the_team_tells_of_the_open_one(ticket, told):
    assert "has your ticket already" in told(say(Escalate(), "can I talk to a human"))


def test_a_new_ticket_without_an_open_one_is_simply_a_ticket(acting, ticket):
    acting.tickets.resolve(ticket.reference, STAFF, via="console")
    assert say(NewTicket(), "a new one please: my invoice is wrong").then == "action_escalate"


@pytest.fixture()
def two(acting, ticket):
    return ticket, opened(acting, "My invoice is wrong")


def test_an_answer_goes_to_the_ticket_in_which_the_team_asked(acting, two):
    first, second = two
    acting.tickets.reply(first.reference, STAFF, "Which spelling is right?", "console")
    say(ForTeam(), "Kowalczyk")
    assert (answers(acting, first), answers(acting, second)) == (["Kowalczyk"], [])


@pytest.mark.parametrize(
    ("text", "of_first"),
    [("the invoice is from June", False), ("the surname has a cz in it", True), ("I am away until Monday", False)],
)
def test_a_detail_goes_to_the_ticket_that_it_speaks_of_else_to_the_newest(acting, two, text, of_first):
    first, second = two
    say(AddDetail(), text)
    assert (answers(acting, first), answers(acting, second)) == (([text], []) if of_first else ([], [text]))


def test_a_ticket_can_be_named_by_its_reference(acting, two):
    first, second = two
    say(WithdrawTicket(), f"please close {first.reference.lower()}")
    assert acting.tickets.get(first.reference).state is State.RESOLVED
    assert acting.tickets.get(second.reference).state is State.NEW


def test_of_two_tickets_the_chat_says_which_the_team_writes_about(acting, ticket):
    acting.store.create("c1", "site", acting.clock())
    acting.tickets.reply(ticket.reference, STAFF, "Which spelling?", "console")
    assert acting.store.all("c1")[-1].text == "Which spelling?"
    second = opened(acting, "My invoice is wrong")
    acting.tickets.reply(second.reference, STAFF, "Which month?", "console")
    assert acting.store.all("c1")[-1].text == f"{second.reference}:\nWhich month?"
