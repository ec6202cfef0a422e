"""When the certification team works: read from the setting, said in words, and time measured in it."""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERIOD = re.compile(r"([a-z]+)(?:\s*-\s*([a-z]+))?\s+([0-9]{1,2}):([0-9]{2})\s*-\s*([0-9]{1,2}):([0-9]{2})")
_AMOUNT = re.compile(r"([1-9][0-9]?)\s+(?:working\s+)?(hour|day)s?")
_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """The days of the week from `first` to `last`, 0 is Monday, from one time of the day to another, in minutes."""

    first: int
    last: int
    begins: int
    ends: int

    def words(self) -> str:
        """As "Monday to Friday, 09:00 to 17:00"."""
        day, last = WEEK[self.first].title(), WEEK[self.last].title()
        days = day if self.first == self.last else f"{day} to {last}"
        return f"{days}, {_clock(self.begins)} to {_clock(self.ends)}"


@dataclass(frozen=True)
class WorkingHours:
    """The periods of a week; no two share a day."""

    periods: tuple[Period, ...]

    @classmethod
    def read(cls, text: str) -> "WorkingHours":
        """From "Mon-Fri 09:00-17:00", or several such with a semicolon between; raises ValueError."""
        periods = tuple(_period(part.strip().lower()) for part in text.split(";") if part.strip())
        days = [day for one in periods for day in range(one.first, one.last + 1)]
        if not days or len(set(days)) < len(days):
            raise ValueError(text)
        return cls(periods)

    def words(self) -> str:
        """As a sentence names them."""
        return ", and ".join(one.words() for one in self.periods)

    @property
    def day(self) -> datetime.timedelta:
        """The longest working day."""
        return datetime.timedelta(minutes=max(one.ends - one.begins for one in self.periods))

    def between(self, since: datetime.datetime, until: datetime.datetime, zone: ZoneInfo) -> datetime.timedelta:
        """How much working time lies between two moments, both aware."""
        spans = self._spans(since.astimezone(zone).date(), until.astimezone(zone).date(), zone)
        worked = (min(until, ends) - max(since, begins) for begins, ends in spans)
        return sum((one for one in worked if one > datetime.timedelta()), datetime.timedelta())

    def after(self, moment: datetime.datetime, worked: datetime.timedelta, zone: ZoneInfo) -> datetime.datetime:
        """When so much working time (more than none) has passed since a moment, which is aware; in UTC."""
        left, day = worked, moment.astimezone(zone).date()
        while True:
            for begins, ends in self._spans(day, day, zone):
                span = ends - max(moment, begins)
                if span >= left:
                    return ends - (span - left)
                left -= max(span, datetime.timedelta())
            day += _DAY

    def before(self, moment: datetime.datetime, worked: datetime.timedelta, zone: ZoneInfo) -> datetime.datetime:
        """Since when so much working time (more than none) has passed at a moment, which is aware; in UTC.

        What began earlier than that has lasted longer: `after` the two compare as the moments do.
        """
        left, day = worked, moment.astimezone(zone).date()
        while True:
            for begins, ends in reversed(list(self._spans(day, day, zone))):
                until = min(moment, ends).astimezone(datetime.timezone.utc)
                if until - begins >= left:
                    return until - left
                left -= max(until - begins, datetime.timedelta())
            day -= _DAY

    def _spans(
        self, first: datetime.date, last: datetime.date, zone: ZoneInfo
    ) -> Iterator[tuple[datetime.datetime, datetime.datetime]]:
        """Begin and end of each working day, in UTC: a wall clock may be put forward in between."""
        for number in range((last - first).days + 1):
            day = first + number * _DAY
            for one in self.periods:
                if one.first <= day.weekday() <= one.last:
                    yield _moment(day, one.begins, zone), _moment(day, one.ends, zone)


@dataclass(frozen=True)
class WorkingTime:
    """An amount of working time, such as two working days."""

    number: int
    unit: str  # "hour" or "day"

    @classmethod
    def read(cls, text: str) -> "WorkingTime":
        """From "4 working hours" or "2 working days"; raises ValueError."""
        match = _AMOUNT.fullmatch(text.strip().lower())
        if match is None:
            raise ValueError(text)
        return cls(int(match[1]), match[2])

    def within(self, hours: WorkingHours) -> datetime.timedelta:
        """The same in time; a day is the longest working day."""
        return self.number * (hours.day if self.unit == "day" else datetime.timedelta(hours=1))


ALL_DAY_ON_WEEKDAYS = WorkingHours((Period(0, 4, 0, 24 * 60),))  # where no hours are set


def _period(text: str) -> Period:
    match = _PERIOD.fullmatch(text)
    if match is None:
        raise ValueError(text)
    first, last, *times = match.groups()
    hours, minutes = [int(one) for one in times[::2]], [int(one) for one in times[1::2]]
    begins, ends = (hour * 60 + minute for hour, minute in zip(hours, minutes))
    period = Period(_weekday(first), _weekday(last or first), begins, ends)
    if period.first > period.last or not begins < ends <= 24 * 60 or max(minutes) > 59:
        raise ValueError(text)
    return period


def _weekday(name: str) -> int:
    found = [place for place, day in enumerate(WEEK) if len(name) >= 3 and day.startswith(name)]
    if not found:
        raise ValueError(name)
    return found[0]


def _moment(day: datetime.date, minutes: int, zone: ZoneInfo) -> datetime.datetime:
    day, minutes = (day + _DAY, 0) if minutes == 24 * 60 else (day, minutes)
    local = datetime.datetime.combine(day, datetime.time(minutes // 60, minutes % 60), zone)
    return local.astimezone(datetime.timezone.utc)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
