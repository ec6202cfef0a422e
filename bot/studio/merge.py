"""What becomes of an item that two people have changed, and what differs between two readings."""

from collections.abc import Mapping, Sequence
from difflib import unified_diff
from pathlib import Path
from typing import Any, cast

from bot.errors import BotError
from bot.studio.content import Content, read_text
from bot.studio.items import Change, Item, ItemKind, ItemValue, same_value


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
    before, ours = change.before, change.after
    if same_value(ours, before) or same_value(ours, current):
        return current
    if same_value(current, before):
        return ours
    try:
        if ours is None or current is None:
            raise _Clash
        if change.item.kind is ItemKind.EXAMPLES:
            return _merged_set(cast(list[str], before or []), cast(list[str], ours), cast(list[str], current)) or None
        if change.item.kind is ItemKind.CREDENTIAL:
            return cast(dict[str, Any], _merged_value("", before, ours, current))
        return _merged_variants(before, ours, current)
    except _Clash as error:
        raise Conflict(change.item, before, ours, current) from error


class _Clash(Exception):
    """Two sides made different things of the same."""


def _merged_set(before: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """What they have, without what we took away and with what we added, each behind the one that stands before it."""
    gone = set(before) - set(ours)
    known = {*before, *theirs}
    added: dict[str | None, list[str]] = {}
    neighbour = None
    for one in ours:
        if one in known:
            neighbour = one
        else:
            added.setdefault(neighbour, []).append(one)
            known.add(one)
    found = added.pop(None, [])
    for one in theirs:
        found += [one] * (one not in gone) + added.pop(one, [])
    return [*found, *(one for rest in added.values() for one in rest)]


def _merged_variants(before: Any, ours: Any, theirs: Any) -> list[dict[str, Any]]:
    """Variants by their channel, then key by key."""
    sides = [_by_channel(side) for side in (before, ours, theirs)]
    merged_sides = _merged_maps(*sides)
    if not merged_sides:
        raise _Clash
    return list(merged_sides.values())


def _by_channel(variants: Any) -> dict[str, Any]:
    if variants is None:
        raise _Clash
    found = {str(one.get("channel", "")): one for one in variants}
    if len(found) < len(variants):
        raise _Clash  # several of one channel, of which one is said by chance: nobody can say which is which
    return found


def _merged_maps(before: Mapping[str, Any], ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for key in dict.fromkeys([*theirs, *ours]):
        value = _merged_value(key, before.get(key, _ABSENT), ours.get(key, _ABSENT), theirs.get(key, _ABSENT))
        if value is not _ABSENT:
            found[key] = value
    return found


def _merged_value(key: str, before: Any, ours: Any, theirs: Any) -> Any:
    if same_value(ours, before) or same_value(ours, theirs):
        return theirs
    if same_value(theirs, before):
        return ours
    if all(isinstance(side, dict) for side in (before, ours, theirs)):
        return _merged_maps(before, ours, theirs)
    if key == "names" and all(isinstance(side, list) for side in (before, ours, theirs)):
        return _merged_set(before, ours, theirs)
    raise _Clash


_ABSENT = object()


def difference(before: Content, after: Content) -> list[Change]:
    """What has to be changed to come from one reading to the other, item by item, each with its file."""
    items = dict.fromkeys([*after.items(), *before.items()])
    return [
        Change(item, before.value(item), after.value(item), after.path(item) or before.path(item))
        for item in items
        if not same_value(before.value(item), after.value(item))
    ]


def patch(before_root: Path, files: Mapping[str, str | None]) -> str:
    """A unified diff that `git apply` takes, "" where nothing differs.

    Args:
        before_root: the folder to which it applies.
        files: the new text of each file that may differ, by its path relative to the folder; None takes it away.
    """
    return "".join(_patch_of(path, _text_or_none(before_root, path), files[path]) for path in sorted(files))


def _text_or_none(root: Path, path: str) -> str | None:
    return read_text(root, path) if (root / path).exists() else None


def _patch_of(path: str, before: str | None, after: str | None) -> str:
    if before == after:
        return ""
    head = [f"diff --git a/{path} b/{path}\n"]
    if before is None:
        head.append("new file mode 100644\n")
    if after is None:
        head.append("deleted file mode 100644\n")
    lines = unified_diff(
        _lines(before or ""),
        _lines(after or ""),
        "/dev/null" if before is None else f"a/{path}",
        "/dev/null" if after is None else f"b/{path}",
    )
    return "".join([*head, *(line if line.endswith("\n") else f"{line}{_NO_LINE_END}" for line in lines)])


_NO_LINE_END = "\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    """The lines with their ends, which are "\\n" alone: other signs that break lines stand within texts."""
    return [f"{line}\n" for line in text.split("\n")[:-1]] + [rest for rest in [text.rpartition("\n")[2]] if rest]
