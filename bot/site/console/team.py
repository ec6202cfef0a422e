"""The team's page: how much comes in, how soon it is answered, what is left; and the same as CSV."""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, render_template

from bot.database import Database
from bot.desk.export import as_csv
from bot.desk.service_times import Figures, by_day, figures, grouped, read_cases
from bot.site import plots
from bot.site.console.entrance import bp, colleagues, note, services
from bot.site.console.insight import PERIODS, between, counted_figures, period, zone
from bot.tickets.service_level import ServiceLevel
from bot.tickets.ticket import HandoverReason

REASON_WORDS = {
    HandoverReason.REQUESTED.value: "asked for the team",
    HandoverReason.OVERDUE.value: "overdue",
    HandoverReason.NEAR_MISS.value: "not in the FAQ",
    HandoverReason.NOT_UNDERSTOOD.value: "not understood",
    HandoverReason.NO_ASSISTANT.value: "assistant was down",
}
LEFT_OPEN = {"backlog": "open"}


@dataclass(frozen=True)
class TeamFigures:
    """What the page shows of a period: by day, of all, by person and by reason."""

    daily: list[tuple[datetime.date, Counter[str], int]]
    all: Figures
    people: list[tuple[str, Figures]]
    reasons: list[tuple[str, Figures]]


@bp.get("/team")
def team() -> str:
    """Figures of a period, for all, by person and by reason."""
    days, level = period(), services().tickets.level
    since, until = between(days)
    database, staff, at = services().database, tuple(colleagues()), zone()
    counted = counted_figures(("team", since, staff), lambda: _figures(database, level, since, until, staff, at))
    found = counted.what
    opened = [(_name(day), counts) for day, counts, _ in found.daily]
    backlog = [(_name(day), {"backlog": left}) for day, _, left in found.daily]
    return render_template(
        "console/team.html",
        days=days,
        periods=PERIODS,
        counted_at=counted.at,
        all=found.all,
        people=found.people,
        reasons=found.reasons,
        reason_words=REASON_WORDS,
        opened_plot=plots.stacked_bars("Tickets opened a day", opened, REASON_WORDS),
        backlog_plot=plots.stacked_bars("Open at the end of each day", backlog, LEFT_OPEN, total=False),
        worked=worked,
        level=level,
    )


@bp.get("/team.csv")
def team_csv() -> Response:
    """The tickets opened in the period, one a line."""
    since, until = between(period())
    database, level, at = services().database, services().tickets.level, zone()

    def write() -> tuple[str, int]:
        cases = [one for one in read_cases(database, level, since) if since <= one.opened_at < until]
        return as_csv(cases, at), len(cases)

    sheet, number = counted_figures(("team.csv", since), write).what
    note("export", tickets=number)
    name = f"tickets-{until.astimezone(at):%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(sheet, mimetype="text/csv", headers=headers)


def _figures(
    database: Database,
    level: ServiceLevel,
    since: datetime.datetime,
    until: datetime.datetime,
    staff: Sequence[str],
    at: datetime.tzinfo,
) -> TeamFigures:
    cases = read_cases(database, level, since)
    reasons = grouped(cases, lambda one: one.reason.value)
    return TeamFigures(
        daily=by_day(cases, _days(since, until, at), at, until),
        all=figures(cases, since, until, level),
        people=[(one, figures(cases, since, until, level, by=one)) for one in staff],
        reasons=[(name, figures(reasons.get(name, []), since, until, level)) for name in REASON_WORDS],
    )


def worked(time: datetime.timedelta | None) -> str:
    """Working time in a table: "3.5 h" of less than a working day, else "1.5 d"; a dash where there is none."""
    if time is None:
        return "–"
    day = services().tickets.level.hours.day
    return f"{time / day:.1f} d" if time >= day else f"{time.total_seconds() / 3600:.1f} h"


def _days(since: datetime.datetime, until: datetime.datetime, at: datetime.tzinfo) -> list[datetime.date]:
    first, last = since.astimezone(at).date(), until.astimezone(at).date()
    return [first + datetime.timedelta(days=number) for number in range((last - first).days + 1)]


def _name(day: datetime.date) -> str:
    return f"{day.day} {day:%b}"
