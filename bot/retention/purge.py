"""Deletes what is past its age, in small batches."""

import datetime
from dataclasses import dataclass

from bot.conversations.store import ConversationStore
from bot.identity.service import Identity
from bot.outbox.store import OutboxStore
from bot.retention.tracker_events import TrackerEvents
from bot.tickets.mail_store import MailStore
from bot.tickets.store import TicketStore
from bot.watching.store import WatchStore


@dataclass(frozen=True)
class Purged:
    """How much was deleted."""

    conversations: int = 0
    letters: int = 0
    identity: int = 0
    tickets: int = 0
    mails: int = 0
    watches: int = 0
    rasa: int = 0

    def __bool__(self) -> bool:
        return any(vars(self).values())


@dataclass(frozen=True)
class Purge:
    """Goes through everything that keeps what people wrote; `age` is how long it may be kept."""

    conversations: ConversationStore
    letters: OutboxStore
    identity: Identity
    tickets: TicketStore
    mails: MailStore
    watches: WatchStore
    tracker_events: TrackerEvents
    age: datetime.timedelta

    def all(self, now: datetime.datetime) -> int:
        """Delete everything that is too old; returns how many conversations."""
        total = 0
        while purged := self.some(now):
            total += purged.conversations
        return total

    def some(self, now: datetime.datetime) -> Purged:
        """Delete one batch of each: conversations (Rasa's record too), letters, proofs, resolved tickets, watches."""
        limit = now - self.age
        return Purged(
            conversations=self.conversations.delete_before(limit),
            letters=self.letters.delete_before(limit),
            identity=self.identity.purge(limit),
            tickets=self.tickets.delete_before(limit),
            mails=self.mails.delete_before(limit),
            watches=self.watches.delete_before(limit),
            rasa=self.tracker_events.delete_before(limit.timestamp()),
        )
