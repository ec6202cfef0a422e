"""Puts misspelt words right before a message is read; what the person typed stays as it is elsewhere.

A word that no list knows is read as the likeliest one that may be meant: how often we use it, how well it goes with the
words beside it, less what the slip costs (slips.py). The limits were chosen on the noise of bench/misspelt.py.
"""

from collections.abc import Iterable
from math import log, log1p
from pathlib import Path

from bot.nlu.text import foreign
from bot.nlu.text.lexicon import LEAST_LETTERS, PER_SLIP, VERY_COMMON, Lexicon
from bot.nlu.text.slips import LONGEST_WORD, SWAPPED, most
from bot.nlu.text.words import Spelt, Word, around, rewritten, words

# What is no slip, but how people write in a hurry.
SHORT_FORMS = {
    "abt": "about",
    "acct": "account",
    "alrdy": "already",
    "bcoz": "because",
    "bcos": "because",
    "becoz": "because",
    "cld": "could",
    "cud": "could",
    "cudnt": "couldnt",
    "gud": "good",
    "hav": "have",
    "luk": "look",
    "msg": "message",
    "nothin": "nothing",
    "nuthin": "nothing",
    "rcvd": "received",
    "recd": "received",
    "rly": "really",
    "shld": "should",
    "shud": "should",
    "shudnt": "shouldnt",
    "smth": "something",
    "sumone": "someone",
    "sumthin": "something",
    "thru": "through",
    "tmrw": "tomorrow",
    "wd": "would",
    "wld": "would",
    "wud": "would",
    "wudnt": "wouldnt",
}
MOST_CORRECTED, MOST_WEIGHED = 40, 100  # words of a message
BESIDE_WEIGHT = 0.8  # weight of the words beside it
OFTEN_USED = 10  # places in our examples
UNUSED_LETTERS, UNUSED_LIMIT = 6, 0.7  # for words that our examples hardly use: reading them right gains little
SHORT_LIMIT, SHORT_BESIDE = 0.85, 1.5  # of three letters
NAMES_LETTERS, NAMES_LIMIT = 6, 1.0  # a capital within a sentence is mostly a name
SHORTEST_NAME = 5  # of those that only have two letters swapped
RATHER_THAN_A_WORD = 3.5  # how much likelier another word must be than one that is a word itself
RARE, OFTEN_MEANT = 60, 1.5  # and how much more yet where our examples have it so often
SPLIT = 0.9  # what a missing blank costs
SHORTEST_SPLIT, SHORTEST_PART, COMMON_PART = 5, 3, 30
SINGLE = ("a", "i")
FEWEST_TOGETHER = 3
SELDOM = 0.3  # places that two words count as having where our examples have none
JOINED_AT, JOINED_TIMES, JOINED_LETTERS = 50, 5, 6
MOST_DOUBTFUL = 0.4  # share of the words of a message: with more, it is not English, or nothing can be told
LEAST_TO_JUDGE = 3
MOST_STRANGERS = 1  # small words of other languages that may be slips


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
        found = self._joined(text, words(text))
        for word in found:
            word.read = SHORT_FORMS.get(word.read, word.read)
        unknown = [place for place, word in enumerate(found) if self._unknown(word)]
        strangers = {place for place in unknown if self._foreign(found[place].read)}
        if len(found) < LEAST_TO_JUDGE or len(strangers) > MOST_STRANGERS:
            unknown = [place for place in unknown if place not in strangers]
        for place in unknown[:MOST_CORRECTED]:
            found[place].read = self._meant(found[place], *around(found, place))
        found = self._joined(text, found)
        for place, word in enumerate(found[:MOST_WEIGHED]):
            if not word.changed and not word.named and word.base == word.plain:
                word.read = self._meant_instead(word, *around(found, place))
        if not any(word.changed for word in found) or self._strange(found) or foreign.language(text):
            return Spelt(text)
        return rewritten(text, found)

    def _unknown(self, word: Word) -> bool:
        if self.lexicon.knows(word.read):
            return False
        return word.base == word.plain or not self.lexicon.knows(word.base)

    def _foreign(self, word: str) -> bool:
        """Whether it is a small word of another language."""
        return any(word in foreign.function_words(code) for code in foreign.IN_LATIN_SCRIPT)

    def _strange(self, found: list[Word]) -> bool:
        """Whether so many words are unknown, or read as words that we do not use, that it is hardly English."""
        doubtful = sum(
            not self.lexicon.knows(word.read) or (word.changed and not self._common(word.read)) for word in found
        )
        return len(found) >= LEAST_TO_JUDGE and doubtful > MOST_DOUBTFUL * len(found)

    def _common(self, word: str) -> bool:
        return all(self.lexicon.own.get(one, 0) >= OFTEN_USED for one in word.split())

    def _meant(self, word: Word, before: str, after: str) -> str:
        """The likeliest word, or words, of those that are likely enough; what was typed where none is."""
        typed = word.read
        if (
            not LEAST_LETTERS - 1 <= len(typed) <= LONGEST_WORD
            or not typed.isalpha()
            or not typed.isascii()
            or word.abbreviated
        ):
            return typed
        options = [
            (self._likelihood(one, before, after) - PER_SLIP * price, one)
            for one, price in self.lexicon.meant(typed)
            if self._believed(word, one, price, before, after)
        ]
        if not word.named and len(typed) >= SHORTEST_SPLIT and not self._foreign(typed):
            options += self._splits(typed)
        return max(options, default=(0.0, typed))[1]

    def _meant_instead(self, word: Word, before: str, after: str) -> str:
        """Another word of ours for one that is a word itself, where its neighbours tell: "my bade", "i wont to"."""
        typed, own = word.read, self.lexicon.own
        if len(typed) < LEAST_LETTERS - 1 or not typed.isascii() or word.abbreviated:
            return typed
        mistakable = self.lexicon.mistakable(typed)
        if not mistakable or self._goes(typed, before, after):
            return typed
        here = self._beside(typed, before, after) + log1p(own.get(typed, 0))
        options = [
            (self._beside(one, before, after) + log1p(own.get(one, 0)) - here - PER_SLIP * price, one)
            for one, price in mistakable
            if self._goes(one, before, after)
        ]
        gain, best = max(options, default=(0.0, typed))
        return best if gain > RATHER_THAN_A_WORD + (OFTEN_MEANT if own.get(typed, 0) >= RARE else 0.0) else typed

    def _believed(self, word: Word, right: str, price: float, before: str, after: str) -> bool:
        """Whether a word is likely enough to be read instead of what was typed."""
        typed, own = word.read, self.lexicon.own.get(right, 0)
        if len(typed) < LEAST_LETTERS:
            if own < VERY_COMMON or price > SHORT_LIMIT:
                return False
            return price <= SWAPPED or self._beside(right, before, after) >= SHORT_BESIDE
        if word.named:
            sure = len(right) >= NAMES_LETTERS and own >= OFTEN_USED and price <= NAMES_LIMIT
            return sure or (len(right) >= SHORTEST_NAME and own >= VERY_COMMON and price <= SWAPPED)
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
        return self.lexicon.likelihood(word) + BESIDE_WEIGHT * self._beside(word, before, after)

    def _beside(self, word: str, before: str, after: str) -> float:
        """How well a word goes with those around it."""
        return log1p(self.lexicon.together(before, word)) + log1p(self.lexicon.together(word, after))

    def _splits(self, typed: str) -> list[tuple[float, str]]:
        """Two words that often stand together, where the blank between them is missing."""
        found, own = [], self.lexicon.own
        for place in range(1, len(typed)):
            left, right = typed[:place], typed[place:]
            together = self.lexicon.together(left, right)
            common = (
                min(own.get(left, 0), own.get(right, 0)) >= VERY_COMMON and min(len(left), len(right)) >= SHORTEST_PART
            )
            if common or (together >= FEWEST_TOGETHER and (place > 1 or left in SINGLE)):
                share = max(together, SELDOM) / own[left]
                likely = self.lexicon.likelihood(left) + log(share)
                found.append((likely - PER_SLIP * SPLIT, f"{left} {right}"))
        return found

    def _joined(self, text: str, parts: list[Word]) -> list[Word]:
        """The same with words put together that a blank has torn: "linked in", "creden tial"."""
        found: list[Word] = []
        for word in parts:
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
            return len(whole) >= JOINED_LETTERS
        named = whole not in lexicon.english
        return named and often >= JOINED_AT and often >= JOINED_TIMES * lexicon.together(left, right)
