"""The FAQs by topic, for people to read: questions and answers as data/nlu/faq/ has them."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.content.kinds import ANSWER_PREFIX
from bot.content.markdown import to_plain_text
from bot.content.responses import responses
from bot.nlu.text import slips

_WORD = re.compile(r"\w+")
MOST_WORDS = 12  # of a search that are looked at
SHORTEST_SLIP = 4  # letters
# Words that tell nothing here: small ones, and all the names that people have for a badge.
IGNORED = (
    "a an and are as at be by can do does for from how i if in is it my of on or so that the this to what when where "
    "who why will with you your badge badges cert certs certificate certificates credential credentials"
)
_IGNORED = frozenset(IGNORED.split())


@dataclass(frozen=True)
class Faq:
    """One question with its answer in Markdown; `slug` is its address."""

    id: str
    question: str
    answer: str
    related: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        """As in /faq/<slug>."""
        return self.id.replace("_", "-")


@dataclass(frozen=True)
class Topic:
    """Questions that belong together."""

    title: str
    faqs: tuple[Faq, ...]


@lru_cache(maxsize=2)
def topics(root: Path = Path(".")) -> tuple[Topic, ...]:
    """All topics, in the order of data/topics.yml."""
    listed = yaml.safe_load((root / "data/topics.yml").read_text(encoding="utf-8"))
    return tuple(Topic(entry["title"], _faqs(root, entry["file"])) for entry in listed)


def find(slug: str) -> tuple[Topic, Faq] | None:
    """One FAQ and its topic."""
    return next(((topic, faq) for topic in topics() for faq in topic.faqs if faq.slug == slug), None)


def by_id(faq_id: str) -> Faq | None:
    """One FAQ."""
    return next((faq for topic in topics() for faq in topic.faqs if faq.id == faq_id), None)


def search(words: str) -> tuple[Topic, ...]:
    """The topics with those FAQs only that have every word of a search, as the beginning of a word.

    A word that none has is read as the nearest one that some have, where it may be a slip of it.
    """
    typed = (_as_spelt(word) for word in _WORD.findall(words.lower())[:MOST_WORDS] if word not in _IGNORED)
    wanted = [word for word in typed if word not in _IGNORED]
    found = (Topic(topic.title, tuple(faq for faq in topic.faqs if _has(faq, wanted))) for topic in topics())
    return tuple(topic for topic in found if topic.faqs)


def _has(faq: Faq, wanted: list[str]) -> bool:
    return all(any(word.startswith(_stem(one)) for word in _words(faq)) for one in wanted)


@lru_cache(maxsize=64)
def _words(faq: Faq) -> frozenset[str]:
    return frozenset(_WORD.findall(f"{faq.question} {to_plain_text(faq.answer)}".lower()))


def _as_spelt(word: str) -> str:
    """A word as it is; where no FAQ has it, the one of theirs that is meant, if it is spelt nearly the same."""
    known = frozenset().union(*(_words(faq) for topic in topics() for faq in topic.faqs))
    if len(word) < SHORTEST_SLIP or any(one.startswith(_stem(word)) for one in known):
        return word
    near = [(slips.cost(word, one), one) for one in known if one[0] == word[0] and abs(len(one) - len(word)) <= 2]
    price, best = min(near, default=(slips.LONGEST_WORD, word))
    return best if price <= slips.most(word) else word


def _stem(word: str) -> str:
    """Without the ends that make a plural or a past: "badges" finds "badge", "expired" finds "expires"."""
    return re.sub(r"(?<=\w{4})(?:es|s|ed|ing)$", "", word)


def _faqs(root: Path, file: str) -> tuple[Faq, ...]:
    content = yaml.safe_load((root / "data/nlu/faq" / f"{file}.yml").read_text(encoding="utf-8"))
    names = [name for name in content["responses"] if name.startswith(ANSWER_PREFIX)]
    return tuple(_faq(name, responses(root)[name][0]) for name in names)


def _faq(name: str, variant: dict[str, Any]) -> Faq:
    about = variant.get("metadata") or {}
    related = tuple(about.get("related") or ())
    return Faq(name.removeprefix(ANSWER_PREFIX), about["question"], variant["text"], related)
