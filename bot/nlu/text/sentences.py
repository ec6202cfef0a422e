"""Where the sentences of a message begin and end."""

import re

from bot.nlu.text import clauses
from bot.nlu.text.questions import Span

MOST_SENTENCES = 4
SENTENCES_CONSIDERED = 40  # a message that has more is no message
LEAST_WORDS = 2
_END = re.compile(
    r"(?<![.!?;])[.!?;]+(?:\s+|$)|:\s+|\n\s*|\s[-–]\s|,\s+(?=(?:but|and|so|also|or)\b)"
    r"|(?<!\s)\s+(?=and (?:tell me|how|what|where|when|which|who|is|are|does|do|could|also)\b)",
    re.IGNORECASE,
)


def spans(text: str) -> list[Span]:
    """The sentences of two words or more, in order; [] where there is only one.

    Of many the first counts, and those that ask or request something: a letter begins with what asks nothing.
    """
    found: list[Span] = []
    start = 0
    for match in [*_END.finditer(text), None]:
        end = match.start() if match else len(text)
        if len(text[start:end].split()) >= LEAST_WORDS:
            found.append((start, end))
        start = match.end() if match else end
        if len(found) == SENTENCES_CONSIDERED:
            break
    return _telling(text, found) if len(found) > 1 else []


def _telling(text: str, found: list[Span]) -> list[Span]:
    """As many of the sentences as are read, those that ask before the others."""
    if len(found) <= MOST_SENTENCES:
        return found
    asking = [span for span in found[1:] if clauses.asks(text[span[0] : span[1] + 1])]
    others = [span for span in found[1:] if span not in asking]
    return sorted([found[0], *[*asking, *others][: MOST_SENTENCES - 1]])
