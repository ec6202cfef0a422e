"""What Slack sent and what was answered, in the database: an event is kept before it is acknowledged, and done once."""

import datetime
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection, Row

from bot.database import Database, Moment, insert_once, metadata, nobody_holds

KEPT = datetime.timedelta(days=1)  # Slack repeats an event within minutes
PLACES_KEPT = datetime.timedelta(days=90)  # longer than a ticket lives
MOST_TRIES = 3

slack_events = sql.Table(
    "slack_events",
    metadata,
    sql.Column("id", sql.String(64), primary_key=True),  # Slack's event_id
    sql.Column("received_at", Moment, nullable=False, index=True),
    sql.Column("body", sql.Text, nullable=False),  # JSON; "" once done
    sql.Column("held_by", sql.String(100), nullable=False),
    sql.Column("held_until", Moment, nullable=False),
    sql.Column("tries", sql.Integer, nullable=False),
    sql.Column("done_at", Moment, nullable=True),
)
slack_said = sql.Table(
    "slack_said",
    metadata,
    sql.Column("id", sql.String(36), primary_key=True),  # of a message of the conversation
    sql.Column("at", Moment, nullable=False, index=True),
)
slack_cards = sql.Table(
    "slack_cards",
    metadata,
    sql.Column("key", sql.String(40), primary_key=True),  # what the message is about: a ticket's reference
    sql.Column("channel", sql.String(32), nullable=False),
    sql.Column("ts", sql.String(32), nullable=False),  # Slack's id of the message, "" until it is posted
    sql.Column("version", sql.String(32), nullable=False),  # of what it shows
)
slack_places = sql.Table(
    "slack_places",
    metadata,
    sql.Column("conversation_id", sql.String(36), primary_key=True),
    sql.Column("channel", sql.String(32), nullable=False),  # where the person is told something alone
    sql.Column("at", Moment, nullable=False, index=True),
)
slack_threads = sql.Table(  # messages to a learner in whose thread an answer to the team may be written
    "slack_threads",
    metadata,
    sql.Column("id", sql.String(80), primary_key=True),  # of the message: its channel and its ts
    sql.Column("reference", sql.ForeignKey("tickets.reference", ondelete="CASCADE"), nullable=False, index=True),
    sql.Column("at", Moment, nullable=False, index=True),
)
is_open = slack_events.c.done_at.is_(None)


_AGES = {
    slack_events.c.received_at: KEPT,
    slack_said.c.at: KEPT,
    slack_places.c.at: PLACES_KEPT,
    slack_threads.c.at: PLACES_KEPT,
}


@dataclass(frozen=True)
class Event:
    """An event as it waits."""

    id: str
    body: str
    tries: int


class EventStore:
    """Reads and writes both tables. A holder is an id that no other process has."""

    def __init__(self, database: Database) -> None:
        """Use a database whose schema exists."""
        self.database = database

    def keep(self, event_id: str, body: str, holder: str, now: datetime.datetime, hold: datetime.timedelta) -> bool:
        """Keep an event, to be done by its holder; False when it came before."""
        row = {
            "id": event_id,
            "received_at": now,
            "body": body,
            "held_by": holder,
            "held_until": now + hold,
            "tries": 0,
        }
        with self.database.transaction() as connection:
            return insert_once(connection, slack_events, row)

    def start(self, event_id: str, holder: str, tries: int, now: datetime.datetime, hold: datetime.timedelta) -> bool:
        """Count a try after so many, and hold the event for longer; False when it is done, begun, or another's."""
        c = slack_events.c
        mine = (c.id == event_id) & is_open & (c.held_by == holder) & (c.tries == tries)
        return self._change(mine, {"held_until": now + hold, "tries": c.tries + 1}) == 1

    def done(self, event_id: str, now: datetime.datetime) -> None:
        """It is answered; what was in it is wiped."""
        self._change(slack_events.c.id == event_id, {"done_at": now, "body": ""})

    def take_over(self, holder: str, now: datetime.datetime, hold: datetime.timedelta, limit: int) -> list[Event]:
        """Events whose holder has died or has not come to them, for a new holder."""
        c = slack_events.c
        left = is_open & nobody_holds(c.held_until, now, hold)
        with self.database.transaction() as connection:
            rows = connection.execute(slack_events.select().where(left).order_by(c.received_at).limit(limit)).all()
        taken = []
        for row in rows:
            same = (c.id == row.id) & left & (c.held_by == row.held_by) & (c.held_until == row.held_until)
            if self._change(same, {"held_by": holder, "held_until": now + hold}) == 1:
                taken.append(Event(row.id, row.body, row.tries))
        return taken

    def say_once(self, connection: Connection, message_id: str, now: datetime.datetime) -> bool:
        """Whether nobody has said this message yet; from now on somebody has."""
        return insert_once(connection, slack_said, {"id": message_id, "at": now})

    def delete_old(self, now: datetime.datetime, batch: int = 500) -> int:
        """Delete up to `batch` rows each that no repeat can ask for any more; returns how many."""
        deleted = 0
        for moment, age in _AGES.items():
            key = list(moment.table.primary_key)[0]
            old = sql.select(key).where(moment < now - age).limit(batch)
            with self.database.transaction() as connection:
                deleted += connection.execute(moment.table.delete().where(key.in_(old))).rowcount
        return deleted

    def place(self, conversation_id: str, channel: str, now: datetime.datetime) -> None:
        """Keep where the person of a conversation can be told something."""
        with self.database.transaction() as connection:
            row = {"conversation_id": conversation_id, "channel": channel, "at": now}
            insert_once(connection, slack_places, row)

    def begin_thread(self, channel: str, ts: str, reference: str, now: datetime.datetime) -> None:
        """A message is about a ticket: what is written in its thread is the learner's answer."""
        with self.database.transaction() as connection:
            insert_once(connection, slack_threads, {"id": f"{channel} {ts}", "reference": reference, "at": now})

    def ticket_of_thread(self, channel: str, ts: str) -> str:
        """The ticket that a message to a learner is about, "" if none."""
        query = sql.select(slack_threads.c.reference).where(slack_threads.c.id == f"{channel} {ts}")
        with self.database.transaction() as connection:
            return connection.execute(query).scalar() or ""

    def place_of(self, conversation_id: str) -> str:
        """Where the person of a conversation can be told something, "" if not known."""
        with self.database.transaction() as connection:
            return place_of(connection, conversation_id)

    def card(self, key: str) -> Row | None:
        """Where the message about something stands, if it has been thought of."""
        with self.database.transaction() as connection:
            return connection.execute(slack_cards.select().where(slack_cards.c.key == key)).first()

    def shown(self, key: str, ts: str, version: str) -> None:
        """A message shows something from now on."""
        change = slack_cards.update().where(slack_cards.c.key == key).values(ts=ts, version=version)
        with self.database.transaction() as connection:
            connection.execute(change)

    def _change(self, condition: Any, values: dict[str, Any]) -> int:
        with self.database.transaction() as connection:
            return int(connection.execute(slack_events.update().where(condition).values(values)).rowcount)


def begin_card(connection: Connection, key: str, channel: str) -> bool:
    """Whether no message is about this yet; from now on one will be."""
    return insert_once(connection, slack_cards, {"key": key, "channel": channel, "ts": "", "version": ""})


def place_of(connection: Connection, conversation_id: str) -> str:
    """Where the person of a conversation can be told something, "" if not known."""
    query = sql.select(slack_places.c.channel).where(slack_places.c.conversation_id == conversation_id)
    return connection.execute(query).scalar() or ""
