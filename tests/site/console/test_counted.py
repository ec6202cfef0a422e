import datetime
import threading

import pytest

from bot.site.console.counted import KEPT_TIMES, LONG_SECONDS, LONGEST_KEPT_SECONDS, CountedFigures

NOON = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.timezone.utc)


class Counting:
    """Counts how often it was asked; each time takes `seconds` of a clock of its own."""

    def __init__(self, seconds):
        self.seconds, self.at, self.asked = seconds, 0.0, 0
        self.figures = CountedFigures(lambda: NOON, lambda: self.at)
        self.done, self.fails = threading.Event(), False

    def count(self):
        self.asked += 1
        self.at += self.seconds
        self.done.set()
        if self.fails:
            raise ValueError
        return self.asked

    def get(self, key="key"):
        return self.figures.get(key, self.count)


def test_what_is_counted_at_once_is_counted_at_each_look():
    counting = Counting(LONG_SECONDS / 2)
    assert [counting.get().what for _ in range(3)] == [1, 2, 3]
    assert counting.get().at is None


def test_what_is_long_may_be_said_by_who_asks():
    counting = Counting(LONG_SECONDS / 2)
    assert [counting.figures.get("key", counting.count, LONG_SECONDS / 3).what for _ in range(3)] == [1, 1, 1]


def test_what_nobody_looks_at_any_more_is_forgotten(monkeypatch):
    timers = []
    monkeypatch.setattr(threading, "Timer", lambda seconds, what: timers.append(what) or threading.Thread())
    counting = Counting(2.0)
    counting.get()
    counting.get("another")
    assert len(timers) == 1 and len(counting.figures._kept) == 2
    timers.pop()()
    assert len(timers) == 1 and len(counting.figures._kept) == 2
    counting.at += LONGEST_KEPT_SECONDS
    timers.pop()()
    assert counting.figures._kept == {} and timers == []


def test_what_takes_long_is_kept_and_says_when_it_was_counted():
    counting = Counting(2.0)
    assert (counting.get().what, counting.get().what, counting.get().at) == (1, 1, NOON)
    assert counting.get("another").what == 2


def test_after_a_while_it_is_counted_anew_while_nobody_waits():
    counting = Counting(2.0)
    counting.get()
    counting.at += KEPT_TIMES * 2.0 + 1
    counting.done.clear()
    assert counting.get().what == 1
    assert counting.done.wait(60)
    for thread in threading.enumerate():
        if thread.name == "counting":
            thread.join(60)
    assert counting.get().what == 2


def test_what_is_much_too_old_is_not_shown():
    counting = Counting(2.0)
    counting.get()
    counting.at += LONGEST_KEPT_SECONDS + 1
    assert counting.get().what == 2


def test_what_fails_is_told_to_who_asks_and_tried_again():
    counting = Counting(2.0)
    counting.fails = True
    with pytest.raises(ValueError):
        counting.get()
    counting.fails = False
    assert counting.get().what == 2
