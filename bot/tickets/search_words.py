"""Words as they are searched, without case and accents, in every alphabet: of a ticket and of a query. No I/O."""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from bot.tickets.ticket import with_zeros

MOST_SEARCH_WORDS = 16_000  # of one ticket: PostgreSQL counts places up to 16,383
MOST_SEARCH_CHARACTERS = 200_000  # of one ticket's words: a tsvector holds less than a megabyte
LONGEST_SEARCH_WORD = 64  # characters; of a longer one its beginning is searched
MOST_SOUGHT = 8  # words of a query
# What Unicode does not take apart into a letter and its mark, and letters that two keyboards write differently.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n"}
    | {"ى": "ي", "ی": "ي", "ک": "ك", "ـ": ""}
)
# Scripts that put no space between words (Thai to Myanmar, Khmer, kana, Han): each character is a word there.
_UNSPACED = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3040, 0x30FF),
    (0x3400, 0x9FFF),
    (0x20000, 0x3FFFF),
)


def words(text: str) -> list[str]:
    """The words of a text: "Müller-Öztürk" are "muller" and "ozturk"."""
    spaced = "".join(map(_kept, _folded(text)))
    return [word[:LONGEST_SEARCH_WORD] for word in spaced.split()]


def document(parts: Iterable[str]) -> list[str]:
    """The words of a ticket, bounded; of what is too long the parts that come first."""
    found, characters = list[str](), 0
    for word in _words_of(parts):
        characters += len(word)
        if len(found) == MOST_SEARCH_WORDS or characters > MOST_SEARCH_CHARACTERS:
            break
        found.append(word)
    return found


def phrases(query: str) -> list[list[str]]:
    """What a query asks for: each of its words, which may be several of ours that stand together."""
    return [found for word in query.split()[:MOST_SOUGHT] if (found := words(with_zeros(word)))]


def _words_of(parts: Iterable[str]) -> Iterator[str]:
    for part in parts:
        yield from words(part)


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", _bare(text.casefold())).casefold()  # of many marks on a letter it sorts each
    return unicodedata.normalize("NFC", _bare(apart).translate(_LETTERS))


def _bare(text: str) -> str:
    """Without the marks on letters."""
    return "".join(one for one in text if not unicodedata.combining(one))


@lru_cache(maxsize=20_000)
def _kept(one: str) -> str:
    """A character of a word, alone in scripts without spaces; a space for what parts words; nothing for the unseen."""
    if any(first <= ord(one) <= last for first, last in _UNSPACED):
        return f" {one} " if unicodedata.category(one)[0] in "LMN" else " "
    if one.isalnum():
        return one
    kind = unicodedata.category(one)
    return one if kind[0] == "M" else "" if kind == "Cf" else " "
