"""Tickets and their history in the database; the caller brings the transaction where something is written."""

import datetime
import json
from collections import Counter
from collections.abc import Collection
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from bot.attachments import records
from bot.database import Database, Moment, begin_alone, insert_once, metadata
from bot.limit import LONGEST_NETWORK
from bot.tickets.mail_tables import TicketMail, ticket_mails
from bot.tickets.search import forget_deleted, keep_words, matching, parts_of
from bot.tickets.ticket import (
    Action,
    HandoverReason,
    Line,
    Priority,
    State,
    Ticket,
    TicketEvent,
    TicketFilter,
    TicketRequest,
    What,
)

TICKETS_LOCK = 7_262_010  # any number, as long as every process asks for the same
PAGE_LENGTH = 50
LONGEST_TAGS = 400  # characters of all tags of a ticket

# What the queue is filtered, counted and ordered by: to what stands behind a row's texts SQLite reads through them.
QUEUE_COLUMNS = (
    "state",
    "snoozed_until",
    "assigned_to",
    "tags",
    "priority",
    "due_at",
    "created_at",
    "updated_at",
    "reference",
)

tickets = sql.Table(
    "tickets",
    metadata,
    sql.Column("reference", sql.String(20), primary_key=True),
    sql.Column("year", sql.Integer, nullable=False),
    sql.Column("number", sql.Integer, nullable=False),
    sql.Column("key", sql.String(100), nullable=False, unique=True),
    sql.Column("conversation_id", sql.String(255), nullable=False, index=True),
    sql.Column("channel", sql.String(16), nullable=False),
    sql.Column("state", sql.String(16), nullable=False),
    sql.Column("contact", sql.String(255), nullable=False, index=True),
    sql.Column("about", sql.Text, nullable=False),
    sql.Column("reason", sql.String(20), nullable=False),
    sql.Column("suggested_action", sql.String(20), nullable=False),
    sql.Column("assigned_to", sql.String(255), nullable=False),
    sql.Column("details", sql.Text, nullable=False),  # JSON: proven, diagnosis, credentials, faqs, transcript
    sql.Column("team_thread", sql.String(36), nullable=False),
    sql.Column("learner_thread", sql.String(36), nullable=False),
    sql.Column("created_at", Moment, nullable=False, index=True),
    sql.Column("updated_at", Moment, nullable=False),
    sql.Column("reminded_at", Moment, nullable=True),
    sql.Column("network", sql.String(LONGEST_NETWORK), nullable=False, server_default=""),
    sql.Column("priority", sql.Integer, nullable=False, server_default="0"),
    # With a space around each.
    sql.Column("tags", sql.String(LONGEST_TAGS), nullable=False, server_default="", index=True),
    sql.Column("snoozed_until", Moment, nullable=True, index=True),
    sql.Column("merged_into", sql.String(20), nullable=False, server_default="", index=True),
    sql.Column("since", Moment, nullable=True),
    sql.Column("due_at", Moment, nullable=True),
    sql.Index("ix_tickets_network", "network", "created_at"),
    sql.Index("ix_tickets_updated", "updated_at", "reference"),
    sql.Index("ix_tickets_state_updated", "state", "updated_at", "reference"),
    sql.Index("ix_tickets_queue", *QUEUE_COLUMNS),
    sql.UniqueConstraint("year", "number"),
)
last_numbers = sql.Table(  # kept apart, so that no reference comes back when its ticket is deleted
    "ticket_numbers",
    metadata,
    sql.Column("year", sql.Integer, primary_key=True, autoincrement=False),
    sql.Column("last", sql.Integer, nullable=False),
)
ticket_events = sql.Table(
    "ticket_events",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("reference", sql.ForeignKey("tickets.reference", ondelete="CASCADE"), nullable=False, index=True),
    sql.Column("at", Moment, nullable=False),
    sql.Column("who", sql.String(255), nullable=False),
    sql.Column("what", sql.String(16), nullable=False),
    sql.Column("text", sql.Text, nullable=False),
    sql.Column("via", sql.String(16), nullable=False),
    sql.Column("key", sql.String(255), nullable=True, unique=True),
    sql.Index("ix_ticket_events_what", "what", "at"),
)


