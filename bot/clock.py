"""The time: always aware and in UTC, and always asked of a clock that was handed in."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

Clock = Callable[[], datetime]
SKEW = timedelta(minutes=1)  # by which the clocks of machines that work together may differ
SETTLED_SECONDS = 3600.0  # seconds


def now() -> datetime:
    """This moment; the clock of everything but tests."""
    return datetime.now(timezone.utc)


def is_held(until: datetime | None, now: datetime, lease: timedelta) -> bool:
    """Whether what was leased until a moment is still in somebody's hands.

    What is held for longer than the lease lasts was taken by a clock that has been set back since: nobody holds it.
    """
    return until is not None and now < until <= now + lease + SKEW


class Steadiness:
    """Whether a clock has gone on as time has: what deletes and closes by age waits while it may be wrong."""

    def __init__(
        self, clock: Clock, elapsed: Callable[[], float] = time.monotonic, settled: float = SETTLED_SECONDS
    ) -> None:
        """Believe the clock as it stands.

        Args:
            clock: is watched.
            elapsed: seconds, of what nobody can set.
            settled: seconds after which a clock that has jumped is believed.
        """
        self._clock, self._elapsed, self._settled = clock, elapsed, settled
        self._began, self._jumped_at = self._beginning(), float("-inf")

    def jump(self) -> timedelta | None:
        """By how much the clock has jumped since it was last asked; None where it has gone on as time has."""
        began = self._beginning()
        jump, self._began = began - self._began, began
        if abs(jump) <= SKEW:
            return None
        self._jumped_at = self._elapsed()
        return jump

    @property
    def is_settled(self) -> bool:
        """Whether the last jump that `jump` has seen was so long ago that the clock is believed."""
        return self._elapsed() - self._jumped_at >= self._settled

    def _beginning(self) -> datetime:
        """What the clock said when `elapsed` began."""
        return self._clock() - timedelta(seconds=self._elapsed())


def iso(moment: datetime, timespec: str = "auto") -> str:
    """A moment as ISO 8601 with a Z; `timespec` as of `datetime.isoformat`."""
    return moment.astimezone(timezone.utc).isoformat(timespec=timespec).replace("+00:00", "Z")
