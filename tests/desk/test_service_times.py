"""Times of service are working time, and the spreadsheet holds no formula."""

import csv
import datetime
import io
from zoneinfo import ZoneInfo

import pytest

from bot.desk.export import as_csv
from bot.desk.service import Desk
from bot.desk.service_times import by_day, figures, read_cases
from bot.tickets.service_level import ServiceLevel
from bot.tickets.ticket import HandoverReason, Priority
from bot.working_hours import WorkingHours, WorkingTime
from tests.tickets.conftest import request
from tests.tickets.test_tickets import OTHER, STAFF

BERLIN = ZoneInfo("Europe/Berlin")
LEVEL = ServiceLevel(WorkingTime(4, "hour"), WorkingTime(2, "day"), WorkingHours.read("Mon-Fri 09:00-17:00"), BERLIN)
HOUR = datetime.timedelta(hours=1)


def at(day, hour, minute=0):
    """A moment of November 2026 in Berlin; the 27th is a Friday."""
    return datetime.datetime(2026, 11, day, hour, minute, tzinfo=BERLIN).astimezone(datetime.timezone.utc)


@pytest.fixture()
def do(tickets):
    """Does something at a moment."""

    def do(moment, what, *arguments, **named):
        tickets._clock = lambda: moment
        return getattr(tickets, what)(*arguments, **named)

    return do


@pytest.fixture()
def worked_week(tickets, services, do):
    tickets.level = LEVEL
    first = do(at(26, 16), "open", request("r1")).reference
    do(at(27, 10), "reply", first, STAFF, "Which address?", "console")  # two hours of work later
    do(at(27, 12), "answer", first, "This one", "mail")
    do(at(30, 9, 30), "resolve", first, OTHER, via="console")
    second = do(at(27, 9), "open", request("r2", reason=HandoverReason.REQUESTED)).reference
    do(at(30, 11), "reply", second, OTHER, "Hello", "console")  # eight and two hours
    do(at(30, 12), "withdraw", second, "", "site")
    do(at(30, 13), "answer", second, "no, wait", "site")
    third = do(at(28, 12), "open", request("r3")).reference  # a Saturday
    merged = do(at(28, 12), "open", request("r4")).reference
    Desk(services.database, tickets, {STAFF}).merge(merged, third, STAFF, "console")
    return read_cases(services.database, LEVEL)


def test_times_are_working_time(worked_week):
    first, second, third = worked_week
    assert (first.answer, first.answered_by) == (2 * HOUR, STAFF)
    assert (first.resolution, first.resolved_by) == (9.5 * HOUR, OTHER)
    assert (second.answer, second.resolution) == (10 * HOUR, None)  # it was opened again
    assert (third.answer, third.resolution) == (None, None)


def test_the_figures_of_a_period(worked_week):
    since, until = at(26, 0), at(30, 14)
    all_of_it = figures(worked_week, since, until, LEVEL)
    assert (all_of_it.opened, all_of_it.resolved, all_of_it.open_now) == (3, 1, 2)
    assert (all_of_it.answer, all_of_it.in_time, all_of_it.resolution) == (6 * HOUR, 50, 9.5 * HOUR)
    assert all_of_it.overdue == 1  # the third was due at 13:00 on Monday, the second is not due yet
    assert all_of_it.resolved_in_time == 100  # 9.5 of 16 hours
    late = figures(worked_week, since, at(30, 18), LEVEL)
    assert (late.open_now, late.overdue) == (2, 2)  # the second: two working days since Friday morning
    anna, ben = (figures(worked_week, since, until, LEVEL, by=one) for one in (STAFF, OTHER))
    assert (anna.replies, anna.answer, anna.resolved) == (1, 2 * HOUR, 0)
    assert (ben.replies, ben.answer, ben.resolved, ben.open_now) == (1, 10 * HOUR, 1, 1)
    earlier = figures(worked_week, at(20, 0), at(21, 0), LEVEL)
    assert (earlier.opened, earlier.answer, earlier.in_time, earlier.open_now) == (0, None, None, 0)


def test_what_is_left_at_the_end_of_each_day(worked_week):
    days = [datetime.date(2026, 11, day) for day in (25, 26, 27, 28, 29, 30)]
    told = by_day(worked_week, days, BERLIN, at(30, 14))
    assert [left for _, _, left in told] == [0, 1, 2, 3, 3, 2]
    assert [sum(opened.values()) for _, opened, _ in told] == [0, 1, 1, 1, 0, 0]


@pytest.mark.parametrize(
    ("since", "hours", "due"),
    [
        (at(26, 10), 4, at(26, 14)),
        (at(26, 15), 4, at(27, 11)),
        (at(27, 15), 4, at(30, 11)),
        (at(27, 20), 8, at(30, 17)),
        (at(28, 3), 1, at(30, 10)),
        (at(26, 9), 8, at(26, 17)),
    ],
)
def test_what_is_due_is_due_within_working_hours(since, hours, due):
    assert LEVEL.hours.after(since, hours * HOUR, BERLIN) == due
    assert LEVEL.hours.between(since, due, BERLIN) == hours * HOUR
    begun = LEVEL.hours.before(due, hours * HOUR, BERLIN)
    assert begun >= since and LEVEL.hours.after(begun, hours * HOUR, BERLIN) == due
    assert LEVEL.hours.after(begun + HOUR / 60, hours * HOUR, BERLIN) > due


def test_the_target_follows_the_priority():
    assert [LEVEL.to_answer(one) / HOUR for one in (Priority.HIGH, Priority.NORMAL, Priority.LOW)] == [2, 4, 8]
    assert LEVEL.to_resolve() == 16 * HOUR


@pytest.mark.parametrize("text", ["", "0 days", "2", "two days", "2 weeks", "1.5 hours", "-1 days"])
def test_an_amount_of_working_time_that_is_none_is_refused(text):
    with pytest.raises(ValueError):
        WorkingTime.read(text)


def test_the_spreadsheet_has_a_line_a_ticket(tickets, services, do):
    opened = do(at(27, 9), "open", request("r1", about='=HYPERLINK("https://evil.example";"Level 2, missing")'))
    do(at(27, 11), "reply", opened.reference, STAFF, "Hello", "console")
    text = as_csv(read_cases(services.database, LEVEL), BERLIN)
    assert text.startswith('\ufeff"reference","opened",')
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert row["title"].startswith("'=") and "jane@" not in text
    assert (row["opened"], row["first_answer_working_hours"], row["answered_by"]) == ("2026-11-27 09:00", "2.00", STAFF)
    assert (row["state"], row["resolved"], row["resolution_working_hours"]) == ("waiting", "", "")
