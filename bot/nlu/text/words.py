"""The words of a message at their places, what each is read as, and the message put together again."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

MOST_CHARACTERS = 1500  # of a message that are looked at
LONGEST_ABBREVIATION, LONGEST_SHOUTED = 5, 4  # letters
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_CHUNK = re.compile(r"\S+")
_NOT_WORDS = re.compile(r"[@/\\<>{}\[\]=#&\d_]|\w\.\w")  # addresses, codes, dates, links
_ENDS = ".?!:;"


@dataclass(frozen=True)
class Spelt:
    """A message with its words put right, and the changes as pairs of what was typed and what is read."""

    text: str
    changes: tuple[tuple[str, str], ...] = ()


@dataclass
class Word:
    """A word as typed and what it is read as, both in small letters too.

    Attributes:
        opens: a sentence begins with it.
        shouted: the whole message is in capitals.
    """

    start: int
    end: int
    typed: str
    plain: str
    read: str
    opens: bool
    shouted: bool

    @property
    def named(self) -> bool:
        """Whether it has capitals that make it look like a name."""
        if self.shouted:
            return False
        return self.typed[1:] != self.typed[1:].lower() or (self.typed[:1].isupper() and not self.opens)

    @property
    def abbreviated(self) -> bool:
        """Whether it looks like an abbreviation."""
        return self.typed.isupper() and len(self.typed) <= (LONGEST_SHOUTED if self.shouted else LONGEST_ABBREVIATION)

    @property
    def base(self) -> str:
        """What stands before an apostrophe; the whole word where there is none."""
        return plain(self.typed.replace("’", "'").split("'")[0])

    @property
    def changed(self) -> bool:
        """Whether it is read otherwise than typed."""
        return self.read != self.plain

    def and_then(self, other: "Word", text: str) -> "Word":
        """Both as one word, without what stands between them."""
        typed = text[self.start : other.end]
        return Word(
            start=self.start,
            end=other.end,
            typed=typed,
            plain=plain(typed),
            read=self.read + other.read,
            opens=self.opens,
            shouted=self.shouted,
        )


def plain(typed: str) -> str:
    """In small letters and without apostrophes, which people leave out as often as not."""
    return typed.lower().replace("’", "").replace("'", "")


def words(text: str) -> list[Word]:
    """The words of a message that are no part of addresses, codes, dates or links."""
    found: list[Word] = []
    shouted, opens = text.isupper(), True
    for chunk in _CHUNK.finditer(text[:MOST_CHARACTERS]):
        inside = chunk.group()
        for match in () if _NOT_WORDS.search(inside) else WORD.finditer(inside):
            typed, start = match.group(), chunk.start() + match.start()
            word = plain(typed)
            found.append(
                Word(
                    start=start,
                    end=match.end() + chunk.start(),
                    typed=typed,
                    plain=word,
                    read=word,
                    opens=opens,
                    shouted=shouted,
                )
            )
            opens = False
        opens = inside[-1] in _ENDS
    return found


def around(found: list[Word], place: int) -> tuple[str, str]:
    """What the words before and after a place are read as; empty where there is none."""
    return found[place - 1].read if place else "", found[place + 1].read if place + 1 < len(found) else ""


def rewritten(text: str, found: Iterable[Word]) -> Spelt:
    """The message with each word as it is read, capitals and all else as typed."""
    parts, changes, end = [], [], 0
    for word in found:
        if word.changed:
            right = _cased(word.read, word.typed)
            parts += [text[end : word.start], right]
            changes.append((word.typed, right))
            end = word.end
    return Spelt("".join([*parts, text[end:]]), tuple(changes))


def _cased(right: str, typed: str) -> str:
    if typed.isupper():
        return right.upper()
    return right[:1].upper() + right[1:] if typed[:1].isupper() else right
