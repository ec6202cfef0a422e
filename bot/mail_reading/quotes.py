"""Parts the words that are new in a mail from what it quotes, forwards and signs; nothing is thrown away."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from bot.mail_reading.introductions import LONGEST_LOOKED_AT, RULE_CHARACTERS, Introduction, introduction, unglued
from bot.mail_reading.signatures import signatures

SHORT_QUOTE = 6  # lines of a quote that stay above the words that answer them
BROKEN_AT = 64  # characters; shorter lines are not broken by a mail program
LINK_BEGUN = re.compile(r"[(<]https?://[^\s()<>]*$")
LINK_ENDED = re.compile(r"\A[^\s()<>]+[)>]")
LINKS_ALONE = re.compile(r"\A(?:[(<]https?://[^\s()<>]+[)>][\s>]*)+")


@dataclass(frozen=True)
class Parted:
    """Every word of a mail once, in its order: the new ones, and the rest."""

    new: str = field(repr=False)
    rest: str = field(repr=False)


def part(text: str, participants: Collection[str] = ()) -> Parted:
    """Part a mail's words.

    Args:
        text: with "\\n" between its lines.
        participants: the addresses, in small letters, between which the mail goes. Where some are given, a block of
            headers from somebody else is no quote, but something that the sender shows. Without any, all such blocks
            are quotes.
    """
    lines = unglued(text.split("\n"))
    folded = [False] * len(lines)
    _fold_introduced(lines, folded, participants)
    quoted = _quoted(lines, folded)
    for number in signatures(lines, [one or rest for one, rest in zip(quoted, folded)]):
        folded[number] = True
    _fold_quotes(lines, folded, quoted)
    new = "\n".join(line for line, rest in zip(lines, folded) if not rest)
    rest = "\n".join(line for line, rest in zip(lines, folded) if rest)
    return Parted(re.sub(r"\n{3,}", "\n\n", new).strip("\n").rstrip(), rest.strip("\n").rstrip())


def _quoted(lines: list[str], folded: list[bool]) -> list[bool]:
    """Which lines are quotes, those included that a mail program broke in two and marked once."""
    found = [is_quoted(line) and not rest for line, rest in zip(lines, folded)]
    for number in range(1, len(lines)):
        before = lines[number - 1].rstrip()
        if found[number - 1] and not found[number] and len(before) >= BROKEN_AT and before[-1] not in ".:;?!":
            found[number] = lines[number][:1].islower() and not folded[number]
        if found[number - 1] and any(map(is_quoted, lines[number + 1 : number + 2])) and not folded[number]:
            found[number] = found[number] or _is_of_link(before, lines[number])
    return found


def _is_of_link(before: str, line: str) -> bool:
    """Whether a line between two quoted ones is nothing but links of theirs, or the end of one that was broken."""
    line = line[:LONGEST_LOOKED_AT].strip()
    broken = LINK_BEGUN.search(before[-LONGEST_LOOKED_AT:]) and LINK_ENDED.fullmatch(line)
    return bool(broken or LINKS_ALONE.fullmatch(line))


def is_quoted(line: str) -> bool:
    """Whether a line is marked as quoted."""
    return line.lstrip().startswith(">")


def has_words(line: str) -> bool:
    """Whether a line says anything; rules and blanks do not, a single emoji does."""
    return bool(line.strip(RULE_CHARACTERS))


def _fold_introduced(lines: list[str], folded: list[bool], participants: Collection[str]) -> None:
    """Fold what introduces a quote, and where the quote is not marked, all that follows."""
    number, said = 0, False
    while number < len(lines):
        found = None if is_quoted(lines[number]) else introduction(lines, number)
        if found is None:
            said = said or (has_words(lines[number]) and not is_quoted(lines[number]))
            number += 1
        elif _goes_on_marked(lines, found):
            _fold(folded, number, found.end)
            number = found.end
        elif not found.sure or found.shown_by_others(participants):
            said, number = True, found.end
        elif said or (found.writers & set(participants) and not found.attribution):
            _fold(folded, _with_rules(lines, number), len(lines))
            return
        else:  # nothing is said before it: it may stand above the answer, or be all that was forwarded
            _fold(folded, number, found.end if found.attribution else number)
            said, number = not found.attribution, found.end


def _goes_on_marked(lines: list[str], found: Introduction) -> bool:
    following = next((line for line in lines[found.end : found.end + 4] if line.strip()), "")
    return is_quoted(following)


def _with_rules(lines: list[str], number: int) -> int:
    while number and not has_words(lines[number - 1]):
        number -= 1
    return number


def _fold_quotes(lines: list[str], folded: list[bool], quoted: list[bool]) -> None:
    """Fold the quotes at the end, and long ones; short ones in between are what somebody answers line by line.

    A single one below its introduction is the whole letter that somebody answers beneath it.
    """
    end, said = len(lines), False
    answered: list[tuple[int, int]] = []
    while end:
        start = end - 1
        if not quoted[start]:
            said = said or (not folded[start] and has_words(lines[start]))
            end = start
            continue
        while start and (quoted[start - 1] or not lines[start - 1].strip()):
            start -= 1
        if not said or sum(quoted[start:end]) > SHORT_QUOTE:
            _fold(folded, start, end)
        else:
            answered.append((start, end))
        end = start
    if len(answered) == 1 and _is_introduced(lines, folded, quoted, answered[0][0]):
        _fold(folded, *answered[0])


def _is_introduced(lines: list[str], folded: list[bool], quoted: list[bool], number: int) -> bool:
    while number and not lines[number - 1].strip():
        number -= 1
    return number > 0 and folded[number - 1] and not quoted[number - 1]


def _fold(folded: list[bool], start: int, end: int) -> None:
    folded[start:end] = [True] * (end - start)
