"""Carries the outbox's letters to Slack."""

import datetime
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

from bot.errors import DeliveryFailed
from bot.outbox.delivery import GIVE_UP_AFTER
from bot.outbox.message import Letter
from bot.slack.web import SlackApi

KIND = "slack"


def letter(
    method: str,
    arguments: Mapping[str, Any],
    now: datetime.datetime,
    *,
    not_after: datetime.datetime | None = None,
    secret: bool = False,
) -> Letter:
    """A call of Slack's Web API as a letter, for `OutboxStore.add_held`.

    Args:
        not_after: dropped instead of sent when this moment has passed.
        secret: wiped from the database as soon as it is sent.
    """
    payload = json.dumps({"method": method, "arguments": arguments})
    return Letter(str(uuid.uuid4()), KIND, payload, now, 1, now + GIVE_UP_AFTER, not_after, secret)


class SlackTransport:
    """One call of the Web API for each letter; after a 429 the same method is left alone for as long as Slack asks."""

    def __init__(self, api: SlackApi) -> None:
        """Use the bot's access."""
        self._api = api
        self._quiet_until: dict[str, float] = {}

    def send(self, letter: Letter) -> None:
        """Make the call; raises DeliveryFailed."""
        wanted = json.loads(letter.payload)
        self.call(wanted["method"], wanted["arguments"])

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

    def close(self) -> None:
        """Nothing is kept open."""
