"""A chat with a draft: what was said so far goes back and forth with the page, for nobody keeps it."""

import datetime
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.conversations.message import AssistantReply
from bot.conversations.service import context
from bot.conversations.store import Message

MOST_SAID_BEFORE = 12  # messages, as much as what a conversation is about can rest on
LONGEST_HISTORY = 100_000  # characters
CHAT_PREFIX = "preview-"


@dataclass(frozen=True)
class Chat:
    """One conversation with a draft."""

    id: str
    said: tuple[Message, ...] = ()

    @classmethod
    def of(cls, form: Mapping[str, str]) -> "Chat":
        """What a page sends; whatever cannot be read begins a new one."""
        try:
            name = uuid.UUID(form.get("conversation", "").removeprefix(CHAT_PREFIX))
            history = form.get("history", "")
            said = [_message(one) for one in json.loads(history)] if 0 < len(history) <= LONGEST_HISTORY else []
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return cls(f"{CHAT_PREFIX}{uuid.uuid4()}")
        return cls(f"{CHAT_PREFIX}{name}", tuple(said[-MOST_SAID_BEFORE:]))

    @property
    def context(self) -> dict[str, Any] | None:
        """What it was about, for the assistant; None at its beginning."""
        return context(list(self.said)) if self.said else None

    def after(self, typed: str, replies: Sequence[AssistantReply], now: datetime.datetime) -> "Chat":
        """The same with one more message and its replies."""
        more = [Message.new("user", typed, now=now), *(Message.of(one, now) for one in replies)]
        return Chat(self.id, (*self.said, *more)[-MOST_SAID_BEFORE:])

    def kept(self) -> str:
        """What `of` reads again."""
        return json.dumps([[one.role, one.text, one.utterance, list(one.buttons)] for one in self.said])

    def title_of(self, payload: str) -> str:
        """What stood on a button that was offered; "" for none."""
        offered = {button["payload"]: button["title"] for one in self.said for button in one.buttons}
        return offered.get(payload, "")


def _message(kept: Any) -> Message:
    role, text, utterance, buttons = kept
    if role not in ("user", "bot") or not isinstance(text, str) or not isinstance(utterance, str):
        raise ValueError
    pairs = tuple({"title": str(one["title"]), "payload": str(one["payload"])} for one in buttons)
    return Message(id="", role=role, text=text, utterance=utterance, buttons=pairs)
