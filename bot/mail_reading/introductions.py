"""Finds what introduces a quote or a forward: "On Tuesday, Ann wrote:", a block of headers, "Original Message"."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache

from bot.mail_reading import quote_words as words

MOST_ATTRIBUTION_LINES = 6  # of an attribution
MOST_BLOCK_LINES = 16  # lines of a block
LONGEST_LOOKED_AT = 500  # characters of a line
RULE_CHARACTERS = " \t\u00a0\u3000-_=*─━—–+#~.>|\u1427"
INVISIBLE = dict.fromkeys(
    map(ord, "\u200b\u200c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
)


@dataclass(frozen=True)
class Introduction:
    """Lines that introduce a quote, up to the line `end`, which is not of it any more.

    `sure`: it introduces one even where what follows is not marked. `writers` are the addresses that it names as
    whom it quotes.
    """

    end: int
    attribution: bool = True
    sure: bool = True
    writers: frozenset[str] = field(default=frozenset(), repr=False)

    def shown_by_others(self, participants: Collection[str]) -> bool:
        """Whether it is no quote of the conversation: somebody else's mail that the sender shows."""
        return bool(participants and self.writers) and not self.writers & set(participants)


def introduction(lines: list[str], number: int) -> Introduction | None:
    """What begins at a line, if it introduces a quote."""
    line = _plain(lines[number])
    if not line:
        return None
    return (
        _attribution(lines, number)
        or _ruled(lines, number)
        or _original(lines, number, line)
        or _headers(lines, number, least=3)
    )


def unglued(lines: list[str]) -> list[str]:
    """The same lines, with an attribution that stands behind a sentence on a line of its own."""
    parted: list[str] = []
    for number, line in enumerate(lines):
        found = list(words.OPENING_WITHIN.finditer(line[-LONGEST_LOOKED_AT:]))
        at = found[-1] if found else None
        offset = max(0, len(line) - LONGEST_LOOKED_AT)
        if at is not None and _attribution(
            [line[offset + at.end() :], *lines[number + 1 : number + MOST_ATTRIBUTION_LINES]], 0
        ):
            parted += [line[: offset + at.start()], line[offset + at.start() :].lstrip()]
        else:
            parted.append(line)
    return parted


@lru_cache(maxsize=256)  # each line is looked at from those above it
def _plain(line: str) -> str:
    line = line[:LONGEST_LOOKED_AT]
    return (line if line.isascii() else line.translate(INVISIBLE).replace("\u00a0", " ")).strip(" \t*_-")


def _attribution(lines: list[str], number: int) -> Introduction | None:
    joined, blanks = "", 0
    first = _plain(lines[number])
    opens = _opens(first)
    if not opens and not words.WRITER.search(first) and not words.WROTE.search(first):
        return None
    for end in range(number, min(number + (MOST_ATTRIBUTION_LINES if opens else 2), len(lines))):
        line = _plain(lines[end])
        blanks += not line
        if end > number and _opens(line):
            return None
        joined = f"{joined} {line}".strip()
        if blanks > (2 if opens else 0) or len(joined) > words.LONGEST_INTRODUCTION:
            return None
        ends = line[-1:] in (":", "：") or lines[end].rstrip().endswith("--")
        ends = ends or (opens and _ends_bare(lines, end, joined))
        if line and _is_attribution(joined, opens, ends):
            sure = bool(_bracketed(joined) or words.CLOCK_TIME.search(joined))
            return Introduction(end + 1, sure=sure, writers=_addresses(joined))
        if ends and _bracketed(joined) and words.CLOCK_TIME.search(joined) and words.YEAR.search(joined):
            return Introduction(end + 1, sure=False)
        if ends:
            return None
    return None


def _ends_bare(lines: list[str], end: int, joined: str) -> bool:
    """Whether an attribution ends without a colon: it names all that one can, and nothing follows in its paragraph."""
    if end + 1 < len(lines) and lines[end + 1].strip():
        return False
    return bool(_bracketed(joined) and words.CLOCK_TIME.search(joined) and words.WROTE_LAST.search(joined))


def _ruled(lines: list[str], number: int) -> Introduction | None:
    line = lines[number][:LONGEST_LOOKED_AT].strip()
    return Introduction(number + 1, sure=False) if words.RULED_WROTE.fullmatch(line) else None


def _opens(line: str) -> bool:
    dated = words.OPENING.match(line) and any(c.isdigit() for c in line)
    return bool(dated or words.DATE_FIRST.match(line))


def _is_attribution(joined: str, opens: bool, ends: bool) -> bool:
    if words.WROTE.search(joined) and ends:
        return opens or _bracketed(joined) or bool(words.DATE_LAST.search(joined))
    if words.DATE_FIRST.match(joined):
        named = ends or joined.endswith((">", ">)"))
        return (named and _bracketed(joined)) or bool(
            words.GREENWICH.search(joined) and words.CLOCK_TIME.search(joined)
        )
    return opens and ends and _bracketed(joined)


def _bracketed(text: str) -> bool:
    found = words.WRITER.search(text)
    return bool(found) and any(mark in text for mark in "<([")


def _original(lines: list[str], number: int, line: str) -> Introduction | None:
    bare = line.strip(RULE_CHARACTERS + "[]:：")
    found = words.ORIGINAL.match(bare) or words.FORWARDED.match(bare)
    if not found or len(bare) > len(found[0]) + 30:
        return None
    following = next((n for n in range(number + 1, min(number + 4, len(lines))) if lines[n].strip()), number)
    block = _headers(lines, following, least=2) if following > number else None
    if block is not None:
        return block
    ruled = lines[number].lstrip()[:1] in "-_=*—–─["
    return Introduction(number + 1, attribution=False) if ruled or bare.endswith(":") else None


def _headers(lines: list[str], number: int, least: int) -> Introduction | None:
    """A block such as Outlook puts above what it quotes: at least so many different labels, one of them From."""
    kinds: dict[str, str] = {}
    end, others = number, 0
    for at in range(number, min(number + MOST_BLOCK_LINES, len(lines))):
        line = _plain(lines[at])
        kind = _label(line)
        if kind:
            kinds.setdefault(kind, line)
            end, others = at + 1, 0
        else:
            others += 1
            if not kinds or others > 2 or (not line and len(kinds) >= 3 and not _label_follows(lines, at)):
                break
    if "from" not in kinds or len(kinds) - ("other" in kinds) < least - _is_addressed(kinds):
        return None
    return Introduction(end, attribution=False, writers=_addresses(kinds["from"]))


def _is_addressed(kinds: dict[str, str]) -> bool:
    return "date" in kinds and bool(words.WRITER.search(kinds["from"]))


@lru_cache(maxsize=256)
def _label(line: str) -> str:
    found = words.HEADER_LABEL.match(line[:100])
    return words.HEADER_LABELS.get(" ".join(found[1].lower().split()), "") if found else ""


def _label_follows(lines: list[str], at: int) -> bool:
    return at + 1 < len(lines) and bool(_label(_plain(lines[at + 1])))


def _addresses(text: str) -> frozenset[str]:
    return frozenset(found.lower() for found in re.findall(words.WRITER, text))
