"""How soon the team usually answers: measured where enough tickets were answered, else as it is set."""

import datetime
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.database import Database
from bot.tickets.store import TicketStore
from bot.working_hours import ALL_DAY_ON_WEEKDAYS, WorkingHours

ENOUGH = 20  # answered tickets, before a figure is one
MOST_MEASURED = 1000  # of them, the last ones
ANSWER_TIME_SECONDS = 600.0  # what so many say, which one more hardly changes
MEASURED = datetime.timedelta(days=90)
USUALLY = 0.8  # the share of tickets that were answered in that time
_HOUR = datetime.timedelta(hours=1)
NUMBERS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True)
class Expected:
    """What can be said of the next answer, in words; "" where nothing is known."""

    within: str = ""
    hours: str = ""


class AnswerTimes:
    """Measures first answers by the team in working time."""

    def __init__(
        self, database: Database, clock: Clock, zone: ZoneInfo, hours: WorkingHours | None, usual: str
    ) -> None:
        """Put the parts together.

        Args:
            database: one whose schema exists.
            clock: the time.
            zone: where the team works.
            hours: when it works; None says from Monday to Friday, at hours that nobody has named.
            usual: how soon it usually answers, "" where nobody has said so.
        """
        self._store, self._database = TicketStore(database), database
        self._clock, self._zone, self._hours, self._usual = clock, zone, hours, usual
        self._kept: tuple[str, float] | None = None  # the words, and until when on a clock that is never set back

    def expected(self) -> Expected:
        """How soon an answer usually comes, and when the team works."""
        hours = f"{self._hours.words()} ({self._zone.key.replace('_', ' ')} time)" if self._hours else ""
        return Expected(self._measured() or self._usual, hours)

    def _measured(self) -> str:
        kept = self._kept
        if kept and time.monotonic() < kept[1]:
            return kept[0]
        since = self._clock() - MEASURED
        with self._database.transaction() as connection:
            answered = self._store.first_answers(connection, since, MOST_MEASURED)
        words = self._words(answered)
        self._kept = (words, time.monotonic() + ANSWER_TIME_SECONDS) if len(answered) >= MOST_MEASURED else None
        return words

    def _words(self, answered: Sequence[tuple[datetime.datetime, datetime.datetime]]) -> str:
        if len(answered) < ENOUGH:
            return ""
        hours = self._hours or ALL_DAY_ON_WEEKDAYS
        waited = sorted(hours.between(opened, at, self._zone) for opened, at in answered)
        return in_words(_share(waited, USUALLY), hours.day, count_hours=self._hours is not None)


def _share(waited: Sequence[datetime.timedelta], share: float) -> datetime.timedelta:
    """The time in which this share of all was answered."""
    return waited[math.ceil(share * len(waited)) - 1]


def in_words(waited: datetime.timedelta, day: datetime.timedelta, *, count_hours: bool) -> str:
    """A time rounded up: "two working hours", "one working day".

    Args:
        waited: in working time.
        day: how long a working day is.
        count_hours: whether up to half a day is told in hours.
    """
    if count_hours and waited <= day / 2:
        return _counted(max(1, math.ceil(waited / _HOUR)), "working hour")
    return _counted(max(1, math.ceil(waited / day)), "working day")


def _counted(number: int, what: str) -> str:
    written = NUMBERS[number] if number < len(NUMBERS) else str(number)
    return f"{written} {what}{'' if number == 1 else 's'}"
