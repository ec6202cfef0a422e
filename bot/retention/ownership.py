"""Whose a conversation is: a person's own, or somebody else's in which the person comes up."""

import datetime
from collections.abc import Sequence

import sqlalchemy as sql
from sqlalchemy.engine import Connection, Row

from bot.conversations.store import messages
from bot.identity.store import lookups, one_time_codes, proofs
from bot.retention.holdings import Belongings
from bot.retention.near import near
from bot.retention.traces import Traces
from bot.slack.store import slack_places
from bot.tickets.store import tickets
from bot.watching.store import watches

# Who has a conversation, the strongest first: what was proven there; else who is to be answered or told.
CLAIMS = ((proofs.c.email,), (tickets.c.contact, watches.c.email))


def belongings(connection: Connection, traces: Traces, also: Sequence[str] = ()) -> Belongings:
    """What is the person's, as the database has it now.

    A conversation is theirs when they have proven their address there, or, where nobody has proven any, when it was to
    be answered at their address, or else when the address was given at all. Of somebody else's conversation theirs is
    what was said from a look-up of their record on, until another is spoken of.

    Args:
        also: conversations that mention the person elsewhere.
    """
    own: set[str] = set()
    others: set[str] = set()
    for conversation_id in {*_mentioning(connection, traces), *also} - {""}:
        (own if _is_own(connection, traces, conversation_id) else others).add(conversation_id)
    told = {one: _looked_up(connection, traces, one) for one in others}
    mine = tickets.c.conversation_id.in_(own)
    filed = sql.select(tickets.c.reference, tickets.c.contact).where(mine | near(tickets.c.contact, traces))
    references = connection.execute(filed.add_columns(tickets.c.conversation_id)).all()
    said = sql.select(messages.c.id).where(messages.c.conversation_id.in_(own))
    places = sql.select(slack_places.c.channel).where(slack_places.c.conversation_id.in_(own))
    return Belongings(
        traces=traces,
        conversations=frozenset(own),
        looked_up=frozenset(one for one, ids in told.items() if ids),
        messages=frozenset(connection.execute(said).scalars()).union(*told.values()),
        tickets=frozenset(r.reference for r in references if traces.is_address(r.contact) or r.conversation_id in own),
        channels=frozenset(connection.execute(places).scalars()),
    )


def _mentioning(connection: Connection, traces: Traces) -> set[str]:
    found: set[str] = set()
    for column in (proofs.c.email, one_time_codes.c.email, tickets.c.contact, watches.c.email, lookups.c.subject):
        query = sql.select(column.table.c.conversation_id, column.label("address")).where(near(column, traces))
        found.update(row.conversation_id for row in connection.execute(query) if traces.is_address(row.address))
    said = (messages.c.text, messages.c.comment)
    query = sql.select(messages.c.conversation_id, *said).where(sql.or_(*(near(column, traces) for column in said)))
    found.update(row.conversation_id for row in connection.execute(query) if traces.in_value([row.text, row.comment]))
    return found


def _is_own(connection: Connection, traces: Traces, conversation_id: str) -> bool:
    for columns in CLAIMS:
        claims = [
            address
            for column in columns
            for address in connection.execute(
                sql.select(column).where(column.table.c.conversation_id == conversation_id)
            ).scalars()
        ]
        if claims:
            return any(map(traces.is_address, claims))
    return True


def _looked_up(connection: Connection, traces: Traces, conversation_id: str) -> frozenset[str]:
    """The ids of the messages around each look-up of the person, until another person is looked up or named."""
    asked = sql.select(lookups).where(lookups.c.conversation_id == conversation_id).order_by(lookups.c.at, lookups.c.id)
    looks = connection.execute(asked).all()
    if not any(traces.is_address(look.subject) for look in looks):
        return frozenset()
    said = messages.select().where(messages.c.conversation_id == conversation_id).order_by(messages.c.number)
    found: set[str] = set()
    about = False
    turns = _turns(connection.execute(said).all())
    for number, turn in enumerate(turns):
        until = _begun(turns[number + 1]) if number + 1 < len(turns) else None
        subjects = [look.subject for look in looks if _begun(turn) <= look.at and (until is None or look.at < until)]
        if subjects:
            about = any(map(traces.is_address, subjects))
        elif about:
            about = "@" not in turn[0].text or traces.in_value(turn[0].text)
        if about:
            found.update(row.id for row in turn)
    return frozenset(found)


def _turns(rows: Sequence[Row]) -> list[list[Row]]:
    """Each message of the person with what was said after it."""
    turns: list[list[Row]] = []
    for row in rows:
        if row.role == "user" or not turns:
            turns.append([])
        turns[-1].append(row)
    return turns


def _begun(turn: Sequence[Row]) -> datetime.datetime:
    found: datetime.datetime | None = turn[0].created_at
    return found or datetime.datetime.min.replace(tzinfo=datetime.timezone.utc)
