"""Changes as an editor reads them: fields with their words marked, examples added and taken away."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.site.console.content_fields import Sentence
from bot.site.console.content_titles import ItemValues, item_sort, item_title, place_of
from bot.site.console.word_changes import Piece, word_changes
from bot.studio.items import Change, Item, ItemKind

CREDENTIAL_TITLES = {"title": "Title", "earned_by": "Earned by", "valid_months": "Valid for months"}


@dataclass(frozen=True)
class ShownChange:
    """One change. `came` and `gone` are examples or names (`listed` says which), `fields` everything else."""

    item: Item
    title: str
    sort: str
    place: str = ""
    new: bool = False
    deleted: bool = False
    fields: tuple[tuple[str, Sequence[Piece]], ...] = ()
    came: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    listed: str = "examples"


def shown_change(change: Change, values: ItemValues) -> ShownChange:
    """A change for the page.

    Args:
        values: content in which items have their titles, the changed one included.
    """
    item = change.item
    before: Any = change.before
    after: Any = change.after
    came: Sequence[Any] = ()
    gone: Sequence[Any] = ()
    fields: list[tuple[str, Sequence[Piece]]] = []
    if item.kind is ItemKind.EXAMPLES:
        came, gone = _apart(before or [], after or [])
    elif item.kind is ItemKind.CREDENTIAL:
        old, new = dict(before or {}), dict(after or {})
        came, gone = _apart(old.get("names") or [], new.get("names") or [])
        pairs = [(title, str(old.get(key, "")), str(new.get(key, ""))) for key, title in CREDENTIAL_TITLES.items()]
        fields = _fields(pairs)
    else:
        fields = _fields(_pairs(Sentence.of(before), Sentence.of(after), values))
        if before and after and before != after and not fields:
            fields = [("What stands beside it", [("same", "Settings that the pages do not show")])]
    return ShownChange(
        item=item,
        title=_title(change, values),
        sort=item_sort(item),
        place=place_of(item, values),
        new=before is None,
        deleted=after is None,
        fields=tuple(fields),
        came=tuple(map(str, came)),
        gone=tuple(map(str, gone)),
        listed="names" if item.kind is ItemKind.CREDENTIAL else "examples",
    )


def _title(change: Change, values: ItemValues) -> str:
    """What the item is called; one that is taken away, by what it was."""
    if values.value(change.item) is None and change.before is not None:
        return item_title(change.item, _Before(change, values))
    return item_title(change.item, values)


class _Before:
    """Content in which one item is as it was."""

    def __init__(self, change: Change, values: ItemValues) -> None:
        self._change, self._values = change, values

    def value(self, item: Item) -> Any:
        """An item, the changed one as it was."""
        return self._change.before if item == self._change.item else self._values.value(item)


def _pairs(old: Sentence, new: Sentence, values: ItemValues) -> list[tuple[str, str, str]]:
    def related(sentence: Sentence) -> str:
        items = [Item(ItemKind.RESPONSE, f"utter_faq/{one}") for one in sentence.related]
        return "\n".join(item_title(one, values) for one in items)

    def buttons(sentence: Sentence) -> str:
        return "\n".join(f"{title} → {payload.removeprefix('/')}" for title, payload in sentence.buttons)

    return [
        ("Question", old.question, new.question),
        ("Button title", old.title, new.title),
        ("Text", old.text, new.text),
        ("In Slack", old.slack, new.slack),
        ("Related answers", related(old), related(new)),
        ("Buttons", buttons(old), buttons(new)),
    ]


def _fields(pairs: Sequence[tuple[str, str, str]]) -> list[tuple[str, Sequence[Piece]]]:
    return [(name, word_changes(old, new)) for name, old, new in pairs if old != new]


def _apart(before: Sequence[Any], after: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """What came and what went."""
    old, new = set(before), set(after)
    return [one for one in after if one not in old], [one for one in before if one not in new]
