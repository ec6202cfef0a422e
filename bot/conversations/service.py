"""What one can do with a conversation: begin it, say something, read it, rate an answer."""

import datetime
import threading
import uuid
from collections import OrderedDict
from typing import Any

from bot.conversations.assistant import Assistant
from bot.conversations.store import ConversationStore, Message
from bot.errors import Refused

TURNS_REMEMBERED = 3
LOCKS_KEPT = 4096


class Conversations:
    """Use cases of the chat, whatever the channel."""

    def __init__(self, store: ConversationStore, assistant: Assistant) -> None:
        """Put the parts together."""
        self._store, self._assistant = store, assistant
        self._locks: OrderedDict[str, threading.Lock] = OrderedDict()
        self._guard = threading.Lock()

    def begin(self, channel: str = "site") -> tuple[str, list[Message]]:
        """A new conversation with the greeting; raises AssistantUnavailable before anything is kept."""
        conversation_id = str(uuid.uuid4())
        greeting = self._assistant.reply(conversation_id, channel, {"payload": "/greet"})
        self._store.create(conversation_id, channel, datetime.datetime.utcnow())
        self._store.add(conversation_id, *greeting)
        return conversation_id, greeting

    def exists(self, conversation_id: str) -> bool:
        """Whether the conversation is known."""
        return self._store.exists(conversation_id)

    def history(self, conversation_id: str) -> list[Message]:
        """All messages so far."""
        return self._store.all(conversation_id)

    def say(self, conversation_id: str, *, text: str = "", payload: str = "") -> list[Message]:
        """Pass a typed text or a pressed button on to the assistant; the user's message is kept in any case.

        Raises:
            Refused: the button was never offered in this conversation.
            AssistantUnavailable: the assistant does not answer.
        """
        with self._one_at_a_time(conversation_id):
            before = self._store.all(conversation_id)
            title = offered(before).get(payload) if payload else None
            if payload and title is None:
                raise Refused(400, "unknown_payload", "That button is not part of this conversation.")
            if not is_retry(before, title or text):
                self._store.add(conversation_id, Message.new("user", title or text))
            said = {"payload": payload} if payload else {"text": text}
            request = {**said, "context": context(before)}
            replies = self._assistant.reply(conversation_id, "site", request)
            self._store.add(conversation_id, *replies)
            return replies

    def rate(self, conversation_id: str, message_id: str, helpful: bool, comment: str | None) -> None:
        """Keep feedback; raises Refused when this conversation has no such answer."""
        if not self._store.rate(conversation_id, message_id, helpful, comment):
            raise Refused(404, "unknown_message", "There is no such answer in this conversation.")

    def _one_at_a_time(self, conversation_id: str) -> threading.Lock:
        with self._guard:
            lock = self._locks.setdefault(conversation_id, threading.Lock())
            self._locks.move_to_end(conversation_id)
            while len(self._locks) > LOCKS_KEPT:
                self._locks.popitem(last=False)
            return lock


def is_retry(history: list[Message], text: str) -> bool:
    """Whether the same words already stand there unanswered: Rasa was away, and the person tries again."""
    return bool(history) and history[-1].role == "user" and history[-1].text == text


def offered(history: list[Message]) -> dict[str, str]:
    """Every payload that the bot has offered, with its title."""
    return {b["payload"]: b["title"] for m in history if m.role == "bot" for b in m.buttons}


def context(history: list[Message]) -> dict[str, Any]:
    """What the bot last answered and what it has just offered, for the understanding of follow-ups."""
    last_turn: list[Message] = []
    for message in reversed(history):
        if message.role == "bot":
            last_turn.append(message)
        elif last_turn:
            break  # user messages after the last answer went unanswered and end no turn
    choices = [b for m in last_turn for b in m.buttons if b["payload"].startswith("/faq/")]
    asked = any(m.utterance.startswith(("utter_ask_which", "utter_ambiguous")) for m in last_turn)
    answered = [m.utterance.removeprefix("utter_faq/") for m in history if m.utterance.startswith("utter_faq/")]
    recent = {m.utterance for m in [m for m in history if m.role == "bot"][-TURNS_REMEMBERED:]}
    last = answered[-1] if answered and f"utter_faq/{answered[-1]}" in recent else None
    shown = choices if asked else []
    return {
        "faq": last,
        "offered": [b["payload"].lstrip("/") for b in shown],
        "titles": [b["title"] for b in shown],
    }
