"""What people wrote lately, with what stood before it, counted: to be read anew by a draft's model."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.conversations.focus import Focus
from bot.conversations.store import FILE, Message
from bot.database import Database
from bot.insight.analytics import conversations_between
from bot.insight.masking import masked

RECENT_DAYS, MOST_RECENT = 30, 2_000  # days looked back, different messages that are read
MESSAGES_BEFORE = 40  # that a context is made of
CASE_AND_ENDS = " .?!,\n"


@dataclass(frozen=True)
class RecentMessage:
    """A message as it is read, and as it may be shown and kept: who wrote it is blacked out.

    `asked`: how often it was written after the same.
    """

    text: str = field(repr=False)
    shown: str
    context: Mapping[str, Any] = field(repr=False)
    asked: int = 1


def recent_messages(
    database: Database, now: datetime.datetime, days: int = RECENT_DAYS, most: int = MOST_RECENT
) -> list[RecentMessage]:
    """The messages of the conversations that began lately, most asked first; the same words after the same are one.

    Args:
        now: the time.
        days: how far back.
        most: so many different ones.
    """
    since = now - datetime.timedelta(days=days)
    first: dict[tuple[Any, ...], RecentMessage] = {}
    counts: dict[tuple[Any, ...], int] = {}
    for _, said, _ in conversations_between(database, since, now):
        for message, context in _typed(said):
            shown = masked(message.text)
            key = (shown.lower().strip(CASE_AND_ENDS), *_standing(context))
            counts[key] = counts.get(key, 0) + 1
            if key not in first:
                first[key] = RecentMessage(message.text, shown, context)
    order = sorted(first, key=lambda key: (-counts[key], key[0]))[:most]
    return [
        RecentMessage(found.text, found.shown, found.context, counts[key]) for key in order for found in (first[key],)
    ]


def _typed(said: Sequence[Message]) -> Iterator[tuple[Message, dict[str, Any]]]:
    """What was typed, with its context; a pressed button is read by nobody."""
    offered: set[str] = set()
    for place, message in enumerate(said):
        if message.role != "user":
            offered |= {button.get("title", "") for button in message.buttons}
            continue
        pressed, offered = message.text in offered, set()
        if message.text.strip() and not pressed and message.utterance != FILE:
            before = said[max(0, place - MESSAGES_BEFORE) : place]
            yield message, Focus.of(before).as_json()


def _standing(context: Mapping[str, Any]) -> tuple[Any, ...]:
    """What of a context changes how a message is read."""
    return tuple(context["contexts"]), tuple(context["offered"]), tuple(context["just"])
