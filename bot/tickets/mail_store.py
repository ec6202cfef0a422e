"""The mails that came in, as they came: those of tickets, and those that were refused and wait for a person."""

import datetime
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from bot.database import Database, Moment, insert_once, metadata
from bot.tickets.store import belongs_to

LARGEST_REFUSED_BYTES = 1_000_000  # kept of a mail that may be anybody's; the mailbox has all of it
MOST_LARGE_REFUSED = (
    200  # refused mails within a day; of those beyond only the beginning is kept: anybody can send them
)
BEGINNING_BYTES = 20_000
LONGEST_REST = 100_000  # characters; the mail itself has all of it
MAILS_SHOWN = 100

incoming_mails = sql.Table(
    "incoming_mails",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("key", sql.String(100), nullable=False, unique=True),  # of its event; of its content where refused
    sql.Column("reference", sql.ForeignKey("tickets.reference", ondelete="CASCADE"), nullable=True, index=True),
    sql.Column("state", sql.String(12), nullable=False, index=True),
    sql.Column("reason", sql.String(20), nullable=False),
    sql.Column("sender", sql.String(255), nullable=False, index=True),
    sql.Column("subject", sql.String(500), nullable=False),
    sql.Column("text", sql.Text, nullable=False),  # the new words, where they are no event's
    sql.Column("rest", sql.Text, nullable=False),  # what it quotes, forwards and signs
    sql.Column("content", sql.LargeBinary, nullable=False),
    sql.Column("whole", sql.Boolean, nullable=False),  # whether the content is all of it
    sql.Column("received_at", Moment, nullable=False, index=True),
    sql.Column("told_at", Moment, nullable=True),  # when its sender was told that it was refused
    sql.Column("handled_by", sql.String(255), nullable=False),
)


class MailState(str, Enum):
    """What became of a mail."""

    KEPT = "kept"
    REFUSED = "refused"
    DISMISSED = "dismissed"


@dataclass(frozen=True)
class StoredMail:
    """A mail without its content. `reason` says why it was refused; `reference` is the ticket it is, or may be, of."""

    id: int
    key: str
    state: MailState
    reason: str
    sender: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    rest: str = field(repr=False)
    received_at: datetime.datetime
    reference: str = ""
    whole: bool = True
    told_at: datetime.datetime | None = None
    handled_by: str = field(default="", repr=False)


class MailStore:
    """Reads and writes mails that came in."""

    def __init__(self, database: Database) -> None:
        """Use a database whose schema exists."""
        self.database = database

    def add(self, connection: Connection, mail: StoredMail, content: bytes) -> bool:
        """Keep a mail; False where its key is known. Its id is given here, not by the caller."""
        most = len(content) if mail.state is MailState.KEPT else self._room(connection, mail.received_at)
        values = {
            "key": mail.key,
            "reference": mail.reference or None,
            "state": mail.state.value,
            "reason": mail.reason,
            "sender": mail.sender[:255],
            "subject": mail.subject[:500],
            "text": mail.text,
            "rest": mail.rest[:LONGEST_REST],
            "content": content[:most],
            "whole": mail.whole and len(content) <= most,
            "received_at": mail.received_at,
            "told_at": mail.told_at,
            "handled_by": mail.handled_by,
        }
        return insert_once(connection, incoming_mails, values)

    def _room(self, connection: Connection, now: datetime.datetime) -> int:
        """How many bytes of a mail that is refused now are kept."""
        c = incoming_mails.c
        recent = (c.state != MailState.KEPT.value) & (c.received_at > now - datetime.timedelta(days=1))
        last = sql.select(c.id).where(recent).limit(1).offset(MOST_LARGE_REFUSED - 1)
        return BEGINNING_BYTES if connection.execute(last).first() else LARGEST_REFUSED_BYTES

    def get(self, connection: Connection, number: int) -> StoredMail | None:
        """One mail."""
        row = connection.execute(_without_content().where(incoming_mails.c.id == number)).first()
        return _mail(row) if row else None

    def content(self, connection: Connection, number: int) -> bytes:
        """A mail as it came; b"" where there is none."""
        query = sql.select(incoming_mails.c.content).where(incoming_mails.c.id == number)
        return bytes(connection.execute(query).scalar() or b"")

    def of_ticket(self, connection: Connection, reference: str) -> dict[str, StoredMail]:
        """The mails that a ticket's events came by, by the events' keys."""
        these = belongs_to(incoming_mails.c.reference, reference) & (incoming_mails.c.state == MailState.KEPT.value)
        return {row.key: _mail(row) for row in connection.execute(_without_content().where(these))}

    def refused(self, connection: Connection) -> list[StoredMail]:
        """The refused mails that nobody has seen to, the newest first; at most MAILS_SHOWN."""
        query = _without_content().where(incoming_mails.c.state == MailState.REFUSED.value)
        rows = connection.execute(query.order_by(incoming_mails.c.id.desc()).limit(MAILS_SHOWN))
        return [_mail(row) for row in rows]

    def counts(self, connection: Connection) -> dict[str, int]:
        """How many refused mails wait for a person, by reason."""
        waiting = incoming_mails.c.state == MailState.REFUSED.value
        query = sql.select(incoming_mails.c.reason, sql.func.count()).where(waiting).group_by(incoming_mails.c.reason)
        return {reason: int(number) for reason, number in connection.execute(query)}

    def told_since(self, connection: Connection, sender: str, moment: datetime.datetime) -> bool:
        """Whether a sender was told of a refused mail since a moment."""
        these = (incoming_mails.c.sender == sender) & (incoming_mails.c.told_at > moment)
        return connection.execute(sql.select(incoming_mails.c.id).where(these)).first() is not None

    def settle(self, connection: Connection, number: int, state: MailState, by: str, reference: str = "") -> bool:
        """Somebody has seen to a refused mail; False where it is a ticket's by now, or gone."""
        these = (incoming_mails.c.id == number) & (incoming_mails.c.state != MailState.KEPT.value)
        values: dict[str, Any] = {"state": state.value, "handled_by": by}
        values |= {"reference": reference} if reference else {}
        return bool(connection.execute(incoming_mails.update().where(these).values(values)).rowcount)

    def delete_before(self, moment: datetime.datetime, batch: int = 100) -> int:
        """Delete up to `batch` mails older than a moment that are no ticket's; returns how many."""
        old = (incoming_mails.c.state != MailState.KEPT.value) & (incoming_mails.c.received_at < moment)
        with self.database.transaction() as connection:
            these = connection.execute(sql.select(incoming_mails.c.id).where(old).limit(batch)).scalars().all()
            if these:
                connection.execute(incoming_mails.delete().where(incoming_mails.c.id.in_(these)))
        return len(these)


def _without_content() -> Any:
    return sql.select(*(column for column in incoming_mails.c if column.name != "content"))


def _mail(row: Any) -> StoredMail:
    return StoredMail(
        id=row.id,
        key=row.key,
        state=MailState(row.state),
        reason=row.reason,
        sender=row.sender,
        subject=row.subject,
        text=row.text,
        rest=row.rest,
        received_at=row.received_at,
        reference=row.reference or "",
        whole=row.whole,
        told_at=row.told_at,
        handled_by=row.handled_by,
    )
