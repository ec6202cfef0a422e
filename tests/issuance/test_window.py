"""The expected days of issue, for every weekday and over the ends of months, years and the calendar."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.issuance.window import issuing_window, on_or_after

patient = settings(deadline=None)  # a busy machine is no failure

DAY = datetime.timedelta(days=1)
EDGES = [datetime.date(y, m, d) for y, m, d in [(2023, 12, 31), (2024, 2, 28), (2024, 2, 29), (2025, 2, 28)]]
days = st.one_of(st.dates(), st.sampled_from([*EDGES, datetime.date.min, datetime.date.max]))


@pytest.mark.parametrize(
    ("completed", "first", "last"),
    [
        ("2026-03-02", "2026-03-09", "2026-03-16"),  # a Monday: that same Monday does not count
        ("2026-03-03", "2026-03-09", "2026-03-16"),
        ("2026-03-04", "2026-03-09", "2026-03-16"),
        ("2026-03-05", "2026-03-09", "2026-03-16"),
        ("2026-03-06", "2026-03-09", "2026-03-16"),  # + 10 days is a Monday: it is that one
        ("2026-03-07", "2026-03-09", "2026-03-23"),
        ("2026-03-08", "2026-03-09", "2026-03-23"),
        ("2024-02-29", "2024-03-04", "2024-03-11"),
        ("2025-12-31", "2026-01-05", "2026-01-12"),
        ("2026-01-31", "2026-02-02", "2026-02-16"),
    ],
)
def test_the_window_of_every_weekday_and_of_the_ends_of_months_and_years(completed, first, last):
    window = issuing_window(datetime.date.fromisoformat(completed), 10, 0)
    assert [day.isoformat() for day in window] == [first, last]


@patient
@given(days, st.integers(0, 365), st.integers(0, 6))
def test_a_window_holds_only_issuing_days_after_completion(completed, duration, weekday):
    window = issuing_window(completed, duration, weekday)
    if window is None:
        assert completed > datetime.date.max - datetime.timedelta(days=duration + 8)
        return
    first, last = window
    assert first.weekday() == last.weekday() == weekday
    assert 1 <= (first - completed).days <= 7
    assert first <= last
    assert duration <= (last - completed).days < max(duration, 1) + 7


@patient
@given(days, st.integers(0, 365), st.integers(0, 6))
def test_who_completes_later_never_expects_it_sooner(completed, duration, weekday):
    if completed < datetime.date.max:
        window, later = (issuing_window(day, duration, weekday) for day in (completed, completed + DAY))
        assert later is None or (window[0] <= later[0] and window[1] <= later[1])


@pytest.mark.parametrize("weekday", range(7))
def test_the_next_issuing_day_is_within_a_week_and_may_be_today(weekday):
    for number in range(14):
        day = datetime.date(2026, 11, 20) + datetime.timedelta(days=number)
        found = on_or_after(day, weekday)
        assert found.weekday() == weekday and 0 <= (found - day).days <= 6
