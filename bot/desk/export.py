"""Tickets as CSV for a spreadsheet, in which nothing that somebody typed can become a formula."""

import datetime
from collections.abc import Iterable

from bot.desk.service_times import Case
from bot.spreadsheet import harmless_csv

SHEET_COLUMNS = (
    *("reference", "opened", "state", "priority", "reason", "channel", "tags", "title", "assigned_to"),
    *("first_answer", "answered_by", "first_answer_working_hours"),
    *("resolved", "resolved_by", "resolution_working_hours"),
)


def as_csv(cases: Iterable[Case], zone: datetime.tzinfo) -> str:
    """One line a ticket, with a byte order mark so that spreadsheets read UTF-8; moments in the given zone."""
    lines: list[tuple[str, ...]] = [SHEET_COLUMNS]
    for one in cases:
        kind = (one.state.value, one.priority.name.lower(), one.reason.value, one.channel, " ".join(one.tags))
        answered = (_moment(one.answered_at, zone), one.answered_by, _hours(one.answer))
        resolved = (_moment(one.resolved_at, zone), one.resolved_by, _hours(one.resolution))
        opened = (one.reference, _moment(one.opened_at, zone))
        lines.append((*opened, *kind, one.title, one.assigned_to, *answered, *resolved))
    return harmless_csv(lines)


def _moment(at: datetime.datetime | None, zone: datetime.tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else ""


def _hours(worked: datetime.timedelta | None) -> str:
    return "" if worked is None else f"{worked.total_seconds() / 3600:.2f}"
