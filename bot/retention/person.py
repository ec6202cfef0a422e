"""Everything that is kept about one person, in the database, to be handed to them or erased."""

import datetime
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from bot.clock import iso
from bot.database import Database, begin_alone
from bot.insight.daily_counts import settle_erased
from bot.issuance.store import badges, completions
from bot.retention.holdings import ATTACHED, HOLDINGS, Belongings, Holding
from bot.retention.near import near
from bot.retention.ownership import belongings
from bot.retention.traces import Traces
from bot.retention.tracker_events import TrackerEvents
from bot.slack.store import slack_cards
from bot.tickets.search import forget_deleted
from bot.tickets.store import TICKETS_LOCK, TicketStore

# These tell nothing.
WITHHELD = (
    "code_hash",
    "token",
    "answering",
    "answering_until",
    "leased_by",
    "leased_until",
    "key",
    "address_hash",
    "network",
    "words",
)
ROWS_AT_ONCE = 500


class Retention:
    """One person's data in all tables, as bot/retention/holdings.py declares them, and in Rasa's record."""

    def __init__(self, database: Database, tracker_events: TrackerEvents) -> None:
        """Use a database whose schema exists, and what Rasa keeps beside it."""
        self._database, self._tracker_events = database, tracker_events

    def export(self, address: str) -> dict[str, list[dict[str, Any]]]:
        """All rows by kind, fit for JSON, and the lines in which others mention the person. `address` is normalised."""
        events = self._tracker_events.mentioning(Traces(address))
        with self._database.transaction() as connection:
            person = self._person(connection, address, events)
            looked_at = [(holding, list(_rows(connection, holding, person))) for holding in HOLDINGS]
        rows = {holding.name: [row for row in found if holding.is_theirs(row, person)] for holding, found in looked_at}
        mentions = [line for holding, found in looked_at for line in _mentions(found, holding, person)]
        own = self._tracker_events.of(sorted(person.conversations))
        told = [one for one in events if one["conversation_id"] not in person.conversations]
        found = {name: [_plain_row(row) for row in kept] for name, kept in rows.items()}
        return {**found, "rasa_events": [*own, *told], "mentions": mentions}

    def erase(self, address: str) -> dict[str, int]:
        """Delete it all; returns how many rows of each kind, and in how many of others the person was mentioned.

        Of a conversation of somebody else in which the person was looked up Rasa forgets all, so that it goes on anew
        there. Rasa's record goes first: if this is interrupted, our own still tells what is left to do.
        """
        traces = Traces(address)
        events = self._tracker_events.mentioning(traces)
        with self._database.transaction() as connection:
            person = self._person(connection, address, events)
        forgotten = self._tracker_events.delete(sorted(person.conversations | person.looked_up))
        mentions = self._tracker_events.redact(traces)
        with self._database.transaction() as connection:
            begin_alone(connection, TICKETS_LOCK)
            person = self._person(connection, address, events)
            counts = Counter({holding.name: _erase(connection, holding, person) for holding in HOLDINGS})
            changed = [row for holding in HOLDINGS for row in _redact(connection, holding, person)]
            self._search_anew(connection, changed)
        settle_erased(self._database, sorted({*person.conversations, *person.tickets}))
        mentions += len(changed)
        return {**counts, "rasa_events": forgotten, "mentions": mentions}

    def names(self, address: str) -> list[str]:
        """The person's names of at least two words, as their records have them."""
        traces = Traces(address)
        found: set[str] = set()
        with self._database.transaction() as connection:
            for table in (completions, badges):
                mine = near(table.c.email, traces)
                rows = connection.execute(sql.select(table.c.email, table.c.name).where(mine)).all()
                found.update(row.name for row in rows if traces.is_address(row.email))
        return sorted(name for name in found if len(name.split()) > 1)

    def tickets(self, address: str) -> list[str]:
        """The references of the person's tickets."""
        with self._database.transaction() as connection:
            return sorted(belongings(connection, Traces(address)).tickets)

    def files(self, address: str) -> list[dict[str, Any]]:
        """The rows of the files that are the person's; `id` is the key of the content."""
        with self._database.transaction() as connection:
            return list(_theirs(connection, ATTACHED, belongings(connection, Traces(address))))

    def cards(self, address: str) -> list[str]:
        """The channels and references of messages in Slack about the person's tickets, which stay there."""
        with self._database.transaction() as connection:
            person = belongings(connection, Traces(address))
            found = connection.execute(slack_cards.select().where(slack_cards.c.ts != "")).all()
        return [f"{row.key} in Slack's channel {row.channel}" for row in found if row.key in person.tickets]

    def _search_anew(self, connection: Connection, changed: Sequence[Mapping[str, Any]]) -> None:
        """No ticket is found by what was taken out of it."""
        store = TicketStore(self._database)
        for reference in sorted({row.get("reference") or "" for row in changed} - {""}):
            store.index(connection, reference)
        forget_deleted(connection)

    def _person(self, connection: Connection, address: str, events: Sequence[Mapping[str, Any]]) -> Belongings:
        return belongings(connection, Traces(address), [one["conversation_id"] for one in events])


def _rows(connection: Connection, holding: Holding, person: Belongings) -> Iterator[dict[str, Any]]:
    """The rows that are the person's or name them; of some others, too."""
    query = holding.table.select().where(holding.concerning(person)).order_by(*holding.table.primary_key)
    for rows in connection.execute(query).partitions(ROWS_AT_ONCE):
        yield from (dict(row._mapping) for row in rows)


def _theirs(connection: Connection, holding: Holding, person: Belongings) -> Iterator[dict[str, Any]]:
    return (row for row in _rows(connection, holding, person) if holding.is_theirs(row, person))


def _mentions(rows: Iterable[Mapping[str, Any]], holding: Holding, person: Belongings) -> Iterator[dict[str, str]]:
    """The lines that name the person in what is not theirs."""
    for found in rows:
        if not holding.is_theirs(found, person):
            for name in holding.acted:
                if person.traces.is_address(found[name]):
                    yield {"where": holding.name, "text": f"{name}: {found[name]}"}
            for name in holding.texts:
                for excerpt in person.traces.excerpts(found[name]):
                    yield {"where": holding.name, "text": excerpt}


def _erase(connection: Connection, holding: Holding, person: Belongings) -> int:
    rows = list(_theirs(connection, holding, person))
    for row in rows:
        this = sql.and_(*(column == row[column.name] for column in holding.table.primary_key))
        if holding.emptied:
            connection.execute(holding.table.update().where(this).values(dict(holding.emptied)))
        else:
            connection.execute(holding.table.delete().where(this))
    return len(rows)


def _redact(connection: Connection, holding: Holding, person: Belongings) -> list[Mapping[str, Any]]:
    """Take the person out of the rows of others; returns those that it changed, as they were."""
    changed: list[Mapping[str, Any]] = []
    for found in list(_rows(connection, holding, person)) if holding.texts or holding.acted else ():
        changes = holding.changes(found, person)
        if changes:
            this = sql.and_(*(column == found[column.name] for column in holding.table.primary_key))
            connection.execute(holding.table.update().where(this).values(changes))
            changed.append(found)
    return changed


def _plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.items() if name not in WITHHELD}


def _plain(value: Any) -> Any:
    """Fit for JSON; moments in UTC, what is stored as JSON as what it says, a mail as its text."""
    if isinstance(value, datetime.datetime):
        return iso(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
