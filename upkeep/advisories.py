"""The reviewed list of advisories, docs/advisories.yml: what is known of our pins, and what shields us."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from upkeep.pins import normal

REVIEWED_LIST = Path("docs/advisories.yml")


class BadList(Exception):
    """The list cannot be used as it is written."""


@dataclass(frozen=True, kw_only=True)
class Review:
    """What was decided about the advisories of one pinned package.

    `advisories` is what each is about, by its id; `unverified` are others that are known without an id that was seen.
    """

    package: str
    version: str
    advisories: dict[str, str]
    unverified: tuple[str, ...]
    reached: str
    shield: str
    fixed: str
    reviewed: date
    until: date


@dataclass(frozen=True)
class Finding:
    """What an advisory database says of a pin; `ids` are all names of one advisory."""

    package: str
    version: str
    ids: frozenset[str]
    fixed: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """In one line."""
        fixed = f"; fixed in {', '.join(self.fixed)}" if self.fixed else ""
        return f"{self.package} {self.version}: {', '.join(sorted(self.ids))}{fixed}"


def read(path: Path = REVIEWED_LIST) -> list[Review]:
    """The list; raises BadList."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        return [_review(one, content) for one in content["packages"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise BadList(f"{path}: {type(error).__name__}: {error}") from error


def _review(one: dict[str, Any], defaults: dict[str, Any]) -> Review:
    return Review(
        package=normal(one["package"]),
        version=str(one["version"]),
        advisories=dict(one.get("advisories") or {}),
        unverified=tuple(one.get("unverified") or ()),
        reached=one["reached"],
        shield=one["shield"],
        fixed=str(one["fixed"]),
        reviewed=one.get("reviewed", defaults["reviewed"]),
        until=one.get("until", defaults["until"]),
    )


def problems(reviews: Iterable[Review], pinned: set[tuple[str, str]], today: date) -> Iterator[str]:
    """What is wrong with the list itself: it speaks of other versions, or was not looked at for too long."""
    for review in reviews:
        if (review.package, review.version) not in pinned:
            now = ", ".join(sorted(version for name, version in pinned if name == review.package)) or "not at all"
            yield f"{review.package} {review.version} is on the list, pinned is {now}: look at its advisories again."
        if review.until < today:
            yield f"{review.package} {review.version}: the review has run out on {review.until}."


def unreviewed(findings: Iterable[Finding], reviews: Iterable[Review]) -> list[Finding]:
    """What a database knows and the list does not."""
    known = {(one.package, one.version, name) for one in reviews for name in one.advisories}
    return [one for one in findings if not any((one.package, one.version, name) in known for name in one.ids)]
