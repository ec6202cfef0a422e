"""Tickets and their history in the database; the caller brings the transaction where something is written."""

import datetime
import json
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from bot.database import Database, Moment, begin_alone, metadata
from bot.tickets.ticket import (
    Action,
    HandoverReason,
    Line,
    State,
    Ticket,
    TicketEvent,
    TicketFilter,
    TicketRequest,
    What,
)

TICKETS_LOCK = 7_262_010  # any number, as long as every process asks for the same
PAGE_LENGTH = 50

tickets = sql.Table(
    "tickets",
    metadata,
    sql.Column("reference", sql.String(20), primary_key=True),
    sql.Column("year", sql.Integer, nullable=False),
    sql.Column("number", sql.Integer, nullable=False),
    sql.Column("key", sql.String(100), nullable=False, unique=True),
    sql.Column("conversation_id", sql.String(255), nullable=False, index=True),
    sql.Column("channel", sql.String(16), nullable=False),
    sql.Column("state", sql.String(16), nullable=False, index=True),
    sql.Column("contact", sql.String(255), nullable=False, index=True),
    sql.Column("about", sql.Text, nullable=False),
    sql.Column("reason", sql.String(20), nullable=False),
    sql.Column("suggested_action", sql.String(20), nullable=False),
    sql.Column("assigned_to", sql.String(255), nullable=False),
    sql.Column("details", sql.Text, nullable=False),  # JSON: proven, diagnosis, credentials, faqs, transcript
    sql.Column("team_thread", sql.String(36), nullable=False),
    sql.Column("learner_thread", sql.String(36), nullable=False),
    sql.Column("created_at", Moment, nullable=False, index=True),
    sql.Column("updated_at", Moment, nullable=False, index=True),
    sql.Column("reminded_at", Moment, nullable=True),
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
        connection.execute(tickets.insert().values(**identity, **_row(ticket)))

    def update(self, connection: Connection, ticket: Ticket) -> None:
        """Keep a changed ticket."""
        connection.execute(tickets.update().where(tickets.c.reference == ticket.reference).values(_row(ticket)))

    def get(self, connection: Connection, reference: str) -> Ticket | None:
        """One ticket."""
        row = connection.execute(tickets.select().where(tickets.c.reference == reference)).first()
        return _ticket(row) if row else None

    def by_key(self, connection: Connection, key: str) -> Ticket | None:
        """The ticket that a request has made."""
        row = connection.execute(tickets.select().where(tickets.c.key == key)).first()
        return _ticket(row) if row else None

    def of_conversation(self, connection: Connection, conversation_id: str) -> Ticket | None:
        """The newest ticket of a conversation."""
        return next(iter(self.all_of_conversation(connection, conversation_id)), None)

    def all_of_conversation(self, connection: Connection, conversation_id: str) -> list[Ticket]:
        """All tickets of a conversation, newest first."""
        mine = tickets.select().where(tickets.c.conversation_id == conversation_id)
        rows = connection.execute(mine.order_by(tickets.c.created_at.desc(), tickets.c.number.desc()))
        return [_ticket(row) for row in rows]

    def of_letters(self, connection: Connection, letters: list[str]) -> Ticket | None:
        """The ticket that one of these letters opened, the first named first."""
        these = tickets.c.team_thread.in_(letters) | tickets.c.learner_thread.in_(letters)
        rows = connection.execute(tickets.select().where(these)).all() if letters else []
        found = {letter: row for row in rows for letter in (row.team_thread, row.learner_thread)}
        return next((_ticket(found[letter]) for letter in letters if letter in found), None)

    def filed_by(self, connection: Connection, addresses: list[str]) -> list[Ticket]:
        """The tickets with one of these contacts, newest first."""
        query = tickets.select().where(tickets.c.contact.in_(addresses)).order_by(tickets.c.created_at.desc())
        return [_ticket(row) for row in connection.execute(query)]

    def find(self, connection: Connection, wanted: TicketFilter, page: int) -> tuple[list[Ticket], int]:
        """One page, counted from 1, and how many there are on all pages."""
        by = tickets.c.updated_at.asc() if wanted.oldest_first else tickets.c.updated_at.desc()
        total = sql.func.count().over().label("total")  # counted on the way: a search reads every ticket
        found = sql.select(tickets.c.reference, total).where(_matching(wanted)).order_by(by, tickets.c.reference)
        rows = connection.execute(found.limit(PAGE_LENGTH).offset(PAGE_LENGTH * (page - 1))).all()
        if not rows:
            return [], self.find(connection, wanted, 1)[1] if page > 1 else 0
        these = tickets.select().where(tickets.c.reference.in_([row.reference for row in rows]))
        return [_ticket(row) for row in connection.execute(these.order_by(by, tickets.c.reference))], rows[0].total

    def add_event(self, connection: Connection, reference: str, event: TicketEvent, key: str = "") -> None:
        """Append to a ticket's history."""
        values = {"at": event.at, "who": event.who, "what": event.what.value, "text": event.text, "via": event.via}
        connection.execute(ticket_events.insert().values(reference=reference, key=key or None, **values))

    def has_event(self, connection: Connection, key: str) -> bool:
        """Whether something with this key has been done already."""
        return connection.execute(sql.select(ticket_events.c.id).where(ticket_events.c.key == key)).first() is not None

    def events(self, connection: Connection, reference: str) -> list[TicketEvent]:
        """A ticket's history, oldest first."""
        rows = connection.execute(
            ticket_events.select().where(ticket_events.c.reference == reference).order_by(ticket_events.c.id)
        )
        return [TicketEvent(at=row.at, who=row.who, what=What(row.what), text=row.text, via=row.via) for row in rows]

    def first_answers(
        self, connection: Connection, since: datetime.datetime
    ) -> list[tuple[datetime.datetime, datetime.datetime]]:
        """When a ticket was opened and when the team first answered it, of all those first answered since a moment."""
        first = sql.func.min(ticket_events.c.at, type_=Moment).label("first")
        answers = ticket_events.c.what.in_([What.REPLIED.value, What.RESOLVED.value])
        query = (
            sql.select(tickets.c.created_at, first)
            .join(ticket_events, ticket_events.c.reference == tickets.c.reference)
            .where(answers)
            .group_by(tickets.c.reference, tickets.c.created_at)
            .having(first >= since)
        )
        return [(row.created_at, row.first) for row in connection.execute(query)]

    def oldest_untouched(self, connection: Connection) -> datetime.datetime | None:
        """Since when the ticket that has waited longest for the team has not changed; None if none waits."""
        return connection.execute(sql.select(sql.func.min(tickets.c.updated_at)).where(_waits_for_team())).scalar()

    def untouched(self, connection: Connection, before: datetime.datetime) -> list[Ticket]:
        """Tickets that wait for the team, unchanged since a moment and not reminded of since then, oldest first."""
        news = tickets.c.reminded_at.is_(None) | (tickets.c.reminded_at < tickets.c.updated_at)
        these = _waits_for_team() & news & (tickets.c.updated_at < before)
        query = tickets.select().where(these).order_by(tickets.c.updated_at)
        return [_ticket(row) for row in connection.execute(query)]

    def reopened_since(self, connection: Connection, moment: datetime.datetime) -> int:
        """Reopened by the team, or by a learner's answer to a ticket that was resolved."""
        earlier = ticket_events.alias()
        last = (
            sql.select(earlier.c.what)
            .where((earlier.c.reference == ticket_events.c.reference) & (earlier.c.id < ticket_events.c.id))
            .where(earlier.c.what != What.NOTE.value)
            .order_by(earlier.c.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        by_answer = (ticket_events.c.what == What.ANSWERED.value) & (last == What.RESOLVED.value)
        again = (ticket_events.c.what == What.REOPENED.value) | by_answer
        query = sql.select(sql.func.count()).select_from(ticket_events).where((ticket_events.c.at >= moment) & again)
        return int(connection.execute(query).scalar() or 0)

    def reminded(self, connection: Connection, reference: str, now: datetime.datetime) -> None:
        """The team was reminded of it."""
        connection.execute(tickets.update().where(tickets.c.reference == reference).values(reminded_at=now))

    def counts(self, connection: Connection) -> dict[State, int]:
        """How many tickets are in each state."""
        query = sql.select(tickets.c.state, sql.func.count()).group_by(tickets.c.state)
        found = {State(state): number for state, number in connection.execute(query)}
        return {state: int(found.get(state, 0)) for state in State}

    def delete_before(self, moment: datetime.datetime, batch: int = 500) -> int:
        """Delete up to `batch` resolved tickets untouched since a moment; returns how many."""
        old = (tickets.c.state == State.RESOLVED.value) & (tickets.c.updated_at < moment)
        with self.database.transaction() as connection:
            these = [
                row.reference for row in connection.execute(sql.select(tickets.c.reference).where(old).limit(batch))
            ]
            if these:
                connection.execute(ticket_events.delete().where(ticket_events.c.reference.in_(these)))
                connection.execute(tickets.delete().where(tickets.c.reference.in_(these)))
        return len(these)


def _waits_for_team() -> Any:
    return tickets.c.state.in_([State.NEW.value, State.ASSIGNED.value, State.REOPENED.value])


def _matching(wanted: TicketFilter) -> Any:
    these = sql.true()
    if wanted.states:
        these &= tickets.c.state.in_([State(state).value for state in wanted.states])
    if wanted.assigned_to is not None:
        these &= tickets.c.assigned_to == wanted.assigned_to
    for word in wanted.text.split()[:8]:
        columns = (tickets.c.reference, tickets.c.contact, tickets.c.about, tickets.c.details)
        these &= sql.or_(*(sql.func.lower(column).contains(word.lower(), autoescape=True) for column in columns))
    return these


def _row(ticket: Ticket) -> dict[str, Any]:
    details = {
        "proven": ticket.proven,
        "diagnosis": ticket.diagnosis,
        "credentials": ticket.credentials,
        "faqs": ticket.faqs,
        "transcript": [[line.role, line.text] for line in ticket.transcript],
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
    )
