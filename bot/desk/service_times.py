"""How much comes in, how soon it is answered and resolved in working time, and what is left."""

import datetime
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from statistics import median

import sqlalchemy as sql

from bot.database import Database
from bot.tickets.service_level import ServiceLevel
from bot.tickets.store import ticket_events, tickets
from bot.tickets.ticket import LEARNER, SYSTEM, HandoverReason, Priority, State, What
from bot.tickets.title import title

ENDINGS = (What.RESOLVED, What.CLOSED, What.WITHDRAWN)
BEGINS_AGAIN = (What.REOPENED, What.ANSWERED)
CASE_COLUMNS = [
    "reference",
    "created_at",
    "state",
    "reason",
    "priority",
    "channel",
    "tags",
    "about",
    "assigned_to",
    "due_at",
]
COUNTED_EVENTS = (What.REPLIED, *ENDINGS, *BEGINS_AGAIN)


@dataclass(frozen=True)
class Case:
    """One ticket and its times; `answer` and `resolution` are working time, None where it has not come so far.

    `spans` are when it was open, the last one without an end where it still is. `replies` are who of the
    team wrote when.
    """

    reference: str
    opened_at: datetime.datetime
    state: State
    reason: HandoverReason
    priority: Priority
    channel: str
    tags: tuple[str, ...]
    about: str = field(repr=False)
    assigned_to: str = field(repr=False)
    due_at: datetime.datetime | None
    spans: tuple[tuple[datetime.datetime, datetime.datetime | None], ...]
    replies: tuple[tuple[datetime.datetime, str], ...] = field(repr=False)
    answered_at: datetime.datetime | None = None
    answered_by: str = field(default="", repr=False)
    answer: datetime.timedelta | None = None
    resolved_at: datetime.datetime | None = None
    resolved_by: str = field(default="", repr=False)
    resolution: datetime.timedelta | None = None

    @property
    def title(self) -> str:
        """The matter in a few words."""
        return title(self.about)

    def open_at(self, moment: datetime.datetime) -> bool:
        """Whether it was open then."""
        return any(begins <= moment and (ends is None or ends > moment) for begins, ends in self.spans)


@dataclass(frozen=True)
class Figures:
    """Of some tickets: how many were opened and resolved in a period, the median times, and what is open now."""

    opened: int
    resolved: int
    answer: datetime.timedelta | None
    in_time: int | None  # per cent of the first answers
    resolution: datetime.timedelta | None
    open_now: int
    overdue: int
    resolved_in_time: int | None = None  # per cent of those resolved
    replies: int = 0


def read_cases(database: Database, level: ServiceLevel, since: datetime.datetime | None = None) -> list[Case]:
    """Tickets with their times, oldest first; those merged into another count as that one.

    Args:
        since: leave those out that nothing has happened to since then and that were resolved before; None for all.
    """
    these = tickets.c.merged_into == ""
    if since is not None:
        these &= (tickets.c.updated_at >= since) | (tickets.c.state != State.RESOLVED.value)
    query = sql.select(*(tickets.c[name] for name in CASE_COLUMNS)).where(these)
    what = ticket_events.c.what.in_([one.value for one in COUNTED_EVENTS])
    events = sql.select(ticket_events.c.reference, ticket_events.c.at, ticket_events.c.who, ticket_events.c.what)
    theirs = ticket_events.c.reference.in_(sql.select(tickets.c.reference).where(these))
    in_order = events.where(what & theirs).order_by(ticket_events.c.reference, ticket_events.c.id)
    with database.transaction() as connection:
        rows = connection.execute(query.order_by(tickets.c.created_at, tickets.c.number)).all()
        told = connection.execute(in_order).all()
    by_ticket = {reference: list(group) for reference, group in groupby(told, key=lambda row: str(row.reference))}
    return [_case(row, by_ticket.get(row.reference, []), level) for row in rows]


