"""Puts misspelt words right before a message is read; what the person typed stays as it is elsewhere."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import log, log1p
from pathlib import Path

from bot.nlu.text import foreign
from bot.nlu.text.lexicon import SHORTEST, VERY_COMMON, WORD, Lexicon
from bot.nlu.text.slips import LONGEST, SWAPPED, most

MOST_CHARACTERS = 1500  # of a message that are looked at
MOST_CORRECTED = 40  # words of a message
PER_SLIP = 6.0  # how much less likely each slip makes a word
NEIGHBOURS = 0.5  # weight of the words beside it
SINGLE = ("a", "i")
SPLIT = 0.9  # what a missing blank costs
FEWEST_TOGETHER = 3
JOINED_AT, JOINED_TIMES = 50, 5
MOST_DOUBTFUL = 0.4  # share of the words of a message: with more, it is not English, or nothing can be told
FEWEST_WORDS = 3
COMMON = 10  # places in our examples
UNUSED_LETTERS, UNUSED_LIMIT = 6, 0.7  # the same of words that our examples hardly use: reading them right gains little
SHORT_LIMIT, SHORT_BESIDE = 0.85, 2.5  # of three letters
INSTEAD = 3.5  # how much likelier another word must be than a known one
RARE, OFTEN_MEANT = 60, 1.5  # places in our examples: commoner words are mostly meant
MOST_WEIGHED = 100  # words
LONGEST_ABBREVIATION = 5
NAMES_LETTERS, NAMES_LIMIT = 6, 1.0  # a capital within a sentence is mostly a name
_CHUNK = re.compile(r"\S+")
_NOT_WORDS = re.compile(r"[@/\\<>{}\[\]=#&\d_]|\w\.\w")
_ENDS = ".?!:;"


@dataclass(frozen=True)
class Spelt:
    """A message with its words put right, and the changes as pairs of what was typed and what is read."""

    text: str
    changes: tuple[tuple[str, str], ...] = ()


@dataclass
class _Word:
    """A word at its place, as typed, and what it is read as."""

    start: int
    end: int
    typed: str
    read: str
    opens: bool  # a sentence
    shouted: bool  # with the whole message
    plain: str

    @property
    def named(self) -> bool:
        if self.shouted:
            return False
        return self.typed[1:] != self.typed[1:].lower() or (self.typed[:1].isupper() and not self.opens)

    @property
    def abbreviated(self) -> bool:
        letters = SHORTEST if self.shouted else LONGEST_ABBREVIATION
        return self.typed.isupper() and len(self.typed) <= letters

    def and_then(self, other: "_Word", text: str) -> "_Word":
        """Both as one word, without what stands between them."""
        typed = text[self.start : other.end]
        return _Word(self.start, other.end, typed, self.read + other.read, self.opens, self.shouted, plain(typed))

    @property
    def changed(self) -> bool:
        return self.read != self.plain


class Spelling:
    """Corrects texts by a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Take the words to go by."""
        self.lexicon = lexicon

    @classmethod
    def learnt(cls, texts: Iterable[str]) -> "Spelling":
        """From training examples."""
        return cls(Lexicon.learnt(texts))

    @classmethod
    def load(cls, directory: Path) -> "Spelling":
        """Read what `save` wrote."""
        return cls(Lexicon.load(directory))

    def save(self, directory: Path) -> None:
        """Write into an existing folder."""
        self.lexicon.save(directory)

    def corrected(self, text: str) -> Spelt:
        """A message as it is to be read.

        Addresses, codes, dates, names and words of other languages stay, and so does everything that is known.
        """
        words = self._joined(text, _words(text))
        unknown = [place for place, word in enumerate(words) if self._unknown(word.read)][:MOST_CORRECTED]
        for place in unknown:
            words[place].read = self._meant(words[place], *_around(words, place))
        words = self._joined(text, words)
        if unknown and (self._strange(words) or foreign.language(text)):
            return Spelt(text)
        for place, word in enumerate(words[:MOST_WEIGHED]):
            if not word.changed and not word.named:
                word.read = self._meant_instead(word, *_around(words, place))
        return _rewritten(text, words)

    def _unknown(self, word: str) -> bool:
        """Whether no list has it, those of the small words of other languages included."""
        if self.lexicon.knows(word):
            return False
        return not any(word in foreign.function_words(code) for code in foreign.IN_LATIN_SCRIPT)

    def _strange(self, words: list[_Word]) -> bool:
        """Whether so many words are unknown, or read as words that we do not use, that it is hardly English."""
        doubtful = sum(
            not self.lexicon.knows(word.read) or (word.changed and not self._common(word.read)) for word in words
        )
        return len(words) >= FEWEST_WORDS and doubtful > MOST_DOUBTFUL * len(words)

    def _common(self, word: str) -> bool:
        return all(self.lexicon.own.get(one, 0) >= COMMON for one in word.split())

    def _meant(self, word: _Word, before: str, after: str) -> str:
        """The likeliest word, or words; what was typed where none is likely."""
        typed = word.read
        if not SHORTEST - 1 <= len(typed) <= LONGEST or not typed.isalpha() or not typed.isascii() or word.abbreviated:
            return typed
        options = [
            (self._likelihood(one, before, after) - PER_SLIP * price, one, price)
            for one, price in self.lexicon.meant(typed)
        ]
        options += [] if word.named or len(typed) < 5 else self._splits(typed)
        best = max(options, default=None)
        if best is None:
            return typed
        beside = self._beside(best[1], before, after)
        return best[1] if self._believed(word, best[1], best[2], beside) else typed

    def _meant_instead(self, word: _Word, before: str, after: str) -> str:
        """Another word of ours for one that is a word itself, where its neighbours tell: "my bade", "i wont to"."""
        typed, own = word.read, self.lexicon.own
        if len(typed) < SHORTEST - 1 or not typed.isascii() or word.abbreviated:
            return typed
        mistakable = self.lexicon.mistakable(typed)
        if not mistakable:
            return typed
        if self._goes(typed, before, after):
            return typed
        here = self._beside(typed, before, after) + log1p(own.get(typed, 0))
        options = [
            (self._beside(one, before, after) + log1p(own.get(one, 0)) - here - PER_SLIP * price, one)
            for one, price in mistakable
            if self._goes(one, before, after)
        ]
        gain, best = max(options, default=(0.0, typed))
        return best if gain > INSTEAD + (OFTEN_MEANT if own.get(typed, 0) >= RARE else 0.0) else typed

    def _believed(self, word: _Word, right: str, price: float, beside: float) -> bool:
        """Whether the likeliest word is likely enough to be read instead of what was typed."""
        typed, own = word.read, self.lexicon.own.get(right, 0)
        if len(typed) < SHORTEST:
            return own >= VERY_COMMON and (price <= SWAPPED or (price <= SHORT_LIMIT and beside >= SHORT_BESIDE))
        if word.named:
            return price <= NAMES_LIMIT and len(right) >= NAMES_LETTERS and own >= COMMON
        limit = most(typed)
        if word.typed[:1].isupper() and not word.shouted:
            limit = min(limit, NAMES_LIMIT)
        if not self._common(right):
            limit = UNUSED_LIMIT if len(typed) >= UNUSED_LETTERS else 0.0
        return price <= limit

    def _goes(self, word: str, before: str, after: str) -> bool:
        """Whether a word stands beside both its neighbours in our examples, as far as they are words that we use."""
        pairs = [
            (one, pair) for one, pair in ((before, (before, word)), (after, (word, after))) if one and self._common(one)
        ]
        return bool(pairs) and all(self.lexicon.together(*pair) for _, pair in pairs)

    def _likelihood(self, word: str, before: str, after: str) -> float:
        return self.lexicon.likelihood(word) + NEIGHBOURS * self._beside(word, before, after)

    def _beside(self, word: str, before: str, after: str) -> float:
        """How well a word goes with those around it."""
        return log1p(self.lexicon.together(before, word)) + log1p(self.lexicon.together(word, after))

    def _splits(self, typed: str) -> list[tuple[float, str, float]]:
        """Two words that often stand together, where the blank between them is missing."""
        found, own = [], self.lexicon.own
        for place in range(1, len(typed)):
            left, right = typed[:place], typed[place:]
            together = self.lexicon.together(left, right)
            common = min(own.get(left, 0), own.get(right, 0)) >= VERY_COMMON and min(len(left), len(right)) >= 3
            if common or (together >= FEWEST_TOGETHER and (place > 1 or left in SINGLE)):
                share = max(together, 0.3) / own[left]
                likely = self.lexicon.likelihood(left) + log(share)
                found.append((likely - PER_SLIP * SPLIT, f"{left} {right}", SPLIT))
        return found

    def _joined(self, text: str, words: list[_Word]) -> list[_Word]:
        """The same with words put together that a blank has torn: "linked in", "creden tial"."""
        found: list[_Word] = []
        for word in words:
            last = found[-1] if found else None
            if last and text[last.end : word.start] == " " and self._torn(last.read, word.read):
                found[-1] = last.and_then(word, text)
            else:
                found.append(word)
        return found

    def _torn(self, left: str, right: str) -> bool:
        whole, lexicon = left + right, self.lexicon
        often = lexicon.own.get(whole, 0)
        if not often:
            return False
        if not (lexicon.knows(left) and lexicon.knows(right)):
            return len(whole) >= 6
        named = whole not in lexicon.english
        return named and often >= JOINED_AT and often >= JOINED_TIMES * lexicon.together(left, right)


def _around(words: list[_Word], place: int) -> tuple[str, str]:
    """The words before and after a place."""
    return words[place - 1].read if place else "", words[place + 1].read if place + 1 < len(words) else ""


def plain(typed: str) -> str:
    """In small letters and without apostrophes, which people leave out as often as not."""
    return typed.lower().replace("’", "").replace("'", "")


def _words(text: str) -> list[_Word]:
    """The words of a message that are no codes, addresses or dates."""
    found: list[_Word] = []
    shouted, opens = text.isupper(), True
    for chunk in _CHUNK.finditer(text[:MOST_CHARACTERS]):
        inside = chunk.group()
        for match in () if _NOT_WORDS.search(inside) else WORD.finditer(inside):
            typed, start = match.group(), chunk.start() + match.start()
            simple = plain(typed)
            found.append(_Word(start, start + len(typed), typed, simple, opens, shouted, simple))
            opens = False
        opens = inside[-1] in _ENDS
    return found


def _rewritten(text: str, words: list[_Word]) -> Spelt:
    parts, changes, end = [], [], 0
    for word in words:
        if word.changed:
            right = _cased(word.read, word.typed)
            parts += [text[end : word.start], right]
            changes.append((word.typed, right))
            end = word.end
    return Spelt("".join([*parts, text[end:]]), tuple(changes))


def _cased(right: str, typed: str) -> str:
    """With the capitals of what was typed."""
    if typed.isupper():
        return right.upper()
    return right[:1].upper() + right[1:] if typed[:1].isupper() else right
