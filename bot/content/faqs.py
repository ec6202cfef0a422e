"""The FAQs by topic, for people to read: questions and answers as data/nlu/faq/ has them."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.content.kinds import ANSWER_PREFIX
from bot.content.responses import responses


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


def every_faq() -> list[Faq]:
    """The questions of all topics, in their order."""
    return [faq for topic in topics() for faq in topic.faqs]


def find(slug: str) -> tuple[Topic, Faq] | None:
    """One FAQ and its topic."""
    return next(((topic, faq) for topic in topics() for faq in topic.faqs if faq.slug == slug), None)


def by_id(faq_id: str) -> Faq | None:
    """One FAQ."""
    return next((faq for faq in every_faq() if faq.id == faq_id), None)


def _faqs(root: Path, file: str) -> tuple[Faq, ...]:
    content = yaml.safe_load((root / "data/nlu/faq" / f"{file}.yml").read_text(encoding="utf-8"))
    names = [name for name in content["responses"] if name.startswith(ANSWER_PREFIX)]
    return tuple(_faq(name, responses(root)[name][0]) for name in names)


def _faq(name: str, variant: dict[str, Any]) -> Faq:
    about = variant.get("metadata") or {}
    related = tuple(about.get("related") or ())
    return Faq(name.removeprefix(ANSWER_PREFIX), about["question"], variant["text"], related)
