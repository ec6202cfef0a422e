"""Suggested follow-ups: after an answer, the questions that people often ask next."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.content.kinds import faq_id
from bot.conversations.store import Message


def with_suggestions(history: Sequence[Message], related: Mapping[str, Sequence[dict[str, str]]]) -> list[Message]:
    """The messages, each answer with its suggestions; what the conversation has already answered is not suggested.

    Args:
        history: a conversation from its beginning.
        related: for each utterance the buttons that may follow it.
    """
    suggested, answered = [], set()
    for place, message in enumerate(history):
        if answer := faq_id(message.utterance):
            answered.add(f"/faq/{answer}")
        following = history[place + 1] if place + 1 < len(history) else None
        last_of_reply = following is None or following.role != "bot"
        buttons = related.get(message.utterance, ()) if message.role == "bot" and last_of_reply else ()
        fresh = tuple(dict(button) for button in buttons if button["payload"] not in answered)
        suggested.append(replace(message, suggestions=fresh) if fresh else message)
    return suggested
