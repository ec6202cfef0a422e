"""Finds the places where a message may hold two questions, and the messages that lean on the turn before."""

import re
from itertools import islice
from typing import Iterator

from bot.nlu.text import clauses

Span = tuple[int, int]  # first character of a part, and the first one after it
MOST_PARTS = 4
MOST_CUTS = 40  # looked at: a message that has more is no message
_ENDS = re.compile(r"(?<=[.?!;\n])\s+")
_JOINTS = re.compile(
    r"(?:,\s*|\s+)(?:and\s+also|and|also|plus|oh\s+and|as\s+well\s+as|another\s+thing|second(?:ly)?|btw|besides)[,:]?\s+",
    re.IGNORECASE,
)
_OPENERS = re.compile(
    r"\s+(?=(?:what|how|who|where|when|why|can|could|does|do|is|are|will|would|should)\s+\w+)", re.IGNORECASE
)
_NUMBER = r"(?:\d\s?[).:]|\b[a-dA-D]\))"
_NUMBERS = re.compile(rf"\s+(?={_NUMBER}\s)")  # "1) can I ... 2) does it ..."
_NUMBER_BEFORE = re.compile(rf"^{_NUMBER}\s*")
_NUMBER_AFTER = re.compile(rf"\s*{_NUMBER}$")
_HANGING = re.compile(r"\b(?:what|how|who|where|when|why|which|and|or|but|to|that|if)$", re.IGNORECASE)
_POSITIONS = (
    re.compile(r"^(?:the\s+)?(?:1|first|1st|one|top)(?:\s+(?:one|option|choice))?$", re.IGNORECASE),
    re.compile(r"^(?:the\s+)?(?:2|second|2nd|two|middle)(?:\s+(?:one|option|choice))?$", re.IGNORECASE),
    re.compile(r"^(?:the\s+)?(?:3|third|3rd|three|last|bottom)(?:\s+(?:one|option|choice))?$", re.IGNORECASE),
)
_LEANING = re.compile(
    r"^(?:and|also|what about|how about|but|or|then|so|ok(?:ay)?(?: and)?|same (?:for|with)|is (?:it|that|this)|"
    r"can (?:i|it)|does (?:it|that)|will (?:it|that)|do they|are they|for|with|in|on)\b",
    re.IGNORECASE,
)


def parts(text: str) -> list[tuple[Span, Span]]:
    """Ways to cut a message in two that each side asks something of its own.

    Args:
        text: the whole message.

    Returns:
        Up to MOST_PARTS pairs of places (left, right), the likeliest cuts first; empty for under five words.
    """
    if len(text.split()) < 5:
        return []
    cuts: list[tuple[Span, Span]] = []
    for pattern, (left, right) in islice(_cuts(text), MOST_CUTS):
        sides = [text[start:end] for start, end in (left, right)]
        long_enough = all(len(side.split()) >= 2 for side in sides)
        if long_enough and (left, right) not in cuts and _asked(sides[0], sides[1], pattern):
            cuts.append((left, right))
            if len(cuts) == MOST_PARTS:
                break
    return cuts


def _cuts(text: str) -> Iterator[tuple[re.Pattern[str], tuple[Span, Span]]]:
    """Both sides of every place to cut; within a sentence, the left side goes back no further than to its start."""
    starts = [0, *(match.end() for match in _ENDS.finditer(text))]
    numbers = [match.end() for match in _NUMBERS.finditer(text)]
    for pattern in (_ENDS, _NUMBERS, _JOINTS, _OPENERS):
        for match in pattern.finditer(text):
            first, last = 0, len(text)
            if pattern is not _ENDS:
                first = max(start for start in starts if start <= match.start())
            if pattern is _NUMBERS:
                first = max([first, *(number for number in numbers if number < match.end())])
                last = min([last, *(number for number in numbers if number > match.end())])
            yield pattern, (_trimmed(text, first, match.start()), _trimmed(text, match.end(), last))


def _asked(left: str, right: str, pattern: re.Pattern[str]) -> bool:
    if _HANGING.search(left) or (pattern is _OPENERS and not clauses.opens_a_question(right)):
        return False
    return clauses.asks(left) and clauses.asks(right, continues=pattern is _JOINTS)


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start] in " ,":
        start += 1
    while end > start and text[end - 1] in " ,":
        end -= 1
    number = _NUMBER_BEFORE.match(text[start:end])
    start += number.end() if number else 0
    number = _NUMBER_AFTER.search(text[start:end])
    return start, start + number.start() if number else end


def leans_on_context(text: str) -> bool:
    """Whether a message reads as a follow-up ("and can I put several?") rather than a question of its own."""
    words = len(text.split())
    return words <= 4 or (words <= 9 and bool(_LEANING.match(text.strip())))


def position(text: str) -> int | None:
    """Which of the choices "the second one" or "3" names, counted from 0; None when it names none by its place."""
    plain = text.strip().rstrip(".!").removeprefix("number ").removeprefix("option ")
    return next((place for place, pattern in enumerate(_POSITIONS) if pattern.match(plain)), None)
