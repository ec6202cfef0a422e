"""The team's page: how much comes in, how soon it is answered, what is left; and the same as CSV."""

import datetime

from flask import Response, render_template

from bot.desk.export import as_csv
from bot.desk.service_times import by_day, figures, grouped, read_cases
from bot.site import plots
from bot.site.console.entrance import bp, colleagues, note, services
from bot.site.console.insight import PERIODS, between, period, zone
from bot.tickets.ticket import HandoverReason

REASON_WORDS = {
    HandoverReason.REQUESTED.value: "asked for the team",
    HandoverReason.OVERDUE.value: "overdue",
    HandoverReason.NEAR_MISS.value: "not in the FAQ",
    HandoverReason.NOT_UNDERSTOOD.value: "not understood",
    HandoverReason.NO_ASSISTANT.value: "assistant was down",
}
LEFT_OPEN = {"backlog": "open"}


@bp.get("/team")
def team() -> str:
    """Figures of a period, for all, by person and by reason."""
    days, level = period(), services().tickets.level
    since, until = between(days)
    cases = read_cases(services().database, level)
    daily = by_day(cases, _days(since, until), zone(), until)
    people = [(one, figures(cases, since, until, level, by=one)) for one in colleagues()]
    reasons = grouped(cases, lambda one: one.reason.value)
    opened = [(_name(day), counts) for day, counts, _ in daily]
    backlog = [(_name(day), {"backlog": left}) for day, _, left in daily]
    return render_template(
        "console/team.html",
        days=days,
        periods=PERIODS,
        all=figures(cases, since, until, level),
        people=people,
        reasons=[(name, figures(reasons.get(name, []), since, until, level)) for name in REASON_WORDS],
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
    cases = [one for one in read_cases(services().database, services().tickets.level) if since <= one.opened_at < until]
    note("export", tickets=len(cases))
    name = f"tickets-{until.astimezone(zone()):%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(as_csv(cases, zone()), mimetype="text/csv", headers=headers)


def worked(time: datetime.timedelta | None) -> str:
    """Working time in a table: "3.5 h" of less than a working day, else "1.5 d"; a dash where there is none."""
    if time is None:
        return "–"
    day = services().tickets.level.hours.day
    return f"{time / day:.1f} d" if time >= day else f"{time.total_seconds() / 3600:.1f} h"


def _days(since: datetime.datetime, until: datetime.datetime) -> list[datetime.date]:
    first, last = since.astimezone(zone()).date(), until.astimezone(zone()).date()
    return [first + datetime.timedelta(days=number) for number in range((last - first).days + 1)]


def _name(day: datetime.date) -> str:
    return f"{day.day} {day:%b}"
