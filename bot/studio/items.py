"""What is edited: one response, the examples of one label, one credential; and how it is changed."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from bot.errors import BotError

# Variants of a response as YAML has them; examples; a credential. As JSON has them, so they can be kept as such.
ItemValue = list[dict[str, Any]] | list[str] | dict[str, Any]

_NAME = re.compile(r"[A-Za-z0-9_+-]{1,100}(?:/[A-Za-z0-9_-]{1,100})?")
_AFTER = re.compile(r"[a-z0-9_]{1,100}(?:,[a-z0-9_]{1,100})*")


class InvalidItem(BotError):
    """Raised where a name or a kept change cannot be read; nothing of this name can be edited."""


class InvalidContent(BotError):
    """Raised where files cannot be read, or cannot hold what is wished; the message says which and why."""


class ItemKind(str, Enum):
    """What sort of content an item is."""

    RESPONSE = "response"
    EXAMPLES = "examples"
    CREDENTIAL = "credential"


@dataclass(frozen=True, order=True)
class Item:
    """The smallest thing that is edited.

    Raises:
        InvalidItem: the name or the contexts have other characters than names in the files may have.
    """

    kind: ItemKind
    name: str  # "utter_faq/sharing_options", "faq/sharing_options", "level_1"
    after: str = ""  # where the examples count only after something: its names, as in `after: [...]`, joined by ","

    def __post_init__(self) -> None:
        """Let no name through that could be read as anything else in a file."""
        if not _NAME.fullmatch(self.name) or (self.after and not _AFTER.fullmatch(self.after)):
            raise InvalidItem("A name has only letters, digits, _ and -, and one / between its two parts.")
        if self.after and self.kind is not ItemKind.EXAMPLES:
            raise InvalidItem("Only examples can stand after something.")

    @property
    def id(self) -> str:
        """One word for it, as in "examples:affirm@account_offer"; `Item.of` reads it."""
        return f"{self.kind.value}:{self.name}" + (f"@{self.after}" if self.after else "")

    @classmethod
    def of(cls, item_id: str) -> "Item":
        """The item of an `id`; raises InvalidItem where it is none."""
        kind, _, rest = item_id.partition(":")
        name, at, after = rest.partition("@")
        if at and not after:
            raise InvalidItem("Nothing stands behind the @.")
        try:
            return cls(ItemKind(kind), name, after)
        except ValueError as error:
            raise InvalidItem("There is no such kind of content.") from error


@dataclass(frozen=True)
class Change:
    """An item before and after; None is not there.

    Args:
        path: the file into which a new item goes, relative to the root; "" for where its siblings are.
    """

    item: Item
    before: ItemValue | None
    after: ItemValue | None
    path: str = ""

    def to_json(self) -> dict[str, Any]:
        """What JSON can keep of it; `of_json` reads it."""
        return {"item": self.item.id, "before": self.before, "after": self.after, "path": self.path}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "Change":
        """The change that `to_json` gave; raises InvalidItem where it is none."""
        try:
            item = Item.of(kept["item"])
            before, after, path = kept["before"], kept["after"], kept.get("path", "")
        except (KeyError, AttributeError, TypeError) as error:
            raise InvalidItem("This is no change.") from error
        if not (fits(item.kind, before) and fits(item.kind, after) and isinstance(path, str)):
            raise InvalidItem("The change has another form than its kind of content.")
        return cls(item, before, after, path)


def fits(kind: ItemKind, value: Any) -> bool:
    """Whether a value has the form of its kind; None, which is not there, has every form."""
    if value is None:
        return True
    if kind is ItemKind.CREDENTIAL:
        return isinstance(value, dict) and bool(value) and _plain(value)
    if not isinstance(value, list) or not value:
        return False
    if kind is ItemKind.EXAMPLES:
        return all(isinstance(one, str) for one in value)
    return all(isinstance(one, dict) and one for one in value) and _plain(value)


def same_value(one: Any, other: Any) -> bool:
    """Whether two values are the same, a number being no yes or no; the order of keys does not count."""
    return as_key(one) == as_key(other)


def as_key(value: Any) -> str:
    """One text for values that are the same."""
    return json.dumps(value, sort_keys=True, default=repr)


def tidy(kind: ItemKind, value: ItemValue | None) -> ItemValue | None:
    """A value as it can be kept: examples without blanks around them, empty ones and doubles; texts with "\\n" only.

    What is left empty becomes None, so that an item without anything is not there. Whoever takes what people type calls
    this before making a Change of it.
    """
    if value is None:
        return None
    if kind is ItemKind.EXAMPLES:
        stripped = (one.replace("\r\n", "\n").strip() for one in value if isinstance(one, str))
        return list(dict.fromkeys(one for one in stripped if one)) or None
    found: ItemValue | None = _tidy(value) or None
    return found


def _tidy(value: Any) -> Any:
    if isinstance(value, str):
        lines = value.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return "\n".join(line.rstrip(" \t") for line in lines).strip("\n")
    if isinstance(value, list):
        return [_tidy(one) for one in value]
    if isinstance(value, dict):
        return {key: _tidy(one) for key, one in value.items()}
    return value


def _plain(value: Any, depth: int = 0) -> bool:
    """Whether YAML and JSON hold it alike: names as keys, and nothing in more layers than content has."""
    if isinstance(value, dict):
        named = all(isinstance(key, str) and key.isidentifier() for key in value)
        return depth < 6 and named and all(_plain(one, depth + 1) for one in value.values())
    if isinstance(value, list):
        return depth < 6 and all(_plain(one, depth + 1) for one in value)
    return value is None or isinstance(value, (str, bool, int))
