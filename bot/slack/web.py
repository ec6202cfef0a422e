"""Calls of Slack's Web API, with time-outs, and what its errors mean for another try."""

import http.client
import logging
import threading
import time
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.errors import DeliveryFailed

SLACK_TIMEOUT = 8
READY_SECONDS = 60.0  # for how long the answer to "does Slack take our token" is believed
RATE_PAUSE = 30.0  # seconds, where Slack asks for a pause without saying how long
# https://docs.slack.dev/reference/methods/chat.postMessage: errors that the same call will meet again.
PERMANENT = {
    "invalid_arguments",
    "invalid_blocks",
    "invalid_blocks_format",
    "message_not_found",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
    "user_not_in_channel",
}
REVOKED = {"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"}
log = logging.getLogger(__name__)


class SlackApi:
    """The bot in its workspace; safe to share between threads."""

    def __init__(self, token: str, url: str, seconds: int = SLACK_TIMEOUT) -> None:
        """Nothing is called yet.

        Args:
            token: the bot's (xoxb-…).
            url: of the Web API.
            seconds: how long a call may take.
        """
        self.client = WebClient(token=token, base_url=f"{url}/", timeout=seconds, retry_handlers=[])
        self._guard = threading.Lock()
        self._problem = ""
        self._team: dict[str, Any] = {}
        self._known_until = 0.0

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """One call; the answer's JSON. Raises DeliveryFailed, whose text is Slack's word for the error."""
        return self._call(method, {"json": arguments})

    def ask(self, method: str, **arguments: str) -> dict[str, Any]:
        """One call of those that read, which take no JSON; raises DeliveryFailed."""
        return self._call(method, {"http_verb": "GET", "params": arguments})

    def team(self) -> dict[str, Any]:
        """`team_id`, `user_id` (the bot's own) and so on of auth.test, asked once; raises DeliveryFailed."""
        if not self._team:
            self._team = self.call("auth.test")
        return self._team

    def ready(self) -> bool:
        """Whether Slack answers and takes the token; asked at most once a minute."""
        with self._guard:
            if time.monotonic() < self._known_until:
                return not self._problem
            self._known_until = time.monotonic() + READY_SECONDS
        try:
            self.call("auth.test")
        except DeliveryFailed as error:
            self._problem = self._problem or str(error)
        return not self._problem

    def _call(self, method: str, how: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = self.client.api_call(method, **how).data
        except SlackApiError as error:
            raise self._failure(error) from error
        except (SlackClientError, OSError, http.client.HTTPException, ValueError) as error:
            raise DeliveryFailed(f"Slack does not answer ({type(error).__name__})", server=True) from error
        self._now(problem="")
        return answer if isinstance(answer, dict) else {}

    def _failure(self, error: SlackApiError) -> DeliveryFailed:
        data = error.response.data if isinstance(error.response.data, dict) else {}
        word, status = str(data.get("error") or ""), error.response.status_code
        if status == 429 or word in ("ratelimited", "rate_limited"):
            return DeliveryFailed("ratelimited", retry_after=_retry_after(error))
        if word in REVOKED:
            self._now(problem=word)
        elif status < 500 and word:
            self._now(problem="")
        return DeliveryFailed(word or f"HTTP {status}", permanent=word in PERMANENT)

    def _now(self, *, problem: str) -> None:
        """Log when Slack begins or ends to refuse the token, once each."""
        with self._guard:
            before, self._problem = self._problem, problem
        if problem and problem != before:
            log.error("Slack refuses SLACK_BOT_TOKEN (%s): set a new one and restart; the rest goes on", problem)
        elif before and not problem:
            log.info("Slack answers again")


def _retry_after(error: SlackApiError) -> float:
    headers = {str(name).lower(): value for name, value in (error.response.headers or {}).items()}
    value = headers.get("retry-after", "")
    value = value[0] if isinstance(value, list) else value
    return float(value) if str(value).isdigit() else RATE_PAUSE
