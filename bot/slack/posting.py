"""Says something in Slack, once: it is put into the outbox, and handed over at once if Slack takes it."""

import datetime
import hmac
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from bot.clock import Clock
from bot.outbox.message import Letter
from bot.outbox.service import Outbox
from bot.slack.blocks import Block, posts
from bot.slack.store import EventStore
from bot.slack.transport import letter

POST_LEASE = datetime.timedelta(minutes=2)  # longer than handing over what was said takes
USEFUL = datetime.timedelta(hours=6)  # an answer that Slack did not take for so long is not wanted any more
BEHIND = datetime.timedelta(seconds=6)  # the rest of an answer waits behind the part that Slack did not take
MESSAGE_NAMESPACE = uuid.UUID("6f0f3a52-5d1c-4c0e-9f57-0c7c1a7d2b10")


def name_of(*parts: str) -> str:
    """A UUID that is the same for the same parts."""
    return str(uuid.uuid5(MESSAGE_NAMESPACE, "/".join(parts)))


@dataclass(frozen=True)
class Place:
    """Where somebody is talked to: a direct message, or a thread of a channel, where others read."""

    team: str
    channel: str
    user: str
    thread: str = ""  # "" outside of threads

    @property
    def alone(self) -> bool:
        """Whether nobody else reads there."""
        return self.channel.startswith("D")


def network_of(secret: str, place: Place) -> str:
    """What stands for a person where the limits ask for a network: whatever they write in counts together."""
    return hmac.digest(secret.encode(), f"slack {place.team} {place.user}".encode(), "sha256").hex()


@dataclass(frozen=True)
class Saying:
    """Something to say; the same id is the same thing, and is said once."""

    id: str
    blocks: tuple[Block, ...]


class Poster:
    """Posts messages; what Slack does not take waits in the outbox for the worker."""

    def __init__(self, outbox: Outbox, events: EventStore, clock: Clock) -> None:
        """Put the parts together."""
        self._outbox, self._events, self._clock = outbox, events, clock
        self._worker = f"slack-{secrets.token_hex(8)}"

    def say(self, place: Place, sayings: Sequence[Saying], *, alone: bool = False) -> None:
        """Post what has not been said yet, in as few messages as possible.

        Args:
            alone: only the person sees it, even in a channel.
        """
        now = self._clock()
        with self._events.database.transaction() as connection:
            fresh = [one for one in sayings if self._events.say_once(connection, one.id, now)]
            letters = self._letters(place, [block for one in fresh for block in one.blocks], alone, now)
            for one in letters:
                self._outbox.store.add_held(connection, one, self._worker, POST_LEASE)
        self._hand_over(letters)

    def remember(self, place: Place, conversation_id: str) -> None:
        """Where the team's answers can reach the person: in the direct message, for a thread in the app's own."""
        self._events.place(conversation_id, place.channel if place.alone else place.user, self._clock())

    def _letters(self, place: Place, blocks: list[Block], alone: bool, now: datetime.datetime) -> list[Letter]:
        hidden = alone and not place.alone
        method = "chat.postEphemeral" if hidden else "chat.postMessage"
        where = {"channel": place.channel, **({"thread_ts": place.thread} if place.thread else {})}
        whom = {"user": place.user} if hidden else {}
        return [
            letter(method, {**where, **whom, **post.arguments()}, now, not_after=now + USEFUL, secret=True)
            for post in posts(blocks)
        ]

    def _hand_over(self, letters: list[Letter]) -> None:
        for place, one in enumerate(letters):
            if not self._outbox.deliver(one, self._worker):
                for later, waiting in enumerate(letters[place + 1 :], 1):
                    due = self._clock() + BEHIND + datetime.timedelta(seconds=later)
                    self._outbox.store.failed(waiting, self._worker, due, "behind another part")
                return
