"""Which kept messages a turn takes up: what was left unanswered for long is history."""

import datetime

import pytest

from bot.conversations.message import UserInput
from bot.conversations.store import ConversationStore
from bot.conversations.turns import Turns

NOON = datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.timezone.utc)


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
