"""The time: always aware and in UTC, and always asked of a clock that was handed in."""

from collections.abc import Callable
from datetime import datetime, timezone

Clock = Callable[[], datetime]


def now() -> datetime:
    """This moment; the clock of everything but tests."""
    return datetime.now(timezone.utc)


def iso(moment: datetime, timespec: str = "auto") -> str:
    """A moment as ISO 8601 with a Z; `timespec` as of `datetime.isoformat`."""
    return moment.astimezone(timezone.utc).isoformat(timespec=timespec).replace("+00:00", "Z")
