"""Lets long messages to the assistant a few at a time, so that short ones, whoever writes them, hardly wait for them.

To read two thousand characters takes ten times as long as to read a question, and Rasa reads one message after the
other; the threads of the site share one interpreter. So long messages are kept one by one, come in one by one, and do
both when no short one is there, or after some waiting. Each process of the site counts for itself.
"""

import threading
import time
from bisect import insort
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.conversations.metrics import LONG_MESSAGES_WAITING
from bot.errors import AssistantUnavailable
from bot.telemetry.traces import span

SHORT_TEXT = 120  # characters that always go at once
AT_ONCE = 300  # characters of longer texts; of a text that is longer itself only that one
MOST_WAITING = 20  # messages: fewer than half of the threads of the site, which short ones need
LONGEST_ADMISSION = 10.0  # seconds; with the time that the assistant may take less than the lease of a turn
LONGEST_FOR_SHORT = 2.0  # seconds that a long text lets short ones go first, each time that its turn has come
SECONDS_A_CHARACTER = 0.002  # so much longer texts let later ones pass


class Admission:
    """A queue in which a text stands the further back the longer it is, but only for a while."""

    def __init__(self, longest: float = LONGEST_ADMISSION, clock: Callable[[], float] = time.monotonic) -> None:
        """Nobody waits; `longest` is how many seconds one may, on the `clock`."""
        self._longest, self._clock = longest, clock
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, int, int]] = []  # when due, order of arrival, characters
        self._inside, self._short, self._arrived = 0, 0, 0
        self._to_keep, self._keeping = 0, False  # how many wait to be kept, and whether one is being kept

    @property
    def waiting(self) -> int:
        """How many messages wait."""
        return len(self._waiting)

    @contextmanager
    def kept(self, characters: int) -> Iterator[None]:
        """Wait until a text of so many characters may be kept, which is before its turn; nobody is refused here."""
        if characters <= SHORT_TEXT:
            with self._counted():
                yield
            return
        held = self._wait_to_keep()
        try:
            yield
        finally:
            if held:
                with self._changed:
                    self._keeping = False
                    self._changed.notify_all()

    def _wait_to_keep(self) -> bool:
        """Whether it is this one's turn, which has to be given back; it goes on in any case."""
        with self._changed:
            if self._to_keep >= MOST_WAITING:
                return False
            self._to_keep += 1
            free = self._changed.wait_for(lambda: not self._keeping and not self._short, LONGEST_FOR_SHORT)
            self._to_keep -= 1
            self._keeping = self._keeping or free
            return free

    @contextmanager
    def admitted(self, characters: int) -> Iterator[None]:
        """Wait for the turn of a text of so many characters, and hold it meanwhile.

        Raises:
            AssistantUnavailable: too many wait, or it took too long.
        """
        if characters <= SHORT_TEXT:
            with self._counted():
                yield
            return
        with LONG_MESSAGES_WAITING.track_inprogress(), span("wait for long messages"):
            self._enter(characters)
        try:
            yield
        finally:
            with self._changed:
                self._inside -= characters
                self._changed.notify_all()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Count a short text."""
        with self._changed:
            self._short += 1
        try:
            yield
        finally:
            with self._changed:
                self._short -= 1
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
                if not self._changed.wait_for(self._may_enter(mine), self._longest):
                    raise AssistantUnavailable("long messages before it took too long")
                self._inside += characters
            finally:
                self._waiting.remove(mine)
                self._changed.notify_all()

    def _may_enter(self, mine: tuple[float, int, int]) -> Callable[[], bool]:
        """Asks whether it is the turn of a text, each time that one comes or goes."""
        since: list[float] = []  # when its turn had come

        def ask() -> bool:
            if self._waiting[0] != mine or (self._inside and self._inside + mine[2] > AT_ONCE):
                return False
            since.append(self._clock())
            return not self._short or since[-1] - since[0] >= LONGEST_FOR_SHORT

        return ask
