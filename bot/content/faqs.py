"""The FAQs by topic, for people to read: questions and answers as data/nlu/faq/ has them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.content.kinds import ANSWER_PREFIX
from bot.content.responses import responses
from bot.content.root import kept
from bot.yaml_files import read_yaml


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


@kept
def topics(root: Path) -> tuple[Topic, ...]:
    """All topics, in the order of data/topics.yml."""
    listed = read_yaml(root / "data/topics.yml")
    return tuple(Topic(entry["title"], _faqs(root, entry["file"])) for entry in listed)


def every_faq(root: Path | None = None) -> list[Faq]:
    """The questions of all topics, in their order."""
    return [faq for topic in topics(root) for faq in topic.faqs]


def find(slug: str) -> tuple[Topic, Faq] | None:
    """One FAQ and its topic."""
    return next(((topic, faq) for topic in topics() for faq in topic.faqs if faq.slug == slug), None)


def by_id(faq_id: str) -> Faq | None:
    """One FAQ."""
    return next((faq for faq in every_faq() if faq.id == faq_id), None)


def _faqs(root: Path, file: str) -> tuple[Faq, ...]:
    content = read_yaml(root / "data/nlu/faq" / f"{file}.yml")
    names = [name for name in content["responses"] if name.startswith(ANSWER_PREFIX)]
    return tuple(_faq(name, responses(root)[name][0]) for name in names)


def _faq(name: str, variant: dict[str, Any]) -> Faq:
    about = variant.get("metadata") or {}
    related = tuple(about.get("related") or ())
    return Faq(name.removeprefix(ANSWER_PREFIX), about["question"], variant["text"], related)
