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
    r"(?:,\s*|(?<![\s,])\s+)(?:and\s+also|and|also|plus|oh\s+and|as\s+well\s+as|another\s+thing|second(?:ly)?|btw|besides)[,:]?\s+",
    re.IGNORECASE,
)
_OPENERS = re.compile(
    r"(?<!\s)\s+(?=(?:what|how|who|where|when|why|can|could|does|do|is|are|will|would|should)\s+\w)", re.IGNORECASE
)
_NUMBER = r"(?:\d\s?[).:]|\b[a-dA-D]\))"
_NUMBERS = re.compile(rf"(?<!\s)\s+(?={_NUMBER}\s)")  # "1) can I ... 2) does it ..."
_NUMBER_BEFORE = re.compile(rf"^{_NUMBER}\s*")
_NUMBER_AFTER = re.compile(rf"(?:(?<!\s)\s+)?{_NUMBER}$")
_HANGING = re.compile(r"\b(?:what|how|who|where|when|why|which|and|or|but|to|that|if)$", re.IGNORECASE)
# What goes on with a question instead of ending before it: "all he has | is ...", "I want to know | what ...".
_LEADS_ON = re.compile(r"\b(?:has|have|had|got|need|want|is|are|was)$", re.IGNORECASE)
_LEADS_IN = (
    "a an and also ask asking asks can check could curious exactly explain find i idea it just know like love me need "
    "needs no not out please pls question see sure tell telling then to told trying understand us want wants we wonder "
    "wondering would you"
)
_LEADING = frozenset(_LEADS_IN.split())
_BARE_QUESTION_WORD = re.compile(
    r"^(?:so|and|but|ok|hi|hello)?[\s,]*(?:which|what|whose|how (?:many|much))\b", re.IGNORECASE
)
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


def pieces(text: str, cuts: list[tuple[Span, Span]]) -> list[Span]:
    """What a message falls into when all of its cuts are made at once, in order; [] for fewer than two cuts.

    Args:
        text: the whole message.
        cuts: from `parts`.
    """
    if len(cuts) < 2:
        return []
    ordered = sorted(cuts, key=lambda cut: cut[1])
    places = [
        (left[0] if not number else ordered[number - 1][1][0], left[1]) for number, (left, _) in enumerate(ordered)
    ]
    places.append(ordered[-1][1])
    return [(start, end) for start, end in places if len(text[start:end].split()) >= 2]


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
    hangs = _HANGING.search(left) and not (pattern is _JOINTS and left.lower().endswith(" to"))
    if hangs or (pattern is _OPENERS and (_goes_on(left) or not clauses.opens_a_question(right))):
        return False
    return clauses.asks(left) and clauses.asks(right, continues=pattern is _JOINTS)


def _goes_on(left: str) -> bool:
    """Whether a question that follows at once belongs to these words ("which networks | does Credly work with")."""
    if _LEADS_ON.search(left) or (_BARE_QUESTION_WORD.match(left) and not clauses.has_verb(left)):
        return True
    words = left.split()
    while words and words[-1].lower().strip(",.:;-") in _LEADING:
        words.pop()
    return len(words) < len(left.split()) and not clauses.asks(" ".join(words))


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