def figures(
    cases: Sequence[Case], since: datetime.datetime, until: datetime.datetime, level: ServiceLevel, by: str = ""
) -> Figures:
    """Figures of a period.

    Args:
        by: only what this member of the team did, and has now.
    """

    def did(who: str) -> bool:
        return by in ("", who)

    def within(moment: datetime.datetime | None) -> bool:
        return moment is not None and since <= moment < until

    answered = [one for one in cases if one.answer is not None and within(one.answered_at) and did(one.answered_by)]
    resolved = [one for one in cases if within(one.resolved_at) and did(one.resolved_by)]
    now = [one for one in cases if one.open_at(until) and did(one.assigned_to)]
    in_time = sum(one.answer <= level.to_answer(one.priority) for one in answered if one.answer is not None)
    soon = sum(one.resolution <= level.to_resolve() for one in resolved if one.resolution is not None)
    to_be_resolved = level.to_be_resolved(until)
    return Figures(
        opened=sum(within(one.opened_at) for one in cases),
        resolved=len(resolved),
        answer=_median(one.answer for one in answered),
        in_time=_share(in_time, answered),
        resolution=_median(one.resolution for one in resolved),
        open_now=len(now),
        overdue=sum((one.due_at or until) < until or one.opened_at < to_be_resolved for one in now),
        resolved_in_time=_share(soon, resolved),
        replies=sum(within(at) and did(who) for one in cases for at, who in one.replies),
    )


def by_day(
    cases: Sequence[Case], days: Sequence[datetime.date], zone: datetime.tzinfo, now: datetime.datetime
) -> list[tuple[datetime.date, Counter[str], int]]:
    """For each day how many tickets were opened, by reason, and how many were open at its end (or now)."""
    opened: dict[datetime.date, Counter[str]] = {day: Counter() for day in days}
    for one in cases:
        day = one.opened_at.astimezone(zone).date()
        if day in opened:
            opened[day][one.reason.value] += 1
    next_day = datetime.timedelta(days=1)
    ends = {day: min(now, datetime.datetime.combine(day + next_day, datetime.time(), zone)) for day in days}
    begun = sorted(begins for one in cases for begins, _ in one.spans)
    over = sorted(end for one in cases for _, end in one.spans if end is not None)
    # All that had begun, without what was over: each ticket looked at once, not once a day.
    return [(day, opened[day], bisect_right(begun, ends[day]) - bisect_right(over, ends[day])) for day in days]


def grouped(cases: Iterable[Case], key: Callable[[Case], str]) -> dict[str, list[Case]]:
    """The tickets by something of theirs, in the order of their first."""
    found: dict[str, list[Case]] = {}
    for one in cases:
        found.setdefault(key(one), []).append(one)
    return found


def _case(row: sql.engine.Row, events: Sequence[sql.engine.Row], level: ServiceLevel) -> Case:
    replies = [(event.at, event.who) for event in events if What(event.what) is What.REPLIED]
    wrote = (What.REPLIED, What.RESOLVED)
    team = [one for one in events if What(one.what) in wrote and one.who not in (LEARNER, SYSTEM)]
    spans = list(_spans(row.created_at, events))
    first = team[0] if team else None
    last = next((one for one in reversed(events) if What(one.what) in ENDINGS), None) if spans[-1][1] else None
    return Case(
        reference=row.reference,
        opened_at=row.created_at,
        state=State(row.state),
        reason=HandoverReason(row.reason),
        priority=Priority(row.priority),
        channel=row.channel,
        tags=tuple(row.tags.split()),
        about=row.about,
        assigned_to=row.assigned_to,
        due_at=row.due_at,
        spans=tuple(spans),
        replies=tuple(replies),
        answered_at=first.at if first else None,
        answered_by=first.who if first else "",
        answer=level.worked(row.created_at, first.at) if first else None,
        resolved_at=last.at if last else None,
        resolved_by=last.who if last else "",
        resolution=level.worked(row.created_at, last.at) if last else None,
    )


def _spans(
    opened: datetime.datetime, events: Sequence[sql.engine.Row]
) -> Iterable[tuple[datetime.datetime, datetime.datetime | None]]:
    """When a ticket was open."""
    begun: datetime.datetime | None = opened
    for event in events:
        what = What(event.what)
        if begun and what in ENDINGS:
            yield begun, event.at
            begun = None
        elif begun is None and what in BEGINS_AGAIN:
            begun = event.at
    if begun:
        yield begun, None


def _share(number: int, of: Sequence[Case]) -> int | None:
    return round(100 * number / len(of)) if of else None


def _median(times: Iterable[datetime.timedelta | None]) -> datetime.timedelta | None:
    known = [one.total_seconds() for one in times if one is not None]
    return datetime.timedelta(seconds=median(known)) if known else None
