"""Asks Rasa, with a signed token, through its one door (bot/rasa/channel.py)."""

from typing import Any

import httpx

from bot.clock import Clock
from bot.conversations.store import Message
from bot.errors import AssistantUnavailable
from bot.tokens import sign_message_token

SECONDS = httpx.Timeout(15.0, connect=2.0)


class Assistant:
    """Rasa as the site sees it."""

    def __init__(self, url: str, secret: str, clock: Clock, timeout: httpx.Timeout = SECONDS) -> None:
        """Keep one connection pool."""
        self._secret, self._clock = secret, clock
        self._client = httpx.Client(base_url=url, timeout=timeout)

    def reply(self, conversation_id: str, channel: str, request: dict[str, Any]) -> list[Message]:
        """The bot's messages.

        Args:
            conversation_id: whose conversation.
            channel: "site" or "slack".
            request: `text` or `payload`, and `context`.

        Raises:
            AssistantUnavailable: no answer, a late one or a broken one.
        """
        token = sign_message_token(self._secret, conversation_id, channel)
        headers = {"Authorization": f"Bearer {token}"}
        try:
            answer = self._client.post("/webhooks/site/webhook", json=request, headers=headers)
            answer.raise_for_status()
            replies = answer.json()["messages"]
            now = self._clock()
            return [Message.new("bot", r["text"], r["utterance"], r["buttons"], now=now) for r in replies]
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise AssistantUnavailable(type(error).__name__) from error

    def ready(self) -> bool:
        """Whether Rasa answers with a model loaded."""
        try:
            return self._client.get("/webhooks/site/", timeout=2.0).status_code == 200
        except httpx.HTTPError:
            return False