class TicketStore:
    """Reads and writes tickets."""

    def __init__(self, database: Database) -> None:
        """Use a database whose schema exists."""
        self.database = database

    def alone(self, connection: Connection) -> None:
        """Wait until nobody else changes tickets; to the end of the transaction."""
        begin_alone(connection, TICKETS_LOCK)

    def next_reference(self, connection: Connection, year: int) -> tuple[str, int]:
        """The next reference of a year and its number, counted from 1; the caller is alone."""
        last = connection.execute(sql.select(last_numbers.c.last).where(last_numbers.c.year == year)).scalar()
        number = (last or 0) + 1
        if last is None:
            connection.execute(last_numbers.insert().values(year=year, last=number))
        else:
            connection.execute(last_numbers.update().where(last_numbers.c.year == year).values(last=number))
        return f"CRT-{year}-{number:05d}", number

    def add(self, connection: Connection, ticket: Ticket, request: TicketRequest, number: int) -> None:
        """Keep a new ticket."""
        year = int(ticket.reference.split("-")[1])
        identity = {"reference": ticket.reference, "year": year, "number": number, "key": request.key}
        connection.execute(tickets.insert().values(**identity, network=request.network, **_row(ticket)))
        self.index(connection, ticket.reference)

    def update(self, connection: Connection, ticket: Ticket, event: TicketEvent | None = None) -> None:
        """Keep a changed ticket, and in its history what has happened."""
        connection.execute(tickets.update().where(tickets.c.reference == ticket.reference).values(_row(ticket)))
        if event is not None:
            connection.execute(ticket_events.insert().values(_event_row(ticket.reference, event)))
        self.index(connection, ticket.reference)

    def index(self, connection: Connection, reference: str) -> None:
        """Let the search find a ticket by what is kept of it now."""
        row = connection.execute(tickets.select().where(tickets.c.reference == reference)).first()
        if row is not None:
            parts = parts_of(row, self.events(connection, reference), self._file_names(connection, reference))
            keep_words(connection, reference, parts)

    def get(self, connection: Connection, reference: str) -> Ticket | None:
        """One ticket; the one in which it goes on, where it was merged."""
        row = connection.execute(tickets.select().where(tickets.c.reference == reference)).first()
        return self._going_on(connection, row) if row else None

    def by_key(self, connection: Connection, key: str) -> Ticket | None:
        """The ticket that a request has made."""
        row = connection.execute(tickets.select().where(tickets.c.key == key)).first()
        return self._going_on(connection, row) if row else None

    def merged(self, connection: Connection, reference: str) -> list[Ticket]:
        """The tickets that go on in this one, oldest first."""
        these = tickets.select().where(tickets.c.merged_into == reference)
        return [_ticket(row) for row in connection.execute(these.order_by(tickets.c.created_at, tickets.c.number))]

    def of_conversation(self, connection: Connection, conversation_id: str) -> Ticket | None:
        """The newest ticket of a conversation."""
        return next(iter(self.all_of_conversation(connection, conversation_id)), None)

    def all_of_conversation(self, connection: Connection, conversation_id: str) -> list[Ticket]:
        """All tickets of a conversation, newest first; those merged into another stand as that one.

        Not where the address was only typed and the other is of another conversation: that may be somebody else's, so
        the conversation has no part in it.
        """
        mine = tickets.select().where(tickets.c.conversation_id == conversation_id)
        rows = connection.execute(mine.order_by(tickets.c.created_at.desc(), tickets.c.number.desc())).all()
        followed = [self._going_on(connection, row) for row in rows]
        found = [
            after
            for before, after in zip(map(_ticket, rows), followed)
            if before.contact_proven or after.conversation_id == conversation_id
        ]
        return list({ticket.reference: ticket for ticket in found}.values())

    def add_mail(self, connection: Connection, mail: str, about: TicketMail) -> None:
        """Keep what a mail is about, by its id; the same id again changes nothing."""
        row = {"id": mail, "reference": about.reference, "to_team": about.to_team}
        insert_once(connection, ticket_mails, row)

    def mail(self, connection: Connection, mail: str) -> TicketMail | None:
        """What a mail is about, by its id."""
        row = connection.execute(ticket_mails.select().where(ticket_mails.c.id == mail)).first()
        return TicketMail(row.reference, row.to_team) if row else None

    def of_mails(self, connection: Connection, mails: list[str]) -> Ticket | None:
        """The ticket that one of these mails is about, the first named first."""
        rows = connection.execute(ticket_mails.select().where(ticket_mails.c.id.in_(mails))).all() if mails else []
        found = {row.id: row.reference for row in rows}
        reference = next((found[mail] for mail in mails if mail in found), None)
        return self.get(connection, reference) if reference else None

    def undelivered(self, connection: Connection) -> dict[What, int]:
        """How many mails about tickets did not arrive, by what became of them."""
        kinds = (What.GIVEN_UP, What.BOUNCED)
        these = ticket_events.c.what.in_([what.value for what in kinds])
        query = sql.select(ticket_events.c.what, sql.func.count()).where(these).group_by(ticket_events.c.what)
        found = {What(what): int(number) for what, number in connection.execute(query)}
        return {what: found.get(what, 0) for what in kinds}

    def filed_by(self, connection: Connection, addresses: list[str]) -> list[Ticket]:
        """The tickets with one of these contacts, newest first."""
        query = tickets.select().where(tickets.c.contact.in_(addresses)).order_by(tickets.c.created_at.desc())
        found = [self._going_on(connection, row) for row in connection.execute(query).all()]
        return list({ticket.reference: ticket for ticket in found}.values())

    def woken(self, connection: Connection, now: datetime.datetime) -> list[Ticket]:
        """Tickets whose day has come."""
        query = tickets.select().where(tickets.c.snoozed_until <= now).order_by(tickets.c.snoozed_until)
        return [_ticket(row) for row in connection.execute(query)]

    def find(self, connection: Connection, wanted: TicketFilter, page: int) -> tuple[list[Ticket], int]:
        """One page, counted from 1, and how many there are on all pages; at most one more than `count_to`."""
        by = _order(wanted)
        these = _matching(connection, wanted)
        all_of = sql.select(tickets.c.reference).where(these)
        bounded = all_of.limit(wanted.count_to + 1) if wanted.count_to else all_of
        count = sql.select(sql.func.count()).select_from(bounded.subquery("counted"))
        page_of = all_of.add_columns(count.scalar_subquery()).order_by(*by)
        rows = connection.execute(page_of.limit(PAGE_LENGTH).offset(PAGE_LENGTH * (page - 1))).all()
        total = int(rows[0][1] if rows else connection.execute(count).scalar() or 0)
        shown = tickets.select().where(tickets.c.reference.in_([row.reference for row in rows]))
        return [_ticket(row) for row in connection.execute(shown.order_by(*by))], total

    def unanswered(self, connection: Connection, references: Collection[str]) -> set[str]:
        """Those of some tickets in which the learner has written since the team did, beyond opening them."""
        e = ticket_events.c
        wrote = sql.func.max(sql.case((e.what == What.ANSWERED.value, e.at)))
        team = sql.func.max(sql.case((e.what.in_([What.REPLIED.value, What.RESOLVED.value]), e.at)))
        last = sql.select(e.reference, wrote, team).where(e.reference.in_(list(references))).group_by(e.reference)
        return {row[0] for row in connection.execute(last) if row[1] and (not row[2] or row[1] > row[2])}

    def times_given(self, connection: Connection, to: str, since: datetime.datetime, before: datetime.datetime) -> int:
        """How often somebody was given tickets by a colleague between two moments; several at once count as one."""
        e = ticket_events.c
        then = (e.at > since) & (e.at < before) & (e.what == What.HANDED_ON.value) & (e.text == to)
        found: int = connection.execute(sql.select(sql.func.count(sql.distinct(e.at))).where(then)).scalar_one()
        return found

    def newest_by_learner(self, connection: Connection) -> int:
        """A number that grows with each ticket that is opened and each answer by a learner; 0 where there is none."""
        # Not by the index of what happened: one of the last events is one of these.
        words = ticket_events.c.what.concat("").in_([What.OPENED.value, What.ANSWERED.value])
        newest = sql.select(ticket_events.c.id).where(words).order_by(ticket_events.c.id.desc()).limit(1)
        return int(connection.execute(newest).scalar() or 0)

    def has_event(self, connection: Connection, key: str) -> bool:
        """Whether something with this key has been done already."""
        return connection.execute(sql.select(ticket_events.c.id).where(ticket_events.c.key == key)).first() is not None

    def events(self, connection: Connection, reference: str) -> list[TicketEvent]:
        """A ticket's history, oldest first, with that of tickets merged into it."""
        rows = connection.execute(
            ticket_events.select().where(belongs_to(ticket_events.c.reference, reference)).order_by(ticket_events.c.id)
        )
        return [
            TicketEvent(at=row.at, who=row.who, what=What(row.what), text=row.text, via=row.via, key=row.key or "")
            for row in rows
        ]

    def first_answers(
        self, connection: Connection, since: datetime.datetime, most: int
    ) -> list[tuple[datetime.datetime, datetime.datetime]]:
        """When a ticket was opened and when the team first answered it, of the last ones first answered since a moment.

        Args:
            most: so many of them.
        """
        earlier, answers = ticket_events.alias(), (What.REPLIED.value, What.RESOLVED.value)
        mine = (earlier.c.reference == ticket_events.c.reference) & (earlier.c.id < ticket_events.c.id)
        answered_before = sql.exists().where(mine & earlier.c.what.in_(answers))
        query = (
            sql.select(tickets.c.created_at, ticket_events.c.at)
            .join(tickets, ticket_events.c.reference == tickets.c.reference)
            .where(ticket_events.c.what.in_(answers) & (ticket_events.c.at >= since) & ~answered_before)
            .order_by(ticket_events.c.id.desc())  # which goes back from the end, and no further than is needed
            .limit(most)
        )
        return [(row.created_at, row.at) for row in connection.execute(query)]

    def oldest_untouched(self, connection: Connection) -> datetime.datetime | None:
        """Since when the ticket that has waited longest for the team has not changed; None if none waits."""
        return connection.execute(sql.select(sql.func.min(tickets.c.updated_at)).where(_waits_for_team())).scalar()

    def untouched(
        self, connection: Connection, before: datetime.datetime, now: datetime.datetime
    ) -> list[tuple[Ticket, datetime.datetime]]:
        """Tickets that wait for the team, neither changed nor reminded of since a moment; each with the last time."""
        quiet = (tickets.c.updated_at <= before) & (tickets.c.reminded_at.is_(None) | (tickets.c.reminded_at <= before))
        these = _waits_for_team() & quiet & ~_asleep(now)
        rows = connection.execute(tickets.select().where(these).order_by(tickets.c.updated_at))
        return [(_ticket(row), max(row.updated_at, row.reminded_at or row.updated_at)) for row in rows]

    def silent(self, connection: Connection, before: datetime.datetime) -> list[tuple[Ticket, bool]]:
        """Tickets that have waited for the learner since a moment; each with whether they were asked again."""
        since = sql.func.coalesce(tickets.c.since, tickets.c.updated_at, type_=Moment)
        these = (tickets.c.state == State.WAITING.value) & (since <= before) & tickets.c.snoozed_until.is_(None)
        rows = connection.execute(tickets.select().where(these).order_by(tickets.c.updated_at))
        return [
            (_ticket(row), bool(row.reminded_at and row.reminded_at >= (row.since or row.updated_at))) for row in rows
        ]

    def reminded(self, connection: Connection, reference: str, now: datetime.datetime) -> None:
        """Who it waits for was reminded of it."""
        connection.execute(tickets.update().where(tickets.c.reference == reference).values(reminded_at=now))

    def counts(self, connection: Connection) -> dict[State, int]:
        """How many tickets are in each state."""
        left = tickets.c.state.in_([state.value for state in State if state is not State.RESOLVED])
        query = sql.select(tickets.c.state, sql.func.count()).where(left).group_by(tickets.c.state)
        found = {State(state): int(number) for state, number in connection.execute(query)}
        total = connection.execute(sql.select(sql.func.count()).select_from(tickets)).scalar() or 0
        # Those that are done are most: how many there are follows from the others, which an index has apart.
        return {state: found.get(state, 0) for state in State} | {State.RESOLVED: total - sum(found.values())}

    def overdue(self, connection: Connection, now: datetime.datetime, to_be_resolved: datetime.datetime) -> int:
        """How many open tickets are older than `to_be_resolved`, or have an answer that was due before `now`."""
        late = (tickets.c.due_at < now) | (tickets.c.created_at < to_be_resolved)
        # By the state, which few of all tickets have: nearly all are merged into none.
        states = [state.value for state in State if state is not State.RESOLVED]
        these = tickets.c.state.in_(states) & (sql.func.length(tickets.c.merged_into) == 0) & late
        return int(connection.execute(sql.select(sql.func.count()).where(these)).scalar() or 0)

    def tags(self, connection: Connection) -> list[str]:
        """All tags that tickets have, by name."""
        # From each that there is straight to the next: half of all tickets may have one.
        least = sql.func.min(tickets.c.tags)
        found = sql.select(least.label("tags")).where(tickets.c.tags > "").cte("found", recursive=True)
        following = sql.select(least).where(tickets.c.tags > found.c.tags).scalar_subquery()
        found = found.union_all(sql.select(following).where(found.c.tags.is_not(None)))
        rows = connection.execute(sql.select(found.c.tags).where(found.c.tags.is_not(None))).scalars()
        return sorted({tag for row in rows for tag in row.split()})

    def asleep(self, connection: Connection, now: datetime.datetime) -> dict[State, int]:
        """How many tickets of each state are snoozed."""
        these = sql.select(tickets.c.state).where(_asleep(now))  # grouped, SQLite would go through all tickets
        return dict(Counter(State(state) for state in connection.execute(these).scalars()))

    def delete_before(self, moment: datetime.datetime, batch: int = 500) -> int:
        """Delete up to `batch` resolved tickets untouched since a moment; returns how many."""
        kept = tickets.alias()
        leads = tickets.c.merged_into.in_(sql.select(kept.c.reference).where(kept.c.merged_into == ""))
        old = (tickets.c.state == State.RESOLVED.value) & (tickets.c.updated_at < moment) & ~leads
        with self.database.transaction() as connection:
            these = [
                row.reference for row in connection.execute(sql.select(tickets.c.reference).where(old).limit(batch))
            ]
            if these:
                connection.execute(ticket_events.delete().where(ticket_events.c.reference.in_(these)))
                connection.execute(ticket_mails.delete().where(ticket_mails.c.reference.in_(these)))
                connection.execute(tickets.delete().where(tickets.c.reference.in_(these)))
                forget_deleted(connection)
        return len(these)

    def _file_names(self, connection: Connection, reference: str) -> list[str]:
        references = [reference, *(one.reference for one in self.merged(connection, reference))]
        return [file.name for file in records.of_tickets(connection, references)]

    def _going_on(self, connection: Connection, row: Any) -> Ticket:
        """A row as a ticket, or the one that it was merged into; no ticket is merged into one that was."""
        if row.merged_into:
            query = tickets.select().where(tickets.c.reference == row.merged_into)
            row = connection.execute(query).first() or row
        return _ticket(row)


