"""The outbox in the database: letters wait here until a worker has handed them over."""

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection, Row

from bot.database import Database, Moment, insert_once, metadata, nobody_holds
from bot.outbox.delivery import FURTHEST_DUE, GIVE_UP_AFTER
from bot.outbox.message import Letter, OutgoingMail
from bot.telemetry.requests import request_id
from bot.telemetry.traces import trace_parent

outbox = sql.Table(
    "outbox",
    metadata,
    sql.Column("id", sql.String(36), primary_key=True),
    sql.Column("kind", sql.String(16), nullable=False),
    sql.Column("payload", sql.Text, nullable=False),  # JSON; "" once wiped
    sql.Column("created_at", Moment, nullable=False),
    sql.Column("due_at", Moment, nullable=False),
    sql.Column("give_up_at", Moment, nullable=False),
    sql.Column("tries", sql.Integer, nullable=False, default=0),
    sql.Column("leased_until", Moment, nullable=True),
    sql.Column("leased_by", sql.String(100), nullable=True),
    sql.Column("delivered_at", Moment, nullable=True),
    sql.Column("dead_at", Moment, nullable=True),
    sql.Column("last_error", sql.String(100), nullable=True),
    sql.Column("not_after", Moment, nullable=True),
    sql.Column("secret", sql.Boolean, nullable=False, default=False),
    sql.Column("request_id", sql.String(64), nullable=False, default=request_id.get),
    sql.Column("trace_parent", sql.String(55), nullable=False, default=trace_parent),
)
is_waiting = outbox.c.delivered_at.is_(None) & outbox.c.dead_at.is_(None)
is_urgent = outbox.c.not_after.is_not(None)  # a code, an answer in Slack: somebody is waiting for it
is_dead = outbox.c.dead_at.is_not(None)
LONGEST_LEASE = datetime.timedelta(minutes=10)
sql.Index("ix_outbox_due", outbox.c.due_at, sqlite_where=is_waiting, postgresql_where=is_waiting)
is_out = outbox.c.delivered_at.is_not(None)
sql.Index("ix_outbox_delivered", outbox.c.delivered_at, sqlite_where=is_out, postgresql_where=is_out)
sql.Index(
    "ix_outbox_urgent",
    outbox.c.due_at,
    sqlite_where=is_waiting & is_urgent,
    postgresql_where=is_waiting & is_urgent,
)
sql.Index("ix_outbox_dead", outbox.c.dead_at, sqlite_where=is_dead, postgresql_where=is_dead)


@dataclass(frozen=True)
class Counts:
    """What metrics and console show. `dead` wait for `requeue`; `dropped` are wiped and cannot be sent any more."""

    waiting: int
    oldest_seconds: float
    dead: int
    dropped: int


