"""Which kept messages a turn takes up: what was left unanswered for long is history."""

import datetime
import threading
import time

import pytest
import sqlalchemy as sql

from bot.clock import now
from bot.conversations.message import UserInput
from bot.conversations.renewal import Renewal
from bot.conversations.store import ConversationStore, conversations
from bot.conversations.turns import TURN_LEASE, Turns

NOON = datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.timezone.utc)
LONGEST_WAIT = 60.0  # seconds, for what comes at once on a machine without other work


class Clock:
    """The time now, as the test sets it."""

    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now


@pytest.fixture()
def clock():
    return Clock()


@pytest.fixture()
def turns(services, clock):
    ConversationStore(services.database).create("c1", "site", NOON)
    return Turns(services.database, clock)


def say(turns, text, client_id=""):
    return turns.accept("c1", UserInput(text, client_id=client_id), lambda before: {})[1]


@pytest.mark.parametrize(
    ("minutes", "asked"),
    [(0, "where is my badge?\nhello?"), (9, "where is my badge?\nhello?"), (10, "hello?"), (600, "hello?")],
)
def test_a_question_that_failed_is_asked_again_with_the_next_one_for_ten_minutes(turns, clock, minutes, asked):
    turns.give_up(say(turns, "where is my badge?"))
    clock.now += datetime.timedelta(minutes=minutes)
    assert say(turns, "hello?").said.text == asked


def test_messages_left_unanswered_long_ago_do_not_keep_anybody_from_writing(turns, clock):
    for number in range(8):
        turns.give_up(say(turns, f"question {number}", f"id {number}"))
    clock.now += datetime.timedelta(minutes=11)
    assert say(turns, "hello?").said.text == "hello?"


def test_the_same_message_sent_again_is_answered_however_old_it_is(turns, clock):
    turns.give_up(say(turns, "where is my badge?", "id 1"))
    clock.now += datetime.timedelta(hours=3)
    assert say(turns, "where is my badge?", "id 1").said.text == "where is my badge?"


def lease_ends(services):
    """When a turn in hand is anybody's, unless it is renewed."""
    with services.database.transaction() as connection:
        return connection.execute(sql.select(conversations.c.answering_until)).scalar()


def renewed(services, times):
    """Wait until a turn in hand has been renewed so often; returns when its lease ends then."""
    end = lease_ends(services)
    for _ in range(times):
        before, give_up = end, time.monotonic() + LONGEST_WAIT
        while (end := lease_ends(services)) == before:
            assert time.monotonic() < give_up, "it is not renewed"
            time.sleep(0.01)
        assert end > before
    return end


def nobody_renews():
    """Wait until the thread that renews has ended."""
    until = time.monotonic() + LONGEST_WAIT
    while any(one.name == "turns" for one in threading.enumerate()):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_turn_is_its_process_s_for_as_long_as_that_lives_and_for_seconds_after(turns, services, clock, monkeypatch):
    monkeypatch.setattr("bot.conversations.turns.TURN_RENEWAL_SECONDS", 0.05)
    assert datetime.timedelta(seconds=10) >= TURN_LEASE
    mine, theirs = Turns(services.database, now), Turns(services.database, clock)
    turn = say(mine, "where is my badge?", "id 1")
    with mine.in_hand(turn):
        for _ in range(3):  # each at the end of the lease before
            clock.now = lease_ends(services)
            renewed(services, 1)
            assert say(theirs, "where is my badge?", "id 1") is None
    nobody_renews()
    clock.now = lease_ends(services)
    taken_over = say(theirs, "where is my badge?", "id 1")
    assert taken_over.said.text == "where is my badge?" and not mine.end(turn, [])


def test_a_database_that_is_away_for_a_moment_ends_no_turn(turns, services, clock, monkeypatch, caplog):
    monkeypatch.setattr("bot.conversations.turns.TURN_RENEWAL_SECONDS", 0.05)
    mine, tries = Turns(services.database, now), iter([OSError("away"), OSError("away")])
    renew = mine._renewal._renew

    def sometimes(names):
        if failure := next(tries, None):
            raise failure
        renew(names)

    monkeypatch.setattr(mine._renewal, "_renew", sometimes)
    with mine.in_hand(say(mine, "where is my badge?", "id 1")):
        clock.now = lease_ends(services)
        renewed(services, 1)
        assert say(turns, "where is my badge?", "id 1") is None
    assert caplog.text.count("turns could not be renewed: OSError") == 2


def test_no_thread_stays_when_nothing_is_in_hand(turns, monkeypatch):
    renewal = Renewal(lambda names: None, 0.05)
    nobody_renews()  # of an earlier test
    with renewal.of("a"), renewal.of("b"):
        assert sum(one.name == "turns" for one in threading.enumerate()) == 1
    nobody_renews()
    with renewal.of("c"):
        assert any(one.name == "turns" for one in threading.enumerate())


def test_long_messages_that_waited_are_not_joined_beyond_what_is_read_at_once(turns):
    first = say(turns, "a" * 3000, "id 1")
    for number, letter in ((2, "b"), (3, "c")):
        assert say(turns, letter * 3000, f"id {number}") is None  # the first is being answered
    turns.end(first, [])
    following = turns.accept("c1", UserInput("b" * 3000, client_id="id 2"), lambda before: {})[1]
    assert following.said.text == "b" * 3000


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ("/faq/what_is_credly", UserInput(payload="/faq/what_is_credly")),
        ("/escalate", UserInput(payload="/escalate")),
        ("/faq/taken_out", UserInput(text="What was it?")),
    ],
)
def test_a_button_whose_answer_was_taken_out_since_counts_as_its_words(turns, payload, said):
    _, turn = turns.accept("c1", UserInput(payload=payload), lambda before: {payload: "What was it?"})
    assert turn.said == said
