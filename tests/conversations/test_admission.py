"""Who waits for whom: short messages for nobody, long ones for shorter ones, and nobody for ever."""

import threading
import time

import pytest

from bot.conversations.admission import AT_ONCE, LONGEST_FOR_SHORT, MOST_WAITING, SHORT_TEXT, Admission
from bot.errors import AssistantUnavailable

LONG = 2000
DEADLINE = 60.0  # seconds, for what must not hang


class Message(threading.Thread):
    """A message that stays with the assistant until it is let go; `order` gets its length when it comes in."""

    def __init__(self, admission, characters, order=None):
        super().__init__(daemon=True)
        self.admission, self.characters, self.order = admission, characters, order
        self.inside, self.let_go, self.refused = threading.Event(), threading.Event(), threading.Event()
        self.start()

    def run(self):
        try:
            with self.admission.admitted(self.characters):
                if self.order is not None:
                    self.order.append(self.characters)
                self.inside.set()
                self.let_go.wait(DEADLINE)
        except AssistantUnavailable:
            self.refused.set()

    def leave(self):
        self.let_go.set()
        self.join(DEADLINE)


def in_line(admission, lengths, order=None):
    """Messages that wait, in the order in which they came."""
    found = []
    for length in lengths:
        before, end = admission.waiting, time.monotonic() + DEADLINE
        found.append(Message(admission, length, order))
        while admission.waiting == before:
            assert time.monotonic() < end
            time.sleep(0.001)
    return found


@pytest.fixture()
def crowded():
    """An admission with a long message inside; time stands still."""
    admission = Admission(clock=lambda: 0.0)
    first = Message(admission, LONG)
    assert first.inside.wait(DEADLINE)
    yield admission, first
    first.leave()


@pytest.mark.parametrize("short", [0, 14, SHORT_TEXT])
def test_a_question_waits_for_no_long_message(crowded, short):
    admission, _ = crowded
    in_line(admission, [LONG] * 5)
    assert Message(admission, short).inside.wait(DEADLINE)
    assert admission.waiting == 5


def test_the_shortest_of_those_that_wait_comes_first_and_one_at_a_time(crowded):
    admission, first = crowded
    order = []
    others = in_line(admission, [1900, 400, 1200], order)
    first.leave()
    for length in (400, 1200, 1900):
        inside = next(one for one in others if one.characters == length)
        assert inside.inside.wait(DEADLINE) and order[-1] == length
        inside.leave()


def test_a_long_message_is_passed_for_a_while_only():
    now, order = [0.0], []
    admission = Admission(clock=lambda: now[0])
    first = Message(admission, LONG)
    assert first.inside.wait(DEADLINE)
    (long,) = in_line(admission, [LONG], order)
    now[0] = 60.0
    (later,) = in_line(admission, [400], order)
    first.leave()
    for one in (long, later):
        assert one.inside.wait(DEADLINE)
        one.leave()
    assert order == [LONG, 400]


def test_two_of_middle_length_go_together():
    admission = Admission()
    assert all(Message(admission, AT_ONCE // 2).inside.wait(DEADLINE) for _ in range(2))


def test_who_waits_too_long_hears_it_and_leaves_nothing_behind():
    admission = Admission(longest=0.05)
    first = Message(admission, LONG)
    assert first.inside.wait(DEADLINE)
    assert Message(admission, LONG).refused.wait(DEADLINE)
    first.leave()
    assert Message(admission, LONG).inside.wait(DEADLINE)


def test_too_many_are_refused_at_once_but_not_the_short_ones(crowded):
    admission, _ = crowded
    in_line(admission, [LONG] * MOST_WAITING)
    assert Message(admission, LONG).refused.wait(DEADLINE)
    assert Message(admission, SHORT_TEXT).inside.wait(DEADLINE)


def test_a_long_message_comes_in_when_no_short_one_is_there():
    admission = Admission(clock=lambda: 0.0)
    short = Message(admission, SHORT_TEXT)
    assert short.inside.wait(DEADLINE)
    (long,) = in_line(admission, [LONG])
    another = Message(admission, SHORT_TEXT)
    assert another.inside.wait(DEADLINE)
    short.leave()
    assert not long.inside.wait(0.05)
    another.leave()
    assert long.inside.wait(DEADLINE)
    long.leave()


def test_short_messages_without_end_do_not_keep_a_long_one_out():
    now = [0.0]
    admission = Admission(clock=lambda: now[0])
    short = [Message(admission, SHORT_TEXT) for _ in range(2)]
    assert all(one.inside.wait(DEADLINE) for one in short)
    (long,) = in_line(admission, [LONG])
    now[0] = LONGEST_FOR_SHORT
    short[0].leave()
    assert long.inside.wait(DEADLINE)
    for one in (long, short[1]):
        one.leave()
