"""Asks Rasa, with a signed token, through its one door (bot/rasa/channel.py, which knows nothing of our types).

What goes over the wire is JSON. There: `text` or `payload`, and `context` (see `service.context`), the conversation and
the channel being in the token. Back: `messages`, each with `text`, `utterance` and `buttons` (`title`, `payload`). A
search of the FAQs is a `text` alone; back come `faqs`, each with `id` and `confidence`.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
from prometheus_client import Histogram

from bot.certificates import trusted
from bot.conversations.admission import SHORT_TEXT, Admission
from bot.conversations.message import AssistantReply, UserInput
from bot.errors import AssistantUnavailable, UnknownModel
from bot.telemetry.traces import carried, span
from bot.tokens import sign_message_token

ASSISTANT_TIMEOUT = httpx.Timeout(15.0, connect=2.0)
PREVIEW_TIMEOUT = httpx.Timeout(90.0, connect=2.0)
CONVERSATION_HEADER = "X-Conversation-ID"  # a balancer may keep a conversation with the Rasa that has it in memory
SEARCH_TIMEOUT = httpx.Timeout(1.0, connect=0.25)  # there is a search without the assistant
RASA_SECONDS = Histogram(
    "rasa_answer_seconds",
    "Time that Rasa took for an answer, as the site saw it",
    ("call", "result"),
    buckets=(0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0),
)


class Assistant:
    """Rasa as the site sees it."""

    def __init__(self, url: str, secret: str, admission: Admission, timeout: httpx.Timeout = ASSISTANT_TIMEOUT) -> None:
        """Keep one connection pool."""
        self._secret, self._admission = secret, admission
        self._client = httpx.Client(base_url=url, timeout=timeout, verify=trusted())

    def reply(
        self, conversation_id: str, channel: str, said: UserInput, context: Mapping[str, Any] | None = None
    ) -> list[AssistantReply]:
        """The bot's messages.

        Args:
            conversation_id: whose conversation.
            channel: "site" or "slack".
            said: what the person typed or pressed.
            context: what the conversation was about, None at its beginning.

        Raises:
            AssistantUnavailable: no answer, a late one or a broken one, or too many long messages before it.
        """
        request = said.as_json() if context is None else {**said.as_json(), "context": context}
        with self._admission.admitted(len(said.text)), _asked("message"):
            headers = {**self._headers(conversation_id, channel), CONVERSATION_HEADER: conversation_id}
            answer = self._once_more("/webhooks/site/webhook", request, headers)
            answer.raise_for_status()
            return [AssistantReply.from_json(one) for one in answer.json()["messages"]]

    def preview(
        self, model: str, conversation_id: str, said: UserInput, context: Mapping[str, Any] | None = None
    ) -> list[AssistantReply]:
        """What a draft's model answers; nothing of it is kept, looked up or sent.

        The first message to a model waits until it is loaded.

        Args:
            model: name of the model's file, within CONTENT_PATH/models.
            conversation_id: of this preview; it has nothing to do with people's conversations.
            said: what the editor typed or pressed.
            context: what this preview was about, None at its beginning.

        Raises:
            UnknownModel: there is no such model, or it cannot be loaded.
            AssistantUnavailable: no answer, a late one or a broken one.
        """
        request = {**said.as_json(), "model": model, **({} if context is None else {"context": context})}
        with _asked("preview"):
            headers = self._headers(conversation_id, "site")
            answer = self._client.post("/webhooks/site/preview", json=request, headers=headers, timeout=PREVIEW_TIMEOUT)
            if answer.status_code == httpx.codes.NOT_FOUND:
                raise UnknownModel("This draft has no model that can be tried. Try the draft out again.")
            answer.raise_for_status()
            return [AssistantReply.from_json(one) for one in answer.json()["messages"]]

    def faqs(self, words: str) -> dict[str, float]:
        """How surely a search means each FAQ, by id, best first; nothing of it is kept.

        Only the beginning of a long search is read, and no longer than a reader waits for a page.

        Raises:
            AssistantUnavailable: no answer, a late one or a broken one.
        """
        with _asked("search"):
            headers = self._headers("search", "site")
            answer = self._client.post(
                "/webhooks/site/faqs", json={"text": words[:SHORT_TEXT]}, headers=headers, timeout=SEARCH_TIMEOUT
            )
            answer.raise_for_status()
            return {str(one["id"]): float(one["confidence"]) for one in answer.json()["faqs"]}

    def ready(self) -> bool:
        """Whether Rasa answers."""
        return self.health() is not None

    def health(self) -> Mapping[str, Any] | None:
        """What Rasa says of itself: `publication` and `model`, and the `problem` of one that cannot go live.

        None where it does not answer.
        """
        try:
            answer = self._client.get("/webhooks/site/", timeout=2.0)
            told = answer.json() if answer.status_code == httpx.codes.OK else None
        except (httpx.HTTPError, ValueError):
            return None
        return told if isinstance(told, dict) else None

    def _once_more(self, path: str, request: Mapping[str, Any], headers: Mapping[str, str]) -> httpx.Response:
        """Rasa's answer, asked for again where the Rasa server, or the one behind its balancer, ended without a word.

        Not where one is slow, or says that it cannot: more requests would not help it.
        """
        try:
            answer = self._client.post(path, json=request, headers=headers)
            if answer.status_code != httpx.codes.BAD_GATEWAY:
                return answer
        except (httpx.ReadError, httpx.RemoteProtocolError):
            pass
        return self._client.post(path, json=request, headers=headers)

    def _headers(self, conversation_id: str, channel: str) -> dict[str, str]:
        token = sign_message_token(self._secret, conversation_id, channel)
        return {"Authorization": f"Bearer {token}", **carried()}


@contextmanager
def _asked(call: str) -> Iterator[None]:
    """Time and trace a call, one of a few kinds; a failed or broken one raises AssistantUnavailable."""
    began, result = time.perf_counter(), "failed"
    try:
        with span(f"ask Rasa: {call}", "client"):
            yield
        result = "answered"
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise AssistantUnavailable(type(error).__name__) from error
    finally:
        RASA_SECONDS.labels(call, result).observe(time.perf_counter() - began)
