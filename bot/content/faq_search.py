"""Finds FAQs by what somebody looks for: by their words, read past slips, and by what the assistant understands."""

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from bot.content.faqs import Faq, every_faq
from bot.content.markdown import to_plain_text
from bot.content.root import kept
from bot.nlu.text import slips

MOST_FOUND = 8
ENOUGH_WORDS = 0.5  # the least share, by weight, of what is looked for that an FAQ must have
ENOUGH_CONFIDENCE = 0.2  # the least with which the assistant takes it for an FAQ, where no words speak for that
WORDS_WEIGHT = 0.5  # of the share of words, beside the confidence of the assistant
IN_QUESTION = 1.25  # how much more a word counts that stands in the question itself
UNKNOWN_WORD = 1 / 3  # of all FAQs: a word that none has weighs like one that so many have
MOST_WORDS = 12  # of a search that are looked at
SHORTEST_SLIP = 4  # letters
KEPT_FAQS = 256  # of what is live and of what was before, at least
# Words that tell nothing here: small ones, and all the names that people have for a badge.
IGNORED = (
    "a an and are as at be by can do does for from how i if in is it my of on or so that the this to what when where "
    "who why will with you your badge badges cert certs certificate certificates credential credentials"
)
_IGNORED = frozenset(IGNORED.split())
_WORD = re.compile(r"\w+")


def found(words: str, understood: Mapping[str, float] | None = None) -> list[Faq]:
    """The FAQs that fit a search, best first; none where nothing fits.

    Args:
        words: as they were typed.
        understood: how surely the assistant takes them for each FAQ, by id; empty where it was not asked.
    """
    confidence, shares = understood or {}, _shares(words)
    scored = []
    for place, faq in enumerate(every_faq()):
        sure, share = confidence.get(faq.id, 0.0), shares.get(faq.id, 0.0)
        if sure >= ENOUGH_CONFIDENCE or share >= ENOUGH_WORDS:
            scored.append((-(sure + WORDS_WEIGHT * share), place, faq))
    return [faq for _, _, faq in sorted(scored, key=lambda one: one[:2])[:MOST_FOUND]]


def _shares(words: str) -> dict[str, float]:
    """By FAQ, how much of what is looked for it has: rare words weigh more, those that no FAQ has like common ones."""
    looked_at = [word[: slips.LONGEST_WORD] for word in _WORD.findall(words.lower())[:MOST_WORDS]]
    typed = (_as_spelt(word) for word in looked_at if word not in _IGNORED)
    stems = {_stem(word) for word in typed if word not in _IGNORED}
    every = every_faq()
    shares: dict[str, float] = {}
    total = 0.0
    for stem in stems:
        having = [faq for faq in every if _has(_words(faq), stem)]
        weight = math.log(1 + len(every) / (len(having) or len(every) * UNKNOWN_WORD))
        total += weight
        for faq in having:
            more = IN_QUESTION if _has(_question_words(faq), stem) else 1.0
            shares[faq.id] = shares.get(faq.id, 0.0) + more * weight
    return {faq_id: share / total for faq_id, share in shares.items()}


def _has(words: frozenset[str], stem: str) -> bool:
    return any(word.startswith(stem) for word in words)


@lru_cache(maxsize=KEPT_FAQS)
def _words(faq: Faq) -> frozenset[str]:
    return frozenset(_WORD.findall(f"{faq.question} {to_plain_text(faq.answer)}".lower()))


@lru_cache(maxsize=KEPT_FAQS)
def _question_words(faq: Faq) -> frozenset[str]:
    return frozenset(_WORD.findall(faq.question.lower()))


@kept
def _vocabulary(root: Path) -> frozenset[str]:
    return frozenset().union(*map(_words, every_faq(root)))


def _as_spelt(word: str) -> str:
    """A word as it is; where no FAQ has it, the one of theirs that is meant, if it is spelt nearly the same."""
    known, stem = _vocabulary(), _stem(word)
    if len(word) < SHORTEST_SLIP or any(one.startswith(stem) for one in known):
        return word
    near = [(slips.cost(word, one), one) for one in known if one[0] == word[0] and abs(len(one) - len(word)) <= 2]
    price, best = min(near, default=(slips.LONGEST_WORD, word))
    return best if price <= slips.most(word) else word


def _stem(word: str) -> str:
    """Without the ends that make a plural or a past: "badges" finds "badge", "expired" finds "expires"."""
    return re.sub(r"(?<=\w{4})(?:es|s|ed|ing)$", "", word)
