"""Watches in the database; the caller brings the transaction where more than the watch is written."""

import datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from bot.database import Database, Moment, begin_alone, insert_once, metadata
from bot.issuance.record import Stage
from bot.watching.watch import CredentialWatch

WATCHES_LOCK = 7_262_011  # any number, as long as every process asks for the same

watches = sql.Table(  # no foreign key to conversations: the mail is due when the conversation is gone, too
    "watches",
    metadata,
    sql.Column("id", sql.String(36), primary_key=True),
    sql.Column("conversation_id", sql.String(255), nullable=False, index=True),
    sql.Column("email", sql.String(255), nullable=False),
    sql.Column("address_hash", sql.String(64), nullable=False, index=True),  # what a link to stop knows it by
    sql.Column("credential", sql.String(200), nullable=False),
    sql.Column("title", sql.String(200), nullable=False),
    sql.Column("stage", sql.String(20), nullable=False),
    sql.Column("passed_after", sql.Date, nullable=False),
    sql.Column("created_at", Moment, nullable=False, index=True),
    sql.Column("checked_at", Moment, nullable=False, index=True),
    sql.UniqueConstraint("email", "credential"),
)


class WatchStore:
    """Reads and writes watches."""

    def __init__(self, database: Database) -> None:
        """Use a database whose schema exists."""
        self.database = database

    def add(self, connection: Connection, watch: CredentialWatch, address_hash: str) -> bool:
        """Begin a watch; False when there is one, which is told in this conversation from now on."""
        row = {**vars(watch), "stage": watch.stage.value, "address_hash": address_hash, "checked_at": watch.created_at}
        if insert_once(connection, watches, row):
            return True
        known = (watches.c.email == watch.email) & (watches.c.credential == watch.credential)
        connection.execute(watches.update().where(known).values(conversation_id=watch.conversation_id))
        return False

    def find(self, which: Any) -> list[CredentialWatch]:
        """Those that a condition holds for, oldest first."""
        with self.database.transaction() as connection:
            rows = connection.execute(watches.select().where(which).order_by(watches.c.created_at, watches.c.id)).all()
        return [_watch(row) for row in rows]

    def addresses(self) -> list[str]:
        """All that are watched, each once."""
        with self.database.transaction() as connection:
            return list(connection.execute(sql.select(watches.c.email).distinct()).scalars())

    def claim(self, now: datetime.datetime, before: datetime.datetime) -> CredentialWatch | None:
        """The watch that was checked longest ago, if before a moment; it counts as checked now, for every worker."""
        due = watches.select().where(watches.c.checked_at < before).order_by(watches.c.checked_at, watches.c.id)
        with self.database.transaction() as connection:
            begin_alone(connection, WATCHES_LOCK)
            row = connection.execute(due.limit(1)).first()
            if row is not None:
                connection.execute(watches.update().where(watches.c.id == row.id).values(checked_at=now))
        return _watch(row) if row else None

    def end(self, connection: Connection, watch: CredentialWatch) -> bool:
        """Take a watch away; False when it is gone, or stands elsewhere than it was read: somebody else has told."""
        return bool(connection.execute(watches.delete().where(_as_read(watch))).rowcount)

    def move(self, connection: Connection, watch: CredentialWatch, stage: Stage, last_day: datetime.date) -> bool:
        """Wait on from another stage; False as `end`."""
        further = watches.update().where(_as_read(watch)).values(stage=stage.value, passed_after=last_day)
        return bool(connection.execute(further).rowcount)

    def delete(self, which: Any) -> int:
        """Delete those that a condition holds for; returns how many."""
        with self.database.transaction() as connection:
            return int(connection.execute(watches.delete().where(which)).rowcount)

    def delete_before(self, moment: datetime.datetime, batch: int = 500) -> int:
        """Delete up to `batch` watches begun before a moment; returns how many."""
        return self.delete(watches.c.id.in_(sql.select(watches.c.id).where(watches.c.created_at < moment).limit(batch)))


def _as_read(watch: CredentialWatch) -> Any:
    return (watches.c.id == watch.id) & (watches.c.stage == watch.stage.value)


def _watch(row: Any) -> CredentialWatch:
    return CredentialWatch(
        id=row.id,
        conversation_id=row.conversation_id,
        email=row.email,
        credential=row.credential,
        title=row.title,
        stage=Stage(row.stage),
        passed_after=row.passed_after,
        created_at=row.created_at,
    )
