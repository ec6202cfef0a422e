"""Lets long messages to the assistant a few at a time, so that short ones, whoever writes them, hardly wait for them.

To read two thousand characters takes ten times as long as to read a question, and Rasa reads one message after the
other. Each process of the site counts for itself.
"""

import threading
import time
from bisect import insort
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.errors import AssistantUnavailable

SHORT_TEXT = 120  # characters that always go at once
AT_ONCE = 300  # characters of longer texts; of a text that is longer itself only that one
MOST_WAITING = 20  # messages: fewer than half of the threads of the site, which short ones need
LONGEST_ADMISSION = 10.0  # seconds; with the time that the assistant may take less than the lease of a turn
SECONDS_A_CHARACTER = 0.002  # so much longer texts let later ones pass


class Admission:
    """A queue in which a text stands the further back the longer it is, but only for a while."""

    def __init__(self, longest: float = LONGEST_ADMISSION, clock: Callable[[], float] = time.monotonic) -> None:
        """Nobody waits; `longest` is how many seconds one may, on the `clock`."""
        self._longest, self._clock = longest, clock
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, int, int]] = []  # when due, order of arrival, characters
        self._inside, self._arrived = 0, 0

    @property
    def waiting(self) -> int:
        """How many messages wait."""
        return len(self._waiting)

    @contextmanager
    def admitted(self, characters: int) -> Iterator[None]:
        """Wait for the turn of a text of so many characters, and hold it meanwhile.

        Raises:
            AssistantUnavailable: too many wait, or it took too long.
        """
        if characters <= SHORT_TEXT:
            yield
            return
        self._enter(characters)
        try:
            yield
        finally:
            with self._changed:
                self._inside -= characters
                self._changed.notify_all()

    def _enter(self, characters: int) -> None:
        with self._changed:
            if len(self._waiting) >= MOST_WAITING:
                raise AssistantUnavailable("too many long messages wait")
            now = self._clock()
            self._arrived += 1
            mine = (now + characters * SECONDS_A_CHARACTER, self._arrived, characters)
            insort(self._waiting, mine)
            try:
                if not self._changed.wait_for(lambda: self._may_enter(mine), self._longest):
                    raise AssistantUnavailable("long messages before it took too long")
                self._inside += characters
            finally:
                self._waiting.remove(mine)
                self._changed.notify_all()

    def _may_enter(self, mine: tuple[float, int, int]) -> bool:
        return self._waiting[0] == mine and (not self._inside or self._inside + mine[2] <= AT_ONCE)
