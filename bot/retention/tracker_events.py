"""Rasa's record of conversations, read and deleted without Rasa: it holds what people wrote, too."""

import itertools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection, Row, make_url

from bot.database import Database, tracker_url
from bot.retention.near import near
from bot.retention.traces import Traces

tracker_rows = sql.Table(  # of rasa.core.tracker_store.SQLTrackerStore; Rasa makes it, so it is none of our migrations
    "events",
    sql.MetaData(),
    sql.Column("id", sql.Integer, primary_key=True),
    sql.Column("sender_id", sql.String(255)),
    sql.Column("timestamp", sql.Float),
    sql.Column("data", sql.Text),
)

EVENTS_A_LOOK = 500


class TrackerEvents:
    """What Rasa keeps of conversations; nothing when Rasa has not yet made its table."""

    def __init__(self, database_url: str) -> None:
        """Use what belongs to DATABASE_URL; connects lazily."""
        self._url = tracker_url(database_url)
        self._database = Database(self._url)

    def of(self, conversation_ids: Sequence[str]) -> list[dict[str, Any]]:
        """The events of conversations, oldest first."""
        if not self._there():
            return []
        query = (
            tracker_rows.select()
            .where(tracker_rows.c.sender_id.in_(list(conversation_ids)))
            .order_by(tracker_rows.c.id)
        )
        with self._database.transaction() as connection:
            rows = connection.execute(query).all()
        return [_shown(row) for row in rows]

    def delete(self, conversation_ids: Sequence[str]) -> int:
        """Delete the events of conversations; returns how many."""
        if not conversation_ids or not self._there():
            return 0
        with self._database.transaction() as connection:
            mine = tracker_rows.c.sender_id.in_(list(conversation_ids))
            return int(connection.execute(tracker_rows.delete().where(mine)).rowcount)

    def mentioning(self, traces: Traces) -> list[dict[str, Any]]:
        """The events that mention a person, in whatever conversation."""
        return [_shown(row) for row in self._near(traces) if traces.in_value(row.data)]

    def redact(self, traces: Traces) -> int:
        """Take a person's address out of the events that are left; returns of how many."""
        rows = [row for row in self._near(traces) if traces.in_value(row.data)]
        with self._database.transaction() as connection:
            for row in rows:
                this = tracker_rows.update().where(tracker_rows.c.id == row.id)
                connection.execute(this.values(data=traces.without(row.data)))
        return len(rows)

    def _near(self, traces: Traces) -> list[Row]:
        if not self._there():
            return []
        these = tracker_rows.select().where(near(tracker_rows.c.data, traces)).order_by(tracker_rows.c.id)
        with self._database.transaction() as connection:
            return list(connection.execute(these))

    def delete_before(self, timestamp: float, batch: int = 100) -> int:
        """Delete up to `batch` conversations in which nothing has happened since; returns how many."""
        if not self._there():
            return 0
        with self._database.transaction() as connection:
            ids = list(itertools.islice(_silent_since(connection, timestamp), batch))
        self.delete(ids)
        return len(ids)

    def _there(self) -> bool:
        url = make_url(self._url)
        if url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).exists()):
            return False
        return bool(sql.inspect(self._database.engine).has_table(tracker_rows.name))


def _silent_since(connection: Connection, timestamp: float) -> Iterator[str]:
    """The conversations in which nothing has happened since, by their first event.

    Events are numbered as they come, and read in that order only as far as they are older.
    """
    seen: set[str] = set()
    last = 0
    in_order = sql.select(tracker_rows.c.id, tracker_rows.c.sender_id, tracker_rows.c.timestamp)
    while rows := connection.execute(
        in_order.where(tracker_rows.c.id > last).order_by(tracker_rows.c.id).limit(EVENTS_A_LOOK)
    ).all():
        older = list(itertools.takewhile(lambda row: row.timestamp < timestamp, rows))
        new = list(dict.fromkeys(row.sender_id for row in older if row.sender_id not in seen))
        seen.update(new)
        later = sql.select(tracker_rows.c.sender_id).where(
            tracker_rows.c.sender_id.in_(new) & (tracker_rows.c.timestamp >= timestamp)
        )
        go_on = set(connection.execute(later).scalars()) if new else set()
        yield from (one for one in new if one not in go_on)
        if len(older) < len(rows):
            return
        last = rows[-1].id


def _shown(row: Row) -> dict[str, Any]:
    return {"conversation_id": row.sender_id, "event": json.loads(row.data)}
