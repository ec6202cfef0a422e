"""Everything that is kept about one person, to be handed to them or erased."""

import datetime
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from bot.clock import iso
from bot.conversations.store import conversations, messages
from bot.database import Database, begin_alone
from bot.identity.store import lookups, one_time_codes, proofs, wrong_tries
from bot.issuance.store import badges, completions
from bot.outbox.store import outbox
from bot.retention.tracker_events import TrackerEvents
from bot.tickets import store as ticket_store
from bot.tickets.store import tickets
from bot.watching.store import watches

# These tell nothing.
WITHHELD = ("code_hash", "token", "answering", "answering_until", "leased_by", "leased_until", "key", "address_hash")
ERASED = "erased"


@dataclass(frozen=True)
class Part:
    """Some rows about the person: all of a table that the condition holds for."""

    name: str
    table: sql.Table
    which: Any


class Retention:
    """One person's data in all features.

    Theirs are the conversations that proved the address, filed a ticket with it or wait for its news, all tickets and
    watches of these, and whatever else is kept under the address.
    """

    def __init__(self, database: Database, tracker_events: TrackerEvents) -> None:
        """Use a database whose schema exists, and what Rasa keeps beside it."""
        self._database, self._tracker_events = database, tracker_events

    def export(self, address: str) -> dict[str, list[dict[str, Any]]]:
        """All rows by kind, fit for JSON. `address` is normalised."""
        with self._database.transaction() as connection:
            ids = _conversations(connection, address)
            found = {part.name: _rows(connection, part) for part in _parts(connection, address, ids)}
        return {**found, "rasa_events": self._tracker_events.of(ids)}

    def erase(self, address: str) -> dict[str, int]:
        """Delete it all; returns how many rows of each kind.

        The log of look-ups keeps those that the person made of others, without saying who it was. Rasa's record goes
        first: if this is interrupted, our own still tells which conversations are left to do.
        """
        with self._database.transaction() as connection:
            ids = _conversations(connection, address)
        events = self._tracker_events.delete(ids)
        with self._database.transaction() as connection:
            begin_alone(connection, ticket_store.TICKETS_LOCK)
            parts = _parts(connection, address, ids)
            counts = {part.name: _delete(connection, part) for part in parts}
            asked = lookups.update().where(lookups.c.asker == address).values(asker=ERASED)
            connection.execute(asked)
        return {**counts, "rasa_events": events}


def _conversations(connection: Connection, address: str) -> list[str]:
    proven = sql.select(proofs.c.conversation_id).where(proofs.c.email == address)
    filed = sql.select(tickets.c.conversation_id).where(tickets.c.contact == address)
    waiting = sql.select(watches.c.conversation_id).where(watches.c.email == address)
    found = connection.execute(proven.union(filed, waiting)).scalars().all()
    return sorted(one for one in found if one)


def _parts(connection: Connection, address: str, ids: list[str]) -> list[Part]:
    """What there is, in an order in which it can be deleted."""
    mine = (tickets.c.contact == address) | tickets.c.conversation_id.in_(ids)
    references = connection.execute(sql.select(tickets.c.reference).where(mine)).scalars().all()
    letters = list(_letters(connection, address, references))
    return [
        Part("messages", messages, messages.c.conversation_id.in_(ids)),
        Part("conversations", conversations, conversations.c.id.in_(ids)),
        Part("ticket_events", ticket_store.ticket_events, ticket_store.ticket_events.c.reference.in_(references)),
        Part("tickets", tickets, tickets.c.reference.in_(references)),
        Part("watches", watches, (watches.c.email == address) | watches.c.conversation_id.in_(ids)),
        Part("codes", one_time_codes, one_time_codes.c.email == address),
        Part("wrong_tries", wrong_tries, wrong_tries.c.email == address),
        Part("proofs", proofs, (proofs.c.email == address) | proofs.c.conversation_id.in_(ids)),
        Part("lookups", lookups, lookups.c.subject == address),
        Part("completions", completions, completions.c.email == address),
        Part("badges", badges, badges.c.email == address),
        Part("letters", outbox, outbox.c.id.in_(letters)),
    ]


def _letters(connection: Connection, address: str, references: list[str]) -> Iterator[str]:
    """Letters to the person, answered to the person, or about their tickets, whoever they go to."""
    words = [address, *references]
    which = sql.or_(*(outbox.c.payload.contains(json.dumps(word)[1:-1], autoescape=True) for word in words))
    for row in connection.execute(sql.select(outbox.c.id, outbox.c.payload).where(which)):
        said = json.loads(row.payload)
        mail = f" {said.get('to', '')} , {said.get('reply_to', '')} ".replace("<", " ").replace(">", " ")
        addressed = address in mail.replace(",", " ").split()
        if addressed or any(reference in row.payload for reference in references):
            yield row.id


def _rows(connection: Connection, part: Part) -> list[dict[str, Any]]:
    found = connection.execute(part.table.select().where(part.which)).mappings().all()
    return [{name: _plain(value) for name, value in row.items() if name not in WITHHELD} for row in found]


def _plain(value: Any) -> Any:
    """Fit for JSON; moments in UTC, what is stored as JSON as what it says."""
    if isinstance(value, datetime.datetime):
        return iso(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _delete(connection: Connection, part: Part) -> int:
    return int(connection.execute(part.table.delete().where(part.which)).rowcount)
