"""What becomes of an item that two people have changed, and what differs between two readings."""

from collections.abc import Mapping
from pathlib import Path

from bot.errors import BotError
from bot.studio.content import Content
from bot.studio.items import Change, Item, ItemValue


class Conflict(BotError):
    """Raised where two changes of one item cannot both hold; somebody has to choose."""

    def __init__(self, item: Item, before: ItemValue | None, ours: ItemValue | None, theirs: ItemValue | None) -> None:
        """Keep the three values between which it is chosen; None is not there."""
        super().__init__(f"{item.name} has been changed in two ways.")
        self.item, self.before, self.ours, self.theirs = item, before, ours, theirs


def merged(change: Change, current: ItemValue | None) -> ItemValue | None:
    """What an item becomes where `change` was made on an older value than the current one.

    Examples merge as sets: what either side added or took away holds. A response merges by variant and key, a
    credential by key.

    Raises:
        Conflict: both sides changed the same thing in different ways.
    """
    raise NotImplementedError


def difference(before: Content, after: Content) -> list[Change]:
    """What has to be changed to come from one reading to the other, item by item, each with its file."""
    items = dict.fromkeys([*after.items(), *before.items()])
    return [
        Change(item, before.value(item), after.value(item), after.path(item) or before.path(item))
        for item in items
        if before.value(item) != after.value(item)
    ]


def patch(before_root: Path, files: Mapping[str, str | None]) -> str:
    """A unified diff that `git apply` takes, "" where nothing differs.

    Args:
        before_root: the folder to which it applies.
        files: the new text of each file that may differ, by its path relative to the folder; None takes it away.
    """
    raise NotImplementedError