class OutboxStore:
    """Reads and writes the outbox."""

    def __init__(self, database: Database) -> None:
        """Use a database whose schema exists."""
        self._database = database

    def add(self, connection: Connection, mail: OutgoingMail, now: datetime.datetime) -> str:
        """Put a mail into the outbox within the caller's transaction; returns its id."""
        letter_id = str(uuid.uuid4())
        row = {
            "id": letter_id,
            "kind": "mail",
            "payload": mail.to_json(),
            "created_at": now,
            "due_at": now,
            "give_up_at": now + GIVE_UP_AFTER,
            "not_after": mail.not_after,
            "secret": mail.secret,
        }
        connection.execute(outbox.insert().values(row))
        return letter_id

    def add_held(
        self, connection: Connection, letter: Letter, worker: str, lease: datetime.timedelta = datetime.timedelta()
    ) -> bool:
        """Put a letter of any kind into the outbox within the caller's transaction; False when it is there already.

        It is the worker's own for as long as the lease, so that who adds it can hand it over at once; if that process
        dies, another worker does it.
        """
        now = letter.created_at
        row = {"id": letter.id, "kind": letter.kind, "payload": letter.payload, "created_at": now, "due_at": now}
        times = {"give_up_at": letter.give_up_at, "not_after": letter.not_after, "secret": letter.secret}
        held = {"tries": letter.tries, "leased_by": worker, "leased_until": now + lease} if lease else {"tries": 0}
        return insert_once(connection, outbox, {**row, **times, **held})

    def claim(
        self, now: datetime.datetime, worker: str, limit: int, lease: datetime.timedelta, kinds: Iterable[str]
    ) -> list[Letter]:
        """Lease up to `limit` due letters of these kinds; no other worker gets them meanwhile.

        First come those that are of no use later, however many wait before them; then the longest due. A lease that has
        run out counts for nothing: its worker has died. So does what a clock has written that was set back since.
        """
        claimable = _claimable(now, kinds)
        with self._database.transaction() as connection:
            if connection.dialect.name == "sqlite":  # has no row locks: from here on no one else writes
                if not _first(connection, claimable, 1):
                    return []
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            rows = _first(connection, claimable, limit)
            taken = {"leased_by": worker, "leased_until": now + lease, "tries": outbox.c.tries + 1}
            if rows:
                connection.execute(outbox.update().where(outbox.c.id.in_([row.id for row in rows])).values(taken))
        return [_letter(row) for row in rows]

    def next_due(self, now: datetime.datetime, kinds: Iterable[str]) -> datetime.datetime | None:
        """When the next letter that nobody has in hand is due; None if there is none."""
        free = nobody_holds(outbox.c.leased_until, now, LONGEST_LEASE)
        query = sql.select(sql.func.min(outbox.c.due_at)).where(is_waiting & free & outbox.c.kind.in_(list(kinds)))
        with self._database.transaction() as connection:
            due: datetime.datetime | None = connection.execute(query).scalar()
        return now if due and due > now + FURTHEST_DUE else due

    def delivered(self, letter: Letter, now: datetime.datetime) -> None:
        """It is out, whoever holds the lease by now; a secret is wiped."""
        values = {"delivered_at": now, "dead_at": None, "last_error": None, **_finished(letter.secret)}
        self._change(outbox.c.id == letter.id, values)

    def failed(self, letter: Letter, worker: str, due: datetime.datetime, error: str) -> None:
        """It is to be tried again at `due`; nothing changes once the lease has gone to another worker."""
        values = {"due_at": due, "last_error": error[:100], **_finished(wipe=False)}
        self._change(_held(letter, worker), values)

    def dead(self, letter: Letter, worker: str, now: datetime.datetime, error: str, *, wipe: bool) -> None:
        """It is not tried again; what is not wiped can be requeued."""
        values = {"dead_at": now, "last_error": error[:100], **_finished(wipe)}
        self._change(_held(letter, worker), values)

    def requeue(self, now: datetime.datetime, letter_id: str | None = None) -> int:
        """Try dead letters for another day: one of them, or all; returns how many."""
        these = is_dead & (outbox.c.payload != "")
        if letter_id is not None:
            these &= outbox.c.id == letter_id
        return self._change(these, {"dead_at": None, "due_at": now, "give_up_at": now + GIVE_UP_AFTER, "tries": 0})

    def knows(self, letter_id: str) -> bool:
        """Whether there is such a letter, on its way or sent."""
        with self._database.transaction() as connection:
            return connection.execute(sql.select(outbox.c.id).where(outbox.c.id == letter_id)).first() is not None

    def counts(self, now: datetime.datetime) -> Counts:
        """How much waits, since when, and how much was given up."""
        found = self.counts_by_kind(now).values()
        return Counts(
            waiting=sum(one.waiting for one in found),
            oldest_seconds=max((one.oldest_seconds for one in found), default=0.0),
            dead=sum(one.dead for one in found),
            dropped=sum(one.dropped for one in found),
        )

    def counts_by_kind(self, now: datetime.datetime) -> dict[str, Counts]:
        """The same for each kind of letter that there is."""
        kept = sql.case((outbox.c.payload != "", 1), else_=0)
        waiting = sql.select(outbox.c.kind, sql.func.count(), sql.func.min(outbox.c.created_at)).where(is_waiting)
        dead = sql.select(outbox.c.kind, sql.func.count(), sql.func.sum(kept)).where(is_dead)
        with self._database.transaction() as connection:
            oldest = {row[0]: row[1:] for row in connection.execute(waiting.group_by(outbox.c.kind))}
            given_up = {row[0]: row[1:] for row in connection.execute(dead.group_by(outbox.c.kind))}
        found = {}
        for kind in {*oldest, *given_up}:
            number, since = oldest.get(kind, (0, None))
            total, requeueable = given_up.get(kind, (0, 0))
            age = max(0.0, (now - since).total_seconds()) if since else 0.0
            found[kind] = Counts(number, age, int(requeueable), total - int(requeueable))
        return found

    def delete_before(self, moment: datetime.datetime, batch: int = 500) -> int:
        """Delete up to `batch` letters delivered, or wiped, before a moment; returns how many."""
        wiped = is_dead & (outbox.c.payload == "") & (outbox.c.dead_at < moment)
        out = is_out & (outbox.c.delivered_at < moment)
        with self._database.transaction() as connection:  # one after the other, so that each has its index
            ids = [
                row.id
                for old in (out, wiped)
                for row in connection.execute(sql.select(outbox.c.id).where(old).limit(batch))
            ][:batch]
            if ids:
                connection.execute(outbox.delete().where(outbox.c.id.in_(ids)))
        return len(ids)

    def _change(self, condition: Any, values: dict[str, Any]) -> int:
        with self._database.transaction() as connection:
            return int(connection.execute(outbox.update().where(condition).values(values)).rowcount)


def _claimable(now: datetime.datetime, kinds: Iterable[str]) -> Any:
    due = (outbox.c.due_at <= now) | (outbox.c.due_at > now + FURTHEST_DUE)
    return is_waiting & due & nobody_holds(outbox.c.leased_until, now, LONGEST_LEASE) & outbox.c.kind.in_(list(kinds))


def _first(connection: Connection, claimable: Any, limit: int) -> list[Row]:
    rows: list[Row] = []
    for which in (is_urgent, ~is_urgent):
        if len(rows) < limit:
            some = outbox.select().where(claimable & which).order_by(outbox.c.due_at).limit(limit - len(rows))
            rows += connection.execute(some.with_for_update(skip_locked=True)).all()
    return rows


def _held(letter: Letter, worker: str) -> Any:
    return is_waiting & (outbox.c.id == letter.id) & (outbox.c.leased_by == worker)


def _finished(wipe: bool) -> dict[str, Any]:
    values: dict[str, Any] = {"leased_by": None, "leased_until": None}
    return {**values, "payload": ""} if wipe else values


def _letter(row: Any) -> Letter:
    return Letter(
        id=row.id,
        kind=row.kind,
        payload=row.payload,
        created_at=row.created_at,
        tries=row.tries + 1,
        give_up_at=row.give_up_at,
        not_after=row.not_after,
        secret=row.secret,
        request_id=row.request_id,
        trace_parent=row.trace_parent,
    )
