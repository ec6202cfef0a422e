"""Conversations and their messages in the database."""

import datetime
import json
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from bot.conversations.message import AssistantReply
from bot.database import Database, Moment, insert_once, metadata
from bot.limit import LONGEST_NETWORK

FILE = "file"  # the utterance of a message that is a file that somebody has added

conversations = sql.Table(
    "conversations",
    metadata,
    sql.Column("id", sql.String(36), primary_key=True),
    sql.Column("channel", sql.String(16), nullable=False),
    sql.Column("created_at", Moment, nullable=False, index=True),
    sql.Column("answering", sql.String(36), nullable=True),  # the turn in progress; see turns.py
    sql.Column("answering_until", Moment, nullable=True),
    sql.Column("network", sql.String(LONGEST_NETWORK), nullable=False, server_default=""),  # that it began from
)
messages = sql.Table(
    "messages",
    metadata,
    sql.Column("number", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("id", sql.String(36), nullable=False, unique=True),
    sql.Column("conversation_id", sql.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    sql.Column("role", sql.String(8), nullable=False),
    sql.Column("text", sql.Text, nullable=False),
    sql.Column("utterance", sql.String(120), nullable=False, default=""),
    sql.Column("buttons", sql.Text, nullable=False, default="[]"),
    sql.Column("helpful", sql.Boolean, nullable=True),
    sql.Column("comment", sql.Text, nullable=True),
    sql.Column("created_at", Moment, nullable=True),  # none in messages of before migration 0005
    sql.Column("client_id", sql.String(36), nullable=True),
    sql.Column("payload", sql.String(200), nullable=False, default="", server_default=""),  # of a pressed button
    sql.Column("turn", sql.String(36), nullable=True),  # the same in a message and its replies; none while unanswered
    sql.Column("attempts", sql.Integer, nullable=False, default=0, server_default="0"),  # to answer it
    sql.Index("ix_messages_client_id", "conversation_id", "client_id", unique=True),
    sql.Index("ix_messages_utterance", "utterance", "number"),
    sql.Index(
        "ix_messages_comment",
        "created_at",
        sqlite_where=sql.text("comment IS NOT NULL"),
        postgresql_where=sql.text("comment IS NOT NULL"),
    ),
)


@dataclass(frozen=True)
class Message:
    """One message; `role` is "user", "bot" or "staff", `text` is Markdown when it is the bot's.

    `helpful` is how the person has rated it, None where they have not. `client_id` is the id that the sender's browser
    gave it, "" if none: the same id again is the same message again. `suggestions` are buttons for what people often
    ask next; they are not stored, see followups.py.
    """

    id: str
    role: str
    text: str
    utterance: str = ""
    buttons: tuple[dict[str, str], ...] = ()
    created_at: datetime.datetime | None = None
    client_id: str = ""
    suggestions: tuple[dict[str, str], ...] = ()
    helpful: bool | None = None

    @classmethod
    def of(cls, reply: AssistantReply, now: datetime.datetime) -> "Message":
        """What the assistant has just replied, to be kept."""
        return cls.new("bot", reply.text, reply.utterance, reply.buttons, now=now)

    @classmethod
    def new(
        cls,
        role: str,
        text: str,
        utterance: str = "",
        buttons: Any = (),
        client_id: str = "",
        *,
        now: datetime.datetime,
    ) -> "Message":
        """A message of now, with an id of its own."""
        return cls(
            id=str(uuid.uuid4()),
            role=role,
            text=text,
            utterance=utterance,
            buttons=tuple(buttons),
            created_at=now,
            client_id=client_id,
        )


class ConversationStore:
    """Reads and writes conversations."""

    def __init__(self, database: Database) -> None:
        """Use a database whose schema exists."""
        self._database = database

    def create(self, conversation_id: str, channel: str, now: datetime.datetime, network: str = "") -> None:
        """Begin a conversation; `network` stands for the one that it began from."""
        row = {"id": conversation_id, "channel": channel, "created_at": now, "network": network}
        with self._database.transaction() as connection:
            connection.execute(conversations.insert().values(**row))

    def network(self, conversation_id: str) -> str:
        """What stands for the network that a conversation began from, "" where that is not known."""
        query = sql.select(conversations.c.network).where(conversations.c.id == conversation_id)
        with self._database.transaction() as connection:
            return connection.execute(query).scalar() or ""

    def create_once(self, conversation_id: str, channel: str, now: datetime.datetime, network: str = "") -> None:
        """Begin a conversation unless it has begun."""
        if not self.exists(conversation_id):
            with self._database.transaction() as connection:
                row = {"id": conversation_id, "channel": channel, "created_at": now, "network": network}
                insert_once(connection, conversations, row)

    def exists(self, conversation_id: str) -> bool:
        """Whether a conversation is known."""
        query = sql.select(conversations.c.id).where(conversations.c.id == conversation_id)
        with self._database.transaction() as connection:
            return connection.execute(query).first() is not None

    def add(self, conversation_id: str, *new: Message) -> None:
        """Append messages in order."""
        rows = [row_of(conversation_id, message) for message in new]
        if rows:
            with self._database.transaction() as connection:
                connection.execute(messages.insert(), rows)

    def all(self, conversation_id: str) -> list[Message]:
        """A conversation's messages, oldest first."""
        query = messages.select().where(messages.c.conversation_id == conversation_id).order_by(messages.c.number)
        with self._database.transaction() as connection:
            rows = connection.execute(query).all()
        return [message_of(row) for row in rows]

    def anything_after(self, conversation_id: str, message_id: str) -> bool | None:
        """Whether a conversation went on after a message; None when it has no such message."""
        mine = messages.c.conversation_id == conversation_id
        this = sql.select(messages.c.number).where(mine & (messages.c.id == message_id))
        with self._database.transaction() as connection:
            number = connection.execute(this).scalar()
            if number is None:
                return None
            later = sql.select(messages.c.number).where(mine & (messages.c.number > number)).limit(1)
            return connection.execute(later).first() is not None

    def rate(self, conversation_id: str, message_id: str, helpful: bool, comment: str | None) -> bool:
        """Keep feedback on a bot message; False when the conversation has no such message."""
        mine = (messages.c.id == message_id) & (messages.c.conversation_id == conversation_id)
        change = messages.update().where(mine & (messages.c.role == "bot")).values(helpful=helpful, comment=comment)
        with self._database.transaction() as connection:
            return bool(connection.execute(change).rowcount)

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation with its messages."""
        with self._database.transaction() as connection:
            connection.execute(messages.delete().where(messages.c.conversation_id == conversation_id))
            connection.execute(conversations.delete().where(conversations.c.id == conversation_id))

    def delete_before(self, moment: datetime.datetime, batch: int = 500) -> int:
        """Delete up to `batch` conversations begun before a moment; returns how many."""
        oldest = sql.select(conversations.c.id).where(conversations.c.created_at < moment).limit(batch)
        with self._database.transaction() as connection:
            ids = [row.id for row in connection.execute(oldest)]
            if ids:
                connection.execute(messages.delete().where(messages.c.conversation_id.in_(ids)))
                connection.execute(conversations.delete().where(conversations.c.id.in_(ids)))
        return len(ids)


def add_message(connection: Connection, conversation_id: str, message: Message) -> bool:
    """Append a message within the caller's transaction; False when the conversation is gone.

    It waits for no answer by the assistant, whoever it is by.
    """
    known = sql.select(conversations.c.id).where(conversations.c.id == conversation_id)
    if connection.execute(known).first() is None:
        return False
    turn = message.id if message.role == "user" else None  # of its own: nothing is replied to it
    connection.execute(messages.insert().values({**row_of(conversation_id, message), "turn": turn}))
    return True


def row_of(conversation_id: str, message: Message) -> dict[str, Any]:
    """The columns of a message."""
    return {
        "id": message.id,
        "conversation_id": conversation_id,
        "role": message.role,
        "text": message.text,
        "utterance": message.utterance,
        "buttons": json.dumps(list(message.buttons)),
        "created_at": message.created_at,
        "client_id": message.client_id or None,
    }


def message_of(row: Any) -> Message:
    """The message in a row."""
    buttons = tuple(json.loads(row.buttons))
    return Message(
        id=row.id,
        role=row.role,
        text=row.text,
        utterance=row.utterance,
        buttons=buttons,
        created_at=row.created_at,
        client_id=row.client_id or "",
        helpful=row.helpful,
    )
