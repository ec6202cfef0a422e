"""Carries the outbox's letters to Slack."""

import datetime
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bot.errors import DeliveryFailed
from bot.outbox.delivery import GIVE_UP_AFTER
from bot.outbox.message import Letter
from bot.slack.store import EventStore
from bot.slack.web import SlackApi

KIND = "slack"
CARD = "card"  # not a method of Slack's: post a message, or change it where it stands
UNDER_CARD = "under card"  # neither: post a message in the thread of a card
NOT_POSTED_PAUSE = 2.0  # seconds
GONE = ("message_not_found", "cant_update_message", "thread_not_found")


def letter(
    method: str,
    arguments: Mapping[str, Any],
    now: datetime.datetime,
    *,
    not_after: datetime.datetime | None = None,
    secret: bool = False,
    about: str = "",
) -> Letter:
    """A call of Slack's Web API as a letter, for `OutboxStore.add_held`.

    Args:
        not_after: dropped instead of sent when this moment has passed.
        secret: wiped from the database as soon as it is sent.
        about: the ticket that a message to a learner is about; what they write in its thread is an answer.
    """
    payload = json.dumps({"method": method, "arguments": arguments, **({"about": about} if about else {})})
    return Letter(
        id=str(uuid.uuid4()),
        kind=KIND,
        payload=payload,
        created_at=now,
        tries=1,
        give_up_at=now + GIVE_UP_AFTER,
        not_after=not_after,
        secret=secret,
    )


class SlackTransport:
    """One call of the Web API for each letter; after a 429 the same method is left alone for as long as Slack asks."""

    def __init__(self, api: SlackApi, store: EventStore) -> None:
        """Use the bot's access; the store knows where messages stand."""
        self._api, self._store = api, store
        self._quiet_until: dict[str, float] = {}

    def send(self, letter: Letter) -> None:
        """Make the call; raises DeliveryFailed."""
        wanted = json.loads(letter.payload)
        if wanted["method"] == CARD:
            self._show(**wanted["arguments"])
        elif wanted["method"] == UNDER_CARD:
            self._add(**wanted["arguments"])
        else:
            answer = self.call(wanted["method"], wanted["arguments"])
            if about := wanted.get("about"):
                self._store.begin_thread(str(answer["channel"]), str(answer["ts"]), about, letter.created_at)

    def call(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The call itself; raises DeliveryFailed."""
        wait = self._quiet_until.get(method, 0.0) - time.monotonic()
        if wait > 0:
            raise DeliveryFailed("ratelimited", retry_after=wait)
        try:
            return self._api.call(method, **arguments)
        except DeliveryFailed as error:
            if error.retry_after:
                self._quiet_until[method] = time.monotonic() + error.retry_after
            raise

    def _show(self, key: str, version: str, first: bool, post: dict[str, Any]) -> None:
        known = self._store.card(key)
        if known is None or known.version >= version:
            return  # something newer is shown already
        if known.ts:
            with _unless_gone():
                self.call("chat.update", {"channel": known.channel, "ts": known.ts, **post})
            return self._store.shown(key, known.ts, version)
        if not first:
            raise DeliveryFailed("the message is not posted yet", retry_after=NOT_POSTED_PAUSE)
        answer = self.call("chat.postMessage", {"channel": known.channel, **post})
        self._store.shown(key, str(answer["ts"]), version)

    def _add(self, key: str, post: dict[str, Any]) -> None:
        """In the thread, and shown in the channel too, so that who follows no thread sees it."""
        known = self._store.card(key)
        if known is None:
            return  # erased since
        if not known.ts:
            raise DeliveryFailed("the message is not posted yet", retry_after=NOT_POSTED_PAUSE)
        under = {"thread_ts": known.ts, "reply_broadcast": True}
        try:
            self.call("chat.postMessage", {"channel": known.channel, **under, **post})
        except DeliveryFailed as error:
            if str(error) not in GONE:
                raise
            self.call("chat.postMessage", {"channel": known.channel, **post})

    def close(self) -> None:
        """Nothing is kept open."""


@contextmanager
def _unless_gone() -> Iterator[None]:
    """Somebody has deleted the message: there is nothing to change any more."""
    try:
        yield
    except DeliveryFailed as error:
        if str(error) not in GONE:
            raise
