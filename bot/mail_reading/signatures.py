"""Finds signatures, and what phones and programs put below a mail."""

from collections.abc import Iterator, Sequence

from bot.mail_reading import quote_words as words
from bot.mail_reading.introductions import LONGEST_LOOKED_AT, RULE_CHARACTERS

LONGEST_SIGNATURE = 14  # lines; below more, a delimiter is a rule between paragraphs


def signatures(lines: Sequence[str], others: Sequence[bool]) -> Iterator[int]:
    """The numbers of the lines that sign.

    Args:
        others: which lines are no words of the sender; a signature may stand above them too.
    """
    end = len(lines)
    while end:
        if others[end - 1] or not lines[end - 1].strip():
            end -= 1
            continue
        start = end
        while start and not others[start - 1]:
            start -= 1
        yield from _of_segment(lines, start, end)
        end = start


def _of_segment(lines: Sequence[str], start: int, end: int) -> Iterator[int]:
    """Of lines of the sender between two quotes."""
    first = start + next((n for n, line in enumerate(lines[start:end]) if line.strip(RULE_CHARACTERS)), end - start) + 1
    for number in range(max(first if start == 0 else start, end - LONGEST_SIGNATURE), end):
        if is_delimiter(lines[number]):
            yield from range(number, end)
            end = number
            break
    while end > start and (
        _is_empty(lines[end - 1]) or is_sent_from(lines[end - 1]) or (end > first and names_program(lines[end - 1]))
    ):
        end -= 1
        yield end


def is_delimiter(line: str) -> bool:
    """Whether a line parts a signature from what is above it."""
    bare = line.strip().replace("\u00a0", " ")
    return bare == "--" or (len(bare) > 1 and not bare.strip("_"))


def is_sent_from(line: str) -> bool:
    """Whether a line is of a phone or a program, "Sent from my phone", and no sentence that begins so."""
    bare = line.strip()
    if len(bare) > LONGEST_LOOKED_AT:
        return False
    if not words.SENT_FROM.fullmatch(bare):
        return False
    _, _, after = bare.partition(", ") if ", " in bare else bare.partition(". ")
    return not after or bool(words.EXCUSE.match(after))


def names_program(line: str) -> bool:
    """Whether a line says "Sent from" and a name, of a program or a place: all there is, it may be an answer."""
    bare = line.strip()
    return len(bare) <= LONGEST_LOOKED_AT and bool(words.SENT_FROM_NAME.fullmatch(bare))


def _is_empty(line: str) -> bool:
    return not line.strip(RULE_CHARACTERS)
