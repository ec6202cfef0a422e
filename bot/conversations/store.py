"""Conversations and their messages in the database."""

import datetime
import json
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql

from bot.database import Database, metadata

conversations = sql.Table(
    "conversations",
    metadata,
    sql.Column("id", sql.String(36), primary_key=True),
    sql.Column("channel", sql.String(16), nullable=False),
    sql.Column("created_at", sql.DateTime, nullable=False, index=True),
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
)


@dataclass(frozen=True)
class Message:
    """One message; `role` is "user" or "bot", `text` is Markdown when it is the bot's."""

    id: str
    role: str
    text: str
    utterance: str = ""
    buttons: tuple[dict[str, str], ...] = ()

    @classmethod
    def new(cls, role: str, text: str, utterance: str = "", buttons: Any = ()) -> "Message":
        """A message with an id of its own."""
        return cls(str(uuid.uuid4()), role, text, utterance, tuple(buttons))


class ConversationStore:
    """Reads and writes conversations."""

    def __init__(self, database: Database) -> None:
        """Use a database whose schema exists."""
        self._database = database

    def create(self, conversation_id: str, channel: str, now: datetime.datetime) -> None:
        """Begin a conversation."""
        with self._database.transaction() as connection:
            connection.execute(conversations.insert().values(id=conversation_id, channel=channel, created_at=now))

    def exists(self, conversation_id: str) -> bool:
        """Whether a conversation is known."""
        query = sql.select(conversations.c.id).where(conversations.c.id == conversation_id)
        with self._database.transaction() as connection:
            return connection.execute(query).first() is not None

    def add(self, conversation_id: str, *new: Message) -> None:
        """Append messages in order."""
        rows = [
            {
                "id": m.id,
                "conversation_id": conversation_id,
                "role": m.role,
                "text": m.text,
                "utterance": m.utterance,
                "buttons": json.dumps(list(m.buttons)),
            }
            for m in new
        ]
        if rows:
            with self._database.transaction() as connection:
                connection.execute(messages.insert(), rows)

    def all(self, conversation_id: str) -> list[Message]:
        """A conversation's messages, oldest first."""
        query = messages.select().where(messages.c.conversation_id == conversation_id).order_by(messages.c.number)
        with self._database.transaction() as connection:
            rows = connection.execute(query).all()
        return [Message(r.id, r.role, r.text, r.utterance, tuple(json.loads(r.buttons))) for r in rows]

    def rate(self, conversation_id: str, message_id: str, helpful: bool, comment: str | None) -> bool:
        """Keep feedback on a bot message; False when the conversation has no such message."""
        mine = (messages.c.id == message_id) & (messages.c.conversation_id == conversation_id)
        change = messages.update().where(mine & (messages.c.role == "bot")).values(helpful=helpful, comment=comment)
        with self._database.transaction() as connection:
            return bool(connection.execute(change).rowcount)

    def delete_before(self, moment: datetime.datetime, batch: int = 500) -> int:
        """Delete up to `batch` conversations begun before a moment; returns how many."""
        oldest = sql.select(conversations.c.id).where(conversations.c.created_at < moment).limit(batch)
        with self._database.transaction() as connection:
            ids = [row.id for row in connection.execute(oldest)]
            if ids:
                connection.execute(messages.delete().where(messages.c.conversation_id.in_(ids)))
                connection.execute(conversations.delete().where(conversations.c.id.in_(ids)))
        return len(ids)
