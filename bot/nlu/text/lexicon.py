"""The words that messages are spelt with: those of our own examples, which weigh more, and English at large."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path

from symspellpy import SymSpell, Verbosity

from bot.nlu.text.slips import DOUBLED, LONGEST_WORD, SWAPPED, cost, most, sound
from bot.nlu.text.words import WORD, plain

ENGLISH_FILE = "frequency_dictionary_en_82_765.txt"
LEXICON_FILE = "spelling.json"
MEANT_ENGLISH = 15_000  # the commonest words of English, which a slip may be of; the others are only known
OWN_SHARE = 0.8  # of our own words in how likely a word is
KNOWN_AT = 3  # a word that no list has is no slip when so many examples have it
MEANT_AT = 2  # and an English one may be meant
FAR_RARER, RARER = 20, 10  # times: so a word is a slip of one that is spelt nearly the same, or with letters swapped
NEAR = 1.0
VERY_COMMON = 100  # places in our examples
MISTAKABLE = 0.85
CACHED = 20_000
NAME_SHARE = 0.5  # of its places within sentences, with a capital
PER_SLIP = 6.0  # how much less likely each slip makes a word
MOST_MEANT = 20  # words that may be meant by one
PAIRS_AT = 2
LEAST_LETTERS = 4
SHORTEST_FAR = 5  # letters of a word that may have two slips
SHORTEST_STEM = 3
_FORM = re.compile(r"(?:(?<![s])s|(?<=\w{4})(?<!e)(?:ed|ing))$")
_REPEATED = re.compile(r"([a-z])\1{2,}")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]\w+")


class Lexicon:
    """Knows words, how likely each is, which stand side by side, and which may be meant by one it does not know."""

    def __init__(self, english: Mapping[str, int], own: Mapping[str, int], pairs: Mapping[str, int]) -> None:
        """Make the tables that look-ups need.

        Args:
            english: words with how often they are used, commonest first; a word with 0 is only known.
            own: the words of our examples that are no slips.
            pairs: neighbours in our examples, parted by a blank.
        """
        self.english, self.own, self.pairs = dict(english), dict(own), dict(pairs)
        self._all_english, self._all_own = sum(english.values()) or 1, sum(own.values()) or 1
        self._near, self._far, self._common = SymSpell(1, 7), SymSpell(2, 7), SymSpell(1, 7)
        for word, count in self.english.items():
            if count and len(word) >= LEAST_LETTERS - 1:
                self._near.create_dictionary_entry(word, count)
        self._by_sound: dict[str, list[str]] = {}
        for word, count in self.own.items():
            if word.isascii() and word.isalpha() and len(word) >= LEAST_LETTERS - 1 and self._may_be_meant(word, count):
                self._far.create_dictionary_entry(word, count)
                self._by_sound.setdefault(sound(word), []).append(word)
                if count >= VERY_COMMON:
                    self._common.create_dictionary_entry(word, count)
        self.meant = lru_cache(CACHED)(self._meant)
        self.mistakable = lru_cache(CACHED)(self._mistakable)

    @classmethod
    def learnt(cls, texts: Iterable[str]) -> "Lexicon":
        """From examples and the list of English words that symspellpy brings."""
        counts, names, pairs, contracted = Counter[str](), Counter[str](), Counter[str](), set[str]()
        for text in texts:
            typed = WORD.findall(text)
            words = [plain(word) for word in typed]
            contracted.update(plain(word) for word in typed if len(plain(word)) < len(word))
            counts.update(words)
            names.update(word.lower() for word in _NAME.findall(text))
            pairs.update(map(" ".join, zip(words, words[1:])))
        english = english_words()
        named = {word for word, count in names.items() if word not in english and count >= NAME_SHARE * counts[word]}
        own = {word: n for word, n in counts.items() if word in english or n >= KNOWN_AT or word in named}
        first = cls(english, own, {})
        sure = english.keys() | named | contracted
        own = {word: n for word, n in own.items() if word in sure or not first._is_slip(word)}
        common = {pair: n for pair, n in pairs.items() if n >= PAIRS_AT and all(one in own for one in pair.split())}
        return cls(english, own, common)

    def _is_slip(self, word: str) -> bool:
        """Whether examples have a far commoner word that is spelt nearly the same."""
        count, near = self.own[word], NEAR if len(word) >= LEAST_LETTERS else SWAPPED
        return len(word) >= LEAST_LETTERS - 1 and any(
            price <= near and self.own.get(other, 0) >= count * (FAR_RARER if price > SWAPPED else RARER)
            for other, price in self.meant(word)
        )

    def _may_be_meant(self, word: str, count: int) -> bool:
        return count >= (MEANT_AT if word in self.english else KNOWN_AT)

    def knows(self, word: str) -> bool:
        """Whether a word, in small letters, is spelt right as far as is known: itself, or what it is a form of."""
        if word in self.own or word in self.english:
            return True
        stem = _FORM.sub("", word)
        return len(stem) >= SHORTEST_STEM and (stem in self.english or (word.endswith("s") and stem in self.own))

    def likelihood(self, word: str) -> float:
        """Logarithm of how likely a word is here."""
        own = OWN_SHARE * self.own.get(word, 0) / self._all_own
        return math.log(own + (1 - OWN_SHARE) * self.english.get(word, 0) / self._all_english + 1e-9)

    def together(self, left: str, right: str) -> int:
        """How often two words stand beside each other in our examples."""
        return self.pairs.get(f"{left} {right}", 0)

    def _meant(self, word: str) -> tuple[tuple[str, float], ...]:
        """The words spelt or sounding nearly as one, likeliest first, with the cost of the slip."""
        found: dict[str, float] = {}
        for form, price in _unrepeated(word):
            distance = 2 if len(form) >= SHORTEST_FAR else 1
            near = [one.term for one in self._far.lookup(form, Verbosity.ALL, distance)]
            near += [one.term for one in self._near.lookup(form, Verbosity.ALL, 1)]
            near += self._by_sound.get(sound(form), ()) if len(form) >= SHORTEST_FAR else ()
            for one in near:
                slip = cost(form, one)
                if not price or not slip or len(form) >= SHORTEST_FAR:
                    found[one] = min(found.get(one, LONGEST_WORD), price + slip)
        found.pop(word, None)
        near = [(one, price) for one, price in found.items() if price <= max(most(word), MISTAKABLE)]
        near.sort(key=lambda item: PER_SLIP * item[1] - self.likelihood(item[0]))
        return tuple(near[:MOST_MEANT])

    def _mistakable(self, word: str) -> tuple[tuple[str, float], ...]:
        """The very common words of ours that a known word may be a slip of, with what that costs."""
        if word not in self.english:
            return ()
        near = [one.term for one in self._common.lookup(word, Verbosity.ALL, 1)]
        near = [
            one
            for one in near
            if one[0] == word[0] and _FORM.sub("", one) != _FORM.sub("", word) and not word.startswith(one)
        ]
        return tuple((one, price) for one, price in ((one, cost(word, one)) for one in near) if price <= MISTAKABLE)

    def save(self, directory: Path) -> None:
        """Write into an existing folder, as JSON."""
        description = {"english": self.english, "own": self.own, "pairs": self.pairs}
        (directory / LEXICON_FILE).write_text(json.dumps(description, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> "Lexicon":
        """Read what `save` wrote."""
        return cls(**json.loads((directory / LEXICON_FILE).read_text(encoding="utf-8")))


def _unrepeated(word: str) -> Iterator[tuple[str, float]]:
    """A word as it is; where it has a letter three times or more, the same with it twice and once instead."""
    if not _REPEATED.search(word):
        yield word, 0.0
        return
    yield _REPEATED.sub(r"\1\1", word), DOUBLED / 2
    yield _REPEATED.sub(r"\1", word), DOUBLED / 2


def english_words() -> dict[str, int]:
    """The words of English that symspellpy brings, commonest first; 0 for those that only count as known."""
    content = (resources.files("symspellpy") / ENGLISH_FILE).read_text(encoding="utf-8-sig")
    rows = (line.split() for line in content.splitlines())
    words = ((row[0], int(row[1])) for row in rows if len(row) == 2 and len(row[0]) <= LONGEST_WORD)
    return {word: count if place < MEANT_ENGLISH else 0 for place, (word, count) in enumerate(words)}
