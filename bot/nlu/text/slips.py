"""How far a typed word is from one that may be meant: little for what fingers and ears mix up, much for the rest."""

import re
from functools import lru_cache

LONGEST_WORD = 24  # letters of a word that is compared; no word of ours is longer
_SAME_SOUND = ("ck", "cq", "kq", "cs", "sz", "gj", "fv", "td", "mn", "iy", "bp", "uw")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_VOWELS = frozenset("aeiouy")
DOUBLED, SWAPPED, SOUND, NEIGHBOUR, VOWEL = 0.5, 0.6, 0.6, 0.7, 0.7
LEFT_OUT, TOO_MANY, OTHER = 0.85, 0.95, 1.8
FIRST_LETTER = 0.4  # on top: people rarely get it wrong
_LIMITS = ((10, 2.2), (7, 1.7), (5, 1.25), (4, 1.0), (0, 0.6))  # slips that a word of so many letters may have
SAME_KEY = 1.2  # words that sound the same, however they are spelt
FURTHER = 0.25  # share of what their letters differ by beyond that
SHORTEST_KEY = 3  # sounds
_SOUNDS = (
    (re.compile(r"([a-z])\1+"), r"\1"),
    (re.compile(r"^(?:kn|gn|pn)"), "n"),
    (re.compile(r"^wr"), "r"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"gh(?=t|$)"), ""),
    (re.compile(r"(?:ti|ci|si|sh)(?=o|a|u|e)|sch|ch"), "x"),
    (re.compile(r"sh"), "x"),
    (re.compile(r"c(?=[eiy])"), "s"),
    (re.compile(r"ck|[cq]"), "k"),
    (re.compile(r"z"), "s"),
    (re.compile(r"dg(?=[eiy])|g(?=[ei])"), "j"),
    (re.compile(r"(?<=.)[aeiouyhw]"), ""),
    (re.compile(r"([a-z])\1+"), r"\1"),
)


def _pairs(groups: tuple[str, ...]) -> frozenset[str]:
    return frozenset(one + other for group in groups for one in group for other in group if one != other)


def _neighbours() -> frozenset[str]:
    beside = {row[i : i + 2] for row in _ROWS for i in range(len(row) - 1)}
    below = {a + b for up, low in zip(_ROWS, _ROWS[1:]) for i, b in enumerate(low) for a in up[i : i + 2]}
    return frozenset(pair for one in beside | below for pair in (one, one[::-1]))


_ALIKE, _BESIDE = _pairs(_SAME_SOUND), _neighbours()


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """A key that words which sound alike share: "sertifikit" and "certificate", "recieve" and "receive"."""
    for pattern, by in _SOUNDS:
        word = pattern.sub(by, word)
    return word


@lru_cache(maxsize=50_000)
def cost(typed: str, right: str) -> float:
    """How unlikely it is that `typed` is a slip of `right`: 0 for the same, about 1 for a slip.

    Args:
        typed: a word in small letters.
        right: the word that may be meant.
    """
    if typed == right:
        return 0.0
    if max(len(typed), len(right)) > LONGEST_WORD:
        return float(LONGEST_WORD)
    found = _edits(typed, right)
    if found > SAME_KEY and _sounds_like(typed, right):
        return min(found, SAME_KEY + FURTHER * (found - SAME_KEY))
    return found


def most(typed: str) -> float:
    """What the slips of a word may cost together, by its length."""
    return next(slips for letters, slips in _LIMITS if len(typed) >= letters)


def _sounds_like(typed: str, right: str) -> bool:
    key = sound(right)
    return len(key) >= SHORTEST_KEY and abs(len(typed) - len(right)) <= 2 and sound(typed) == key


def _edits(typed: str, right: str) -> float:
    """The cheapest way of edits (optimal string alignment), row by row."""
    before: list[float] = []
    row = [0.0]
    for j in range(len(right)):
        row.append(row[-1] + _missing(right, j))
    for i, letter in enumerate(typed):
        earlier, before = before, row
        row = [before[0] + _extra(typed, i)]
        for j, wanted in enumerate(right):
            best = before[j] if letter == wanted else before[j] + _instead(letter, wanted, i, j)
            best = min(best, before[j + 1] + _extra(typed, i), row[j] + _missing(right, j))
            if i and j and letter == right[j - 1] and typed[i - 1] == wanted != letter:
                best = min(best, earlier[j - 1] + SWAPPED + (FIRST_LETTER if i == 1 else 0.0))
            row.append(best)
    return row[-1]


def _missing(right: str, place: int) -> float:
    """A letter that was not typed."""
    if place == 0:
        return LEFT_OUT + FIRST_LETTER
    return DOUBLED if right[place] == right[place - 1] else LEFT_OUT


def _extra(typed: str, place: int) -> float:
    """A letter too many."""
    if place == 0:
        return TOO_MANY + FIRST_LETTER
    if typed[place] == typed[place - 1]:
        return DOUBLED
    return NEIGHBOUR if typed[place] + typed[place - 1] in _BESIDE else TOO_MANY


def _instead(letter: str, wanted: str, i: int, j: int) -> float:
    """Another letter than the one that belongs there."""
    pair = letter + wanted
    if pair in _ALIKE:
        return SOUND
    worse = FIRST_LETTER if i == 0 or j == 0 else 0.0
    if letter in _VOWELS and wanted in _VOWELS:
        return VOWEL + worse
    return (NEIGHBOUR if pair in _BESIDE else OTHER) + worse
