"""The conversations of somebody who has proven an address in them, for the team's eyes and for their own."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sql

from bot.conversations.store import FILE, conversations, messages
from bot.database import Database
from bot.identity.store import proofs
from bot.insight.masking import masked

MOST_SHOWN_CONVERSATIONS = 10
MOST_PAST_CONVERSATIONS = 20
PAST_CHANNEL = "site"  # in Slack others may have been there
LONGEST_OPENING, LONGEST_OPENING_READ = 90, 2000  # characters


@dataclass(frozen=True)
class Talk:
    """A conversation: when it began, how many messages it has, and how it opens."""

    id: str
    channel: str
    began: datetime.datetime
    messages: int
    opening: str = field(repr=False)


def conversations_of(database: Database, addresses: Sequence[str], also: str = "") -> list[Talk]:
    """The newest conversations in which one of the addresses was proven, and one more by its id; masked."""
    these = sql.union_all(sql.select(sql.literal(also)), _proven(addresses))  # with "or" PostgreSQL reads all rows
    found = _talks(database, conversations.c.id.in_(these), MOST_SHOWN_CONVERSATIONS)
    return [replace(talk, opening=masked(talk.opening)[:LONGEST_OPENING]) for talk in found]


def past_conversations(database: Database, addresses: Sequence[str], now_in: str) -> list[Talk]:
    """The newest conversations on the site with one of the addresses, for whom has proven it; not masked.

    Args:
        addresses: those that the person has proven in the conversation they are in.
        now_in: the id of that one, which is none of the past.
    """
    found = _talks(database, _past(addresses, now_in), MOST_PAST_CONVERSATIONS)
    return [replace(talk, opening=talk.opening[:LONGEST_OPENING]) for talk in found if talk.opening]


def is_past_conversation(database: Database, conversation_id: str, addresses: Sequence[str], now_in: str) -> bool:
    """Whether a conversation is one of those, however old."""
    this = conversations.select().where((conversations.c.id == conversation_id) & _past(addresses, now_in))
    with database.transaction() as connection:
        return connection.execute(this).first() is not None


def _proven(addresses: Sequence[str]) -> Any:
    return sql.select(proofs.c.conversation_id).where(proofs.c.email.in_(list(addresses)))


def _past(addresses: Sequence[str], now_in: str) -> Any:
    proven = conversations.c.id.in_(_proven(addresses))
    return proven & (conversations.c.channel == PAST_CHANNEL) & (conversations.c.id != now_in)


def _talks(database: Database, these: Any, most: int) -> list[Talk]:
    """The newest of some conversations, without those in which nothing was said."""
    newest = conversations.select().where(these).order_by(conversations.c.created_at.desc())
    with database.transaction() as connection:
        found = connection.execute(newest.limit(most)).all()
        said = messages.c.conversation_id.in_([row.id for row in found])
        counts = sql.select(messages.c.conversation_id, sql.func.count()).where(said)
        numbers = {name: int(n) for name, n in connection.execute(counts.group_by(messages.c.conversation_id))}
        words = (messages.c.role == "user") & (messages.c.utterance != FILE)
        first = sql.select(sql.func.min(messages.c.number)).where(said & words)
        opening = sql.select(messages.c.conversation_id, messages.c.text).where(
            messages.c.number.in_(first.group_by(messages.c.conversation_id))
        )
        texts = {row.conversation_id: row.text for row in connection.execute(opening)}
    return [
        Talk(
            id=row.id,
            channel=row.channel,
            began=row.created_at,
            messages=numbers[row.id],
            opening=texts.get(row.id, "")[:LONGEST_OPENING_READ],
        )
        for row in found
        if row.id in numbers
    ]
