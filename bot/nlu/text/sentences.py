"""Where the sentences of a message begin and end."""

import re

from bot.nlu.text.questions import Span

MOST_SENTENCES = 4
LEAST_WORDS = 2
_END = re.compile(
    r"(?<![.!?;])[.!?;]+(?:\s+|$)|:\s+|\n\s*|\s[-–]\s|,\s+(?=(?:but|and|so|also|or)\b)"
    r"|(?<!\s)\s+(?=and (?:tell me|how|what|where|when|which|who|is|are|does|do|could|also)\b)",
    re.IGNORECASE,
)


def spans(text: str) -> list[Span]:
    """The first sentences of two words or more; [] where there is only one."""
    found, start = [], 0
    for match in [*_END.finditer(text), None]:
        end = match.start() if match else len(text)
        if len(text[start:end].split()) >= LEAST_WORDS:
            found.append((start, end))
        start = match.end() if match else end
        if len(found) == MOST_SENTENCES:
            break
    return found if len(found) > 1 else []
