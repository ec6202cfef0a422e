"""When a micro-credential can be expected: issuing takes some days and happens on one day of the week."""

import datetime

Window = tuple[datetime.date, datetime.date]


def issuing_window(completed_on: datetime.date, days: int, weekday: int) -> Window | None:
    """The first and the last expected day of issue; None where the calendar ends.

    From the first issuing weekday after completion to the first one on or after completion + `days`. When `days` is
    shorter than the way to that first weekday, both are the same day.

    Args:
        completed_on: the day of completion.
        days: about how many days issuing takes (FAQ: 10).
        weekday: the day of issue, 0 is Monday (FAQ: Mondays).
    """
    try:
        first = on_or_after(completed_on + datetime.timedelta(days=1), weekday)
        last = on_or_after(completed_on + datetime.timedelta(days=days), weekday)
    except OverflowError:
        return None
    return first, max(first, last)


def on_or_after(day: datetime.date, weekday: int) -> datetime.date:
    """The first day from a day on that is this weekday, 0 for Monday; raises OverflowError where the calendar ends."""
    return day + datetime.timedelta(days=(weekday - day.weekday()) % 7)
