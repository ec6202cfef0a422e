"""Tickets that wait for the learner are asked about, close by themselves, and open again."""

import datetime

import pytest

from bot.tickets.ticket import State, TicketFilter, What
from tests.tickets.conftest import NOON, request
from tests.tickets.test_tickets import STAFF, mails, whats


@pytest.fixture()
def go_to(services):
    """Sets the time, to so many days after NOON."""

    def go_to(days):
        now = NOON + datetime.timedelta(days=days)
        services.tickets._clock = lambda: now
        object.__setattr__(services.waiting, "clock", lambda: now)

    go_to(0)
    return go_to


@pytest.fixture()
def asked(services, go_to):
    """A ticket whose learner was asked something."""
    services.store.create("c1", "site", NOON)
    reference = services.tickets.open(request(conversation_id="c1")).reference
    services.tickets.reply(reference, STAFF, "Which address?", "console")
    mails(services)
    return reference


def days_on_which_something_happens(services, go_to, until):
    found = {}
    for day in range(until):
        go_to(day)
        if services.waiting.look():
            found[day] = [mail.to for _, mail in mails(services)]
    return found


def test_a_learner_who_is_silent_is_asked_again_once_then_the_ticket_closes(services, go_to, asked):
    told = days_on_which_something_happens(services, go_to, 40)
    assert told == {7: ["jane@example.com"], 14: ["jane@example.com"]}
    assert whats(services.tickets, asked)[-2:] == [What.ASKED_AGAIN, What.CLOSED]
    assert services.tickets.get(asked).state is State.RESOLVED
    again, closed = [message.text for message in services.store.all("c1")][-2:]
    assert "closes by itself on 9 December" in again and "closed this ticket for now" in closed


def test_the_words_of_the_mails_say_how_to_go_on(services, go_to, asked):
    texts = []
    for day in (8, 16):
        go_to(day)
        services.waiting.look()
        texts += [mail for _, mail in mails(services)]
    again, closed = texts
    assert asked in again.subject and "waiting for your answer" in again.text and "on 10 December" in again.text
    assert "just write back" in closed.text and "<p" in closed.html and "open again" in closed.html


def test_an_answer_opens_it_again(services, go_to, asked):
    days_on_which_something_happens(services, go_to, 15)
    assert services.tickets.answer(asked, "jane.d@example.com", "mail").state is State.REOPENED
    assert days_on_which_something_happens(services, go_to, 30) == {}


def test_an_answer_in_time_and_a_new_question_begin_the_time_anew(services, go_to, asked):
    go_to(5)
    services.tickets.answer(asked, "jane.d@example.com", "site")
    services.tickets.reply(asked, STAFF, "And your name?", "console")
    mails(services)
    told = days_on_which_something_happens(services, go_to, 40)
    assert list(told) == [12, 19]


def test_a_note_of_the_team_postpones_nothing(services, go_to, asked):
    go_to(6)
    services.tickets.note(asked, STAFF, "Still silent", "console")
    assert list(days_on_which_something_happens(services, go_to, 40)) == [7, 14]


def test_who_was_asked_late_has_half_of_the_time_from_then(services, go_to, asked):
    go_to(30)  # the worker was away
    assert services.waiting.look() == 1
    assert list(days_on_which_something_happens(services, go_to, 60)) == [37]


def test_what_waits_for_the_team_or_was_resolved_is_left_alone(services, go_to, asked):
    services.tickets.open(request("r2"))
    services.tickets.resolve(asked, STAFF, via="console")
    mails(services)
    assert days_on_which_something_happens(services, go_to, 40) == {}


def test_nothing_closes_where_that_is_switched_off(services, go_to, asked):
    object.__setattr__(services.waiting, "days", 0)
    assert days_on_which_something_happens(services, go_to, 40) == {}


def test_only_what_waits_for_the_team_is_due(services, go_to, asked):
    due = services.tickets.open(request("r2"))
    assert due.due_at == NOON + datetime.timedelta(days=2)  # a Wednesday: Thursday and Friday are worked
    assert services.tickets.get(asked).due_at is None
    assert services.tickets.claim(due.reference, STAFF, "console").due_at == due.due_at
    go_to(3)
    answered = services.tickets.answer(asked, "jane.d@example.com", "site")
    assert answered.due_at == datetime.datetime(2026, 12, 2, tzinfo=datetime.timezone.utc)  # from Monday on
    found, _ = services.tickets.find(TicketFilter(due_first=NOON + datetime.timedelta(days=3)))
    assert [one.reference for one in found] == [due.reference, asked]
