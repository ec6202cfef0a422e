"""What is known of the files that were added, in the database; the caller brings the transaction."""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from bot.attachments.attachment import Attachment, ReadyFile
from bot.attachments.kinds import FileKind
from bot.database import Moment, insert_once, metadata
from bot.limit import LONGEST_NETWORK

attachments = sql.Table(
    "attachments",
    metadata,
    sql.Column("id", sql.String(32), primary_key=True),  # the key of its content, too
    sql.Column("name", sql.String(120), nullable=False),
    sql.Column("kind", sql.String(40), nullable=False),
    sql.Column("size", sql.Integer, nullable=False),
    sql.Column("sha256", sql.String(64), nullable=False),
    sql.Column("who", sql.String(255), nullable=False),
    sql.Column("at", Moment, nullable=False, index=True),
    sql.Column("network", sql.String(LONGEST_NETWORK), nullable=False),
    sql.Column("conversation_id", sql.String(36), nullable=False, index=True),
    sql.Column("reference", sql.ForeignKey("tickets.reference", ondelete="CASCADE"), nullable=True, index=True),
    sql.Column("event_key", sql.String(255), nullable=False),
    sql.Column("message_id", sql.String(36), nullable=False),
    sql.Index("ix_attachments_network", "network", "at"),
)

attachments_elsewhere = sql.Table(  # where others than the first conversation show a file
    "attachments_elsewhere",
    metadata,
    sql.Column("attachment_id", sql.ForeignKey("attachments.id", ondelete="CASCADE"), primary_key=True),
    sql.Column("conversation_id", sql.String(36), primary_key=True, index=True),
    sql.Column("message_id", sql.String(36), nullable=False),
)


def add(connection: Connection, file: Attachment, content: ReadyFile, network: str) -> bool:
    """Keep what is known of a file; False where its id is known."""
    values = {
        "id": file.id,
        "name": file.name,
        "kind": file.kind.value,
        "size": file.size,
        "sha256": content.sha256,
        "who": file.who,
        "at": file.at,
        "network": network,
        "conversation_id": file.conversation_id,
        "reference": file.reference or None,
        "event_key": file.event_key,
        "message_id": file.message_id,
    }
    return insert_once(connection, attachments, values)


def get(connection: Connection, key: str) -> Attachment | None:
    """One file."""
    row = connection.execute(attachments.select().where(attachments.c.id == key)).first()
    return _attachment(row) if row else None


def digest(connection: Connection, key: str) -> str:
    """The SHA-256 of a file's content as it was kept, "" for a file that is not known."""
    query = sql.select(attachments.c.sha256).where(attachments.c.id == key)
    return connection.execute(query).scalar() or ""


def bind(
    connection: Connection, keys: Collection[str], reference: str, conversations: Collection[str], event_key: str
) -> tuple[Attachment, ...]:
    """Make files part of a ticket, with those of conversations that wait for one; a ticket's own stay where they are.

    Args:
        keys: those that came with it.
        reference: of the ticket.
        conversations: their ids.
        event_key: names the event of the ticket that they came with, "" for the ticket itself.

    Returns:
        What was made part of it now, the oldest first.
    """
    waits = attachments.c.reference.is_(None)
    own = attachments.c.conversation_id.in_([one for one in conversations if one])
    these = waits & (attachments.c.id.in_(list(keys)) | own)
    found = _found(connection, these)
    if found:
        ids = [file.id for file in found]
        values = {"reference": reference, "event_key": event_key}
        connection.execute(attachments.update().where(attachments.c.id.in_(ids)).values(values))
    return found


def shown_by(connection: Connection, keys: Collection[str], conversation_id: str, message_id: str) -> None:
    """A message of a conversation shows these files from now on; what another one shows stays there, too."""
    values = {"conversation_id": conversation_id, "message_id": message_id}
    for file in _found(connection, attachments.c.id.in_(list(keys))):
        if not file.message_id:
            connection.execute(attachments.update().where(attachments.c.id == file.id).values(values))
        elif file.conversation_id != conversation_id:
            insert_once(connection, attachments_elsewhere, {"attachment_id": file.id, **values})


def of_tickets(connection: Connection, references: Collection[str]) -> tuple[Attachment, ...]:
    """The files of tickets, the oldest first."""
    return _found(connection, attachments.c.reference.in_(list(references)))


def of_conversation(connection: Connection, conversation_id: str) -> tuple[Attachment, ...]:
    """The files that a conversation shows, with its own messages that show them, the oldest first."""
    own = (attachments.c.conversation_id == conversation_id) & (attachments.c.message_id != "")
    there = attachments_elsewhere.select().where(attachments_elsewhere.c.conversation_id == conversation_id)
    places = {row.attachment_id: row.message_id for row in connection.execute(there)}
    elsewhere = _found(connection, attachments.c.id.in_(list(places))) if places else ()
    shown = [replace(one, conversation_id=conversation_id, message_id=places[one.id]) for one in elsewhere]
    return tuple(sorted([*_found(connection, own), *shown], key=lambda one: (one.at, one.id)))


def without_owner(connection: Connection, before: datetime.datetime) -> tuple[Attachment, ...]:
    """Files of no ticket whose conversation is gone, or never was, added before a moment."""
    conversations = sql.table("conversations", sql.column("id"))
    gone = attachments.c.conversation_id.not_in(sql.select(conversations.c.id))
    return _found(connection, attachments.c.reference.is_(None) & gone & (attachments.c.at < before))


def known(connection: Connection, keys: Sequence[str]) -> set[str]:
    """Those of some ids that there are."""
    query = sql.select(attachments.c.id).where(attachments.c.id.in_(list(keys)))
    return set(connection.execute(query).scalars())


def delete(connection: Connection, keys: Collection[str]) -> None:
    """Forget files."""
    connection.execute(attachments.delete().where(attachments.c.id.in_(list(keys))))


def _found(connection: Connection, these: Any) -> tuple[Attachment, ...]:
    query = attachments.select().where(these).order_by(attachments.c.at, attachments.c.id)
    return tuple(_attachment(row) for row in connection.execute(query))


def _attachment(row: Any) -> Attachment:
    return Attachment(
        id=row.id,
        name=row.name,
        kind=FileKind(row.kind),
        size=row.size,
        who=row.who,
        at=row.at,
        conversation_id=row.conversation_id,
        reference=row.reference or "",
        event_key=row.event_key,
        message_id=row.message_id,
    )
