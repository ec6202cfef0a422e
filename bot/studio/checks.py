"""Looks through changes for what would go wrong or be read wrongly once they are live."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from bot.studio.content import Content
from bot.studio.items import Change, Item

# Vectors of texts, one row each, of unit length: an array of numbers, which whoever gives it may have kept.
Likeness = Callable[[Sequence[str]], Any]


class Severity(str, Enum):
    """How much a finding matters."""

    ERROR = "error"  # nothing may be published with it
    WARNING = "warning"  # somebody should look at it


@dataclass(frozen=True)
class ContentFinding:
    """Something to put right, or to look at, in a change."""

    level: Severity
    item: Item
    field: str  # "text", "buttons", "title", "question", "names" ...; for examples the example itself
    message: str  # for an editor; says what to do
    about: str = ""  # what it clashes with: the other example, say
    variant: int = 0  # which of the variants of a response, from 0


def check(
    content: Content,
    changes: Sequence[Change],
    *,
    likeness: Likeness | None,
    test_texts: Callable[[], Mapping[str, str]],
    settings_links: Container[str],
    masked: Callable[[str], str],
) -> list[ContentFinding]:
    """What is wrong with changes, errors first; only what they bring, not what stood there before.

    Args:
        content: what they are made on.
        changes: at most one for each item.
        likeness: gives vectors of texts; None where meaning is not asked.
        test_texts: gives the messages of the tests and what they are meant as; asked only where examples are new.
        settings_links: the names of links that settings give an address.
        masked: blacks out personal data, as `bot.insight.masking` does.
    """
    raise NotImplementedError