def belongs_to(column: Any, reference: str) -> Any:
    """Whether a row is a ticket's, or of one that was merged into it; `column` holds the reference."""
    merged = sql.select(tickets.c.reference).where(tickets.c.merged_into == reference)
    return column.in_(sql.union_all(sql.select(sql.literal(reference)), merged))  # with "or" PostgreSQL reads all rows


def _asleep(now: datetime.datetime) -> Any:
    return tickets.c.snoozed_until.is_not(None) & (tickets.c.snoozed_until > now)


def _order(wanted: TicketFilter) -> list[Any]:
    if wanted.due_first is None:
        both = (tickets.c.updated_at, tickets.c.reference)  # one way, as an index has them
        return [column.asc() if wanted.oldest_first else column.desc() for column in both]
    late = tickets.c.due_at < wanted.due_first
    if wanted.to_be_resolved is not None:
        late |= (tickets.c.state != State.RESOLVED.value) & (tickets.c.created_at < wanted.to_be_resolved)
    overdue = sql.case((late, 0), else_=1)
    by = [overdue, tickets.c.priority.desc(), tickets.c.due_at.is_(None), tickets.c.due_at]
    return [*by, tickets.c.updated_at, tickets.c.reference]


def _event_row(reference: str, event: TicketEvent) -> dict[str, Any]:
    values = {"at": event.at, "who": event.who, "what": event.what.value, "text": event.text, "via": event.via}
    return {"reference": reference, "key": event.key or None, **values}


