"""The conversation as the team reads it in a ticket."""

import re
from collections.abc import Iterable
from typing import Protocol

from bot.tickets.ticket import Line

CODE_PATTERN = re.compile(r"(?<!\w)\d(?:[\s-]{0,3}\d){5}(?!\w)")
LONGEST_ANSWER_WORDS = 5


class TranscriptMessage(Protocol):
    """A message of a conversation."""

    @property
    def role(self) -> str:
        """Who said it: "user", "bot" or "staff"."""

    @property
    def text(self) -> str:
        """What was said."""


def transcript(messages: Iterable[TranscriptMessage]) -> tuple[Line, ...]:
    """The lines of a transcript; one-time codes, which are nobody else's business, are blacked out."""
    return tuple(Line(message.role, _without_code(message)) for message in messages)


def _without_code(message: TranscriptMessage) -> str:
    short = message.role == "user" and len(message.text.split()) <= LONGEST_ANSWER_WORDS
    return CODE_PATTERN.sub("······", message.text) if short else message.text
