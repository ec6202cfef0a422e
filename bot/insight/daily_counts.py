"""What happened on each day, counted as it happens, so that no page has to read a period's conversations.

Triggers of the migration note in `counts_due` which conversation or ticket has changed, whichever process or version
changed it. `settle` counts those anew: `subject_counts` holds what each of them adds, `daily_counts` the sums by day.
Whoever notes only adds a row, and only one settles at a time: nobody waits for a count.
"""

import datetime
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sql
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row

from bot.content.kinds import ResponseKind, faq_id, kind_of
from bot.conversations.store import Message, conversations, message_of, messages
from bot.database import Database, begin_alone, metadata
from bot.insight.corrections import is_correction
from bot.insight.review import has_open
from bot.insight.turns import ESCALATED, goes_to_team, outcome, turns_of
from bot.tickets.store import ticket_events, tickets
from bot.tickets.ticket import HandoverReason, What

COUNTS_LOCK = 7_262_026  # any number, as long as every process asks for the same
COUNTING_RULES = 1  # another number counts everything anew
SETTLED_AT_ONCE = 500  # notes, some seven of which are one conversation
MOST_SETTLED = 5_000  # notes while a page waits; what is left the worker settles
LONGEST_COUNTED_ID = 255

subject_counts = sql.Table(
    "subject_counts",
    metadata,
    # A conversation, or a ticket by its reference: one of the form without a conversation, or one that was reopened.
    sql.Column("subject", sql.String(LONGEST_COUNTED_ID), primary_key=True),
    sql.Column("begun", sql.Date, nullable=False),
    sql.Column("open", sql.Boolean, nullable=False),  # whether it has a question for the review
    sql.Column("counts", sql.Text, nullable=False),  # JSON: lists of what, name, begun, day, number
    sql.Index("ix_subject_counts_open", "open", "begun"),
)
daily_counts = sql.Table(
    "daily_counts",
    metadata,
    sql.Column("what", sql.String(12), primary_key=True),
    sql.Column("name", sql.String(120), primary_key=True),
    sql.Column("begun", sql.Date, primary_key=True),  # the day of the conversation, which a period goes by
    sql.Column("day", sql.Date, primary_key=True),  # when it happened
    sql.Column("number", sql.Integer, nullable=False),
)
counts_due = sql.Table(
    "counts_due",
    metadata,
    sql.Column("number", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("subject", sql.String(LONGEST_COUNTED_ID), nullable=False),
)
counts_basis = sql.Table(  # one row: by which rules and in which time zone it was counted
    "counts_basis",
    metadata,
    sql.Column("basis", sql.String(80), primary_key=True),
)


class Count(NamedTuple):
    """What is counted, and on which days."""

    what: str
    name: str
    begun: datetime.date
    day: datetime.date


# What is counted; `name` is given behind each.
BECAME, OUTCOME = "kind", "outcome"  # what became of a question, how a conversation ended
REOPENED = "reopened"  # ""
GIVEN, YES, NO = "given", "yes", "no"  # the FAQ: messages with its answer, and their ratings
ASKED_FOR, ANSWERED_WITH, CORRECTED, TO_TEAM = "asked", "answered", "corrected", "to_team"  # the FAQ: questions


def settle_some(database: Database, zone: datetime.tzinfo, most: int = MOST_SETTLED) -> int:
    """Count anew what has changed, up to so many notes; returns how many are left.

    Args:
        zone: in which days are counted; another one than before begins from the start.
    """
    left = _due(database, zone)
    while left and most > 0:
        _settle_batch(database, zone)
        most -= SETTLED_AT_ONCE
        left = _due(database, zone)
    return left


def settle(database: Database, zone: datetime.tzinfo) -> int:
    """Count a batch anew; returns how many notes it was of, 0 when nothing has changed."""
    return _settle_batch(database, zone) if _due(database, zone) else 0


def _settle_batch(database: Database, zone: datetime.tzinfo) -> int:
    with database.transaction() as connection:
        begin_alone(connection, COUNTS_LOCK)
        if not _is_of(connection, zone):
            _begin_anew(connection, zone)
        oldest = sql.select(counts_due).order_by(counts_due.c.number).limit(SETTLED_AT_ONCE)
        due = connection.execute(oldest).all()
        _count(connection, sorted({row.subject for row in due}), zone)
        # Only those that were read: what is noted meanwhile, with a lower number too, is counted with the next batch.
        connection.execute(counts_due.delete().where(counts_due.c.number.in_([row.number for row in due])))
        connection.execute(daily_counts.delete().where(daily_counts.c.number <= 0))
    return len(due)


def settle_erased(database: Database, subjects: Sequence[str]) -> None:
    """Count conversations and tickets that were deleted anew at once: nothing is kept under their ids then."""
    with database.transaction() as connection:
        begin_alone(connection, COUNTS_LOCK)
        rules, _, zone = (connection.execute(sql.select(counts_basis.c.basis)).scalar() or "").partition(" ")
        if rules != str(COUNTING_RULES):
            _forget_all(connection)
            return
        for begin in range(0, len(subjects), SETTLED_AT_ONCE):
            these = subjects[begin : begin + SETTLED_AT_ONCE]
            _count(connection, these, ZoneInfo(zone))
            connection.execute(counts_due.delete().where(counts_due.c.subject.in_(these)))
        connection.execute(daily_counts.delete().where(daily_counts.c.number <= 0))


def of_period(
    connection: Connection, whats: Sequence[str], since: datetime.date, until: datetime.date, *, name: str | None = None
) -> Iterator[tuple[str, str, datetime.date, int]]:
    """What, its name, the day that it happened on and how often, of what began in a period.

    Args:
        name: only what bears it.
    """
    these = daily_counts.c.what.in_(list(whats)) & (daily_counts.c.begun >= since) & (daily_counts.c.begun <= until)
    if name is not None:
        these &= daily_counts.c.name == name
    by = (daily_counts.c.what, daily_counts.c.name, daily_counts.c.day)
    query = sql.select(*by, sql.func.sum(daily_counts.c.number)).where(these).group_by(*by)
    yield from ((row[0], row[1], row[2], int(row[3])) for row in connection.execute(query))


def with_open_questions(connection: Connection, since: datetime.date, until: datetime.date, most: int) -> list[str]:
    """The ids of the newest conversations of a period that have a question for the review."""
    begun = subject_counts.c.begun
    these = subject_counts.c.open & (begun >= since) & (begun <= until)
    query = sql.select(subject_counts.c.subject).where(these).order_by(begun.desc()).limit(most)
    return list(connection.execute(query).scalars())


def days_of(
    since: datetime.datetime, until: datetime.datetime, zone: datetime.tzinfo
) -> tuple[datetime.date, datetime.date]:
    """The first and the last day of a period, as they are counted in a time zone."""
    return since.astimezone(zone).date(), until.astimezone(zone).date()


def counts_of(said: Sequence[Message], zone: datetime.tzinfo, began: datetime.datetime, wrote: bool) -> Counter[Count]:
    """What one conversation adds.

    Args:
        said: its messages, oldest first.
        zone: in which days are counted.
        began: when it did.
        wrote: whether its person has also written in the form.
    """
    found: Counter[Count] = Counter()
    begun = began.astimezone(zone).date()
    turns = list(turns_of(said))
    for question, kind in turns:
        found[Count(BECAME, kind, begun, (question.created_at or began).astimezone(zone).date())] += 1
    if turns or wrote:
        kinds = [kind for _, kind in turns] + [ESCALATED] * wrote
        helped = any(message.helpful for message in said)
        found[Count(OUTCOME, outcome(said, kinds, helped), begun, begun)] += 1
    for message in said:
        faq = faq_id(message.utterance) if message.role == "bot" else ""
        if faq:
            found[Count(GIVEN, faq, begun, begun)] += 1
            if message.helpful is not None:
                found[Count(YES if message.helpful else NO, faq, begun, begun)] += 1
    for place, message in enumerate(said):
        if message.role == "user":
            day = (message.created_at or began).astimezone(zone).date()
            for what, faq in _of_faqs(said, place):
                found[Count(what, faq, begun, day)] += 1
    return found


def answers(replies: Sequence[Message]) -> set[str]:
    """The FAQs that replies answer, whole or in part."""
    return {faq_id(reply.utterance) for reply in replies} - {""}


def _of_faqs(said: Sequence[Message], place: int) -> Iterator[tuple[str, str]]:
    """What the message at a place adds to the numbers of each FAQ that it got as an answer or as a choice."""
    end = next((n for n in range(place + 1, len(said)) if said[n].role == "user"), len(said))
    replies, after = said[place + 1 : end], said[end:]
    given = answers(replies)
    for faq in sorted(given.union(*map(_offered, replies))):
        yield ASKED_FOR, faq
    for faq in sorted(given):
        yield ANSWERED_WITH, faq
        if after and is_correction(after[0].text, replies[-1]):
            yield CORRECTED, faq
        if goes_to_team(after, faq):
            yield TO_TEAM, faq


def _offered(reply: Message) -> set[str]:
    if kind_of(reply.utterance) not in (ResponseKind.CLARIFICATION, ResponseKind.AMBIGUOUS):
        return set()
    payloads = (str(button.get("payload", "")) for button in reply.buttons)
    return {payload.removeprefix("/faq/") for payload in payloads if payload.startswith("/faq/")}


def _due(database: Database, zone: datetime.tzinfo) -> int:
    """How many notes there are; all that there could be where nothing was counted yet in this way."""
    with database.transaction() as connection:
        noted = int(connection.execute(sql.select(sql.func.count()).select_from(counts_due)).scalar() or 0)
        return noted if _is_of(connection, zone) else max(1, noted)


def _basis(zone: datetime.tzinfo) -> str:
    return f"{COUNTING_RULES} {zone}"


def _is_of(connection: Connection, zone: datetime.tzinfo) -> bool:
    return bool(connection.execute(sql.select(counts_basis.c.basis)).scalar() == _basis(zone))


def _begin_anew(connection: Connection, zone: datetime.tzinfo) -> None:
    """Note all that there is."""
    _forget_all(connection)
    connection.execute(counts_basis.insert().values(basis=_basis(zone)))
    forms = tickets.c.reason == HandoverReason.NO_ASSISTANT.value
    again = ticket_events.c.what.in_([What.REOPENED.value, What.ANSWERED.value])
    for subjects in (
        sql.select(conversations.c.id).order_by(conversations.c.created_at.desc()),  # the newest are looked at most
        sql.select(tickets.c.conversation_id).where(forms & (tickets.c.conversation_id != "")).distinct(),
        sql.select(tickets.c.reference).where(forms & (tickets.c.conversation_id == "")),
        sql.select(ticket_events.c.reference).where(again).distinct(),
    ):
        connection.execute(counts_due.insert().from_select(["subject"], subjects))


def _forget_all(connection: Connection) -> None:
    for table in (subject_counts, daily_counts, counts_due, counts_basis):
        connection.execute(table.delete())


def _count(connection: Connection, subjects: Sequence[str], zone: datetime.tzinfo) -> None:
    mine = subject_counts.c.subject.in_(subjects)
    change: Counter[Count] = Counter()
    for row in connection.execute(sql.select(subject_counts.c.counts).where(mine)):
        change.subtract(_read(row.counts))
    connection.execute(subject_counts.delete().where(mine))
    rows = []
    for subject, begun, found, is_open in _counted(connection, subjects, zone):
        change.update(found)
        rows.append({"subject": subject, "begun": begun, "open": is_open, "counts": _written(found)})
    if rows:
        connection.execute(subject_counts.insert(), rows)
    changed = [{**one._asdict(), "number": number} for one, number in sorted(change.items()) if number]
    if changed:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        added = dialect.insert(daily_counts)
        more = daily_counts.c.number + added.excluded.number
        key = list(daily_counts.primary_key)
        connection.execute(added.on_conflict_do_update(index_elements=key, set_={"number": more}), changed)


def _counted(
    connection: Connection, subjects: Sequence[str], zone: datetime.tzinfo
) -> Iterator[tuple[str, datetime.date, Counter[Count], bool]]:
    """Each of the subjects that adds anything: the day that it began, what, and whether it has an open question."""
    forms, again = _forms(connection, subjects), _reopened(connection, subjects)
    began = {
        row.id: row.created_at
        for row in connection.execute(
            sql.select(conversations.c.id, conversations.c.created_at).where(conversations.c.id.in_(subjects))
        )
    }
    said = messages.select().where(messages.c.conversation_id.in_(subjects))
    rows = connection.execute(said.order_by(messages.c.conversation_id, messages.c.number)).all()
    talks = {name: list(group) for name, group in groupby(rows, key=lambda row: str(row.conversation_id))}
    for subject in subjects:
        found: Counter[Count] = Counter()
        talk, is_open = talks.get(subject, []), False
        written = [at.astimezone(zone).date() for at in forms.get(subject, ())]
        if talk:
            told = [message_of(row) for row in talk]
            found = counts_of(told, zone, began[subject], bool(written))
            is_open = has_open(told, unhelpful(talk))
        elif written:  # of a conversation in which nothing was said, or of none
            found[Count(OUTCOME, ESCALATED, written[0], written[0])] = 1
        for day in written:
            found[Count(BECAME, ESCALATED, day, day)] += 1
        for at in again.get(subject, ()):
            day = at.astimezone(zone).date()
            found[Count(REOPENED, "", day, day)] += 1
        if found or is_open:
            begun = began[subject].astimezone(zone).date() if talk else min(one.begun for one in found)
            yield subject, begun, found, is_open


def unhelpful(rows: Sequence[Row]) -> frozenset[str]:
    """The ids of the answers that were said not to help."""
    return frozenset(row.id for row in rows if row.helpful is not None and not row.helpful)


def _forms(connection: Connection, subjects: Sequence[str]) -> dict[str, list[datetime.datetime]]:
    """When the form was written, where the assistant was away, by conversation or by ticket where there is none."""
    of = sql.case((tickets.c.conversation_id == "", tickets.c.reference), else_=tickets.c.conversation_id)
    theirs = tickets.c.conversation_id.in_(subjects) | tickets.c.reference.in_(subjects)
    query = sql.select(of.label("subject"), tickets.c.created_at).where(theirs)
    query = query.where(tickets.c.reason == HandoverReason.NO_ASSISTANT.value).order_by(tickets.c.created_at)
    found: dict[str, list[datetime.datetime]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.subject].append(row.created_at)
    return found


def _reopened(connection: Connection, subjects: Sequence[str]) -> dict[str, list[datetime.datetime]]:
    """When tickets were opened again: by the team, or by a learner's answer to one that was resolved."""
    columns = (ticket_events.c.reference, ticket_events.c.at, ticket_events.c.what)
    told = sql.select(*columns).where(ticket_events.c.reference.in_(subjects))
    told = told.where(ticket_events.c.what != What.NOTE.value).order_by(ticket_events.c.reference, ticket_events.c.id)
    found: dict[str, list[datetime.datetime]] = defaultdict(list)
    for reference, events in groupby(connection.execute(told), key=lambda row: str(row.reference)):
        before = ""
        for event in events:
            if event.what == What.REOPENED.value or (event.what, before) == (What.ANSWERED.value, What.RESOLVED.value):
                found[reference].append(event.at)
            before = event.what
    return found


def _written(found: Counter[Count]) -> str:
    rows = [[one.what, one.name, one.begun.isoformat(), one.day.isoformat(), n] for one, n in sorted(found.items())]
    return json.dumps(rows, separators=(",", ":"))


def _read(counts: str) -> dict[Count, int]:
    day = datetime.date.fromisoformat
    return {Count(what, name, day(begun), day(at)): number for what, name, begun, at, number in json.loads(counts)}