def _waits_for_team() -> Any:
    return tickets.c.state.in_([State.NEW.value, State.ASSIGNED.value, State.REOPENED.value])


def _matching(connection: Connection, wanted: TicketFilter) -> Any:
    these = sql.true()
    if wanted.states:
        these &= tickets.c.state.in_([State(state).value for state in wanted.states])
    if wanted.assigned_to is not None:
        these &= tickets.c.assigned_to == wanted.assigned_to
    if wanted.not_of:
        these &= tickets.c.assigned_to.not_in(["", wanted.not_of])
    if wanted.snoozed is not None and wanted.at is not None:
        these &= _asleep(wanted.at) if wanted.snoozed else ~_asleep(wanted.at)
    if wanted.tag:
        these &= tickets.c.tags.contains(f" {wanted.tag} ", autoescape=True)
    if wanted.text.strip():
        these &= matching(connection, tickets.c.reference, wanted.text)
    return these


def _row(ticket: Ticket) -> dict[str, Any]:
    details = {
        "proven": ticket.proven,
        "diagnosis": ticket.diagnosis,
        "credentials": ticket.credentials,
        "faqs": ticket.faqs,
        "transcript": [[line.role, line.text] for line in ticket.transcript],
        **({"others": ticket.others} if ticket.others else {}),
    }
    return {
        "conversation_id": ticket.conversation_id,
        "channel": ticket.channel,
        "state": ticket.state.value,
        "contact": ticket.contact,
        "about": ticket.about,
        "reason": ticket.reason.value,
        "suggested_action": ticket.suggested_action.value,
        "assigned_to": ticket.assigned_to,
        "details": json.dumps(details, ensure_ascii=False),
        "team_thread": ticket.team_thread,
        "learner_thread": ticket.learner_thread,
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
        "priority": ticket.priority.value,
        "tags": f" {' '.join(ticket.tags)} " if ticket.tags else "",
        "snoozed_until": ticket.snoozed_until,
        "merged_into": ticket.merged_into,
        "since": ticket.since,
        "due_at": ticket.due_at,
    }


def _ticket(row: Any) -> Ticket:
    details = json.loads(row.details)
    return Ticket(
        reference=row.reference,
        state=State(row.state),
        contact=row.contact,
        about=row.about,
        reason=HandoverReason(row.reason),
        suggested_action=Action(row.suggested_action),
        conversation_id=row.conversation_id,
        channel=row.channel,
        created_at=row.created_at,
        updated_at=row.updated_at,
        assigned_to=row.assigned_to,
        proven=tuple(details["proven"]),
        diagnosis=tuple(details["diagnosis"]),
        credentials=tuple(details["credentials"]),
        faqs=tuple(details["faqs"]),
        transcript=tuple(Line(role, text) for role, text in details["transcript"]),
        team_thread=row.team_thread,
        learner_thread=row.learner_thread,
        priority=Priority(row.priority),
        tags=tuple(row.tags.split()),
        snoozed_until=row.snoozed_until,
        merged_into=row.merged_into,
        others=tuple(details.get("others", ())),
        since=row.since,
        due_at=row.due_at,
    )
