"""Changes single values in the text of a YAML file, and leaves every other character where it stands."""

import itertools
import json
import re
from collections import defaultdict, deque
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from bot.studio.items import InvalidContent, as_key, same_value

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# What YAML holds as it is; libyaml takes the others for line breaks or for nothing at all.
UNPRINTABLE = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_TO_ESCAPE = re.compile(f'["\\\\\n\t\r]|{UNPRINTABLE.pattern}')


@dataclass
class YamlNode:
    """A value where it stands in the text: from `start` up to `end`, in characters."""

    kind: str  # "scalar", "map", "list" or "alias"
    start: int
    end: int  # without blank lines and comments behind it
    outer: int  # where its anchor begins, if it has one, else as `start`
    lead: int = 0  # behind the colon or dash before it
    anchor: str = ""
    style: str = ""  # of a scalar: "" plain, '"', "'", "|", ">"
    flow: bool = False  # in brackets
    value: Any = None
    keys: list["YamlNode"] = field(default_factory=list)  # of a map, one for each child
    children: list["YamlNode"] = field(default_factory=list)

    def items(self) -> dict[str, "YamlNode"]:
        """The children of a map by key."""
        return dict(zip(self.value, self.children))


@dataclass(frozen=True)
class YamlStyle:
    """How a value is written."""

    quotes: str = ""  # as `YamlNode.style`
    flow: bool = False  # in brackets
    indent: int = 0  # of the dashes of a list behind the column of its key


Keys = tuple[str, ...]  # from the top of a value; "-" for what stands in a list itself, nothing for its place there


class Styles:
    """How others of the file are written; looked at only as far as somebody asks."""

    def __init__(self, entries: Iterable[tuple[Keys, YamlStyle]] = ()) -> None:
        """Take the styles by their keys, the best first."""
        self._entries = iter(entries)
        self._known: dict[Keys, YamlStyle] = {}

    def get(self, path: Keys) -> YamlStyle | None:
        """The first style of a path, None where nobody has one."""
        while path not in self._known:
            entry = next(self._entries, None)
            if entry is None:
                return None
            self._known.setdefault(*entry)
        return self._known[path]


class YamlText:
    """The text of a file with the place of every value; each change is noted and made by `changed`."""

    def __init__(self, text: str) -> None:
        """Read a text whose lines end in "\\n"; raises InvalidContent where it is no YAML that can be changed."""
        self.text = text
        try:
            held = load_yaml(text)
            self.root = _Reader(text).read()
        except yaml.YAMLError as error:
            raise InvalidContent("The file is no YAML any more: put its last change right.") from error
        self._aliases: dict[str, list[tuple[YamlNode, int]]] = defaultdict(list)
        self._edits: list[tuple[int, int, str]] = []
        self._anchors: dict[str, _Anchor] = {}  # those whose value changes
        self._left: set[int] = set()  # places of aliases that are no more
        self.settled = True  # whether changes of other values can still be noted
        _attach(self.root, held)
        self._note_aliases(self.root, 0)

    def changed(self) -> str:
        """The text with all changes that were noted."""
        for anchor in self._anchors.values():
            self._settle(anchor)
        self._anchors.clear()
        parts, end = [], 0
        for start, stop, instead in sorted(self._edits, key=lambda edit: edit[:2]):
            if start < end:
                raise InvalidContent("These changes touch the same lines: make them one after the other.")
            parts += [self.text[end:start], instead]
            end = stop
        return "".join([*parts, self.text[end:]])

    def replace(self, start: int, end: int, instead: str) -> None:
        """Note that what stands from `start` up to `end` becomes `instead`."""
        self._edits.append((start, end, instead))

    def update(self, node: YamlNode, new: Any, styles: Styles, path: Keys = (), column: int = 0) -> None:
        """Note what makes a value another, in the style of what is there.

        Args:
            node: the value; `new` is what it becomes.
            styles: how values are written that come new with it.
            path: of the value, for `styles`.
            column: of the key or dash that it stands behind, in characters.
        """
        if same_value(node.value, new):
            return
        if node.kind == "alias":
            self._update_alias(node, new, styles, path, column)
        elif node.kind == "map" and isinstance(new, dict) and any(key in new for key in node.value):
            self._note_anchor(node, new)
            self._update_map(node, new, styles, path)
        elif node.kind == "list" and isinstance(new, list) and new and node.children:
            self._note_anchor(node, new)
            self._update_list(node, new, styles, path)
        else:
            self._replace_whole(node, new, styles, path, column)

    def remove_from_map(self, node: YamlNode, gone: set[str]) -> None:
        """Note that keys of a map go with their values; at least one stays."""
        places = [place for place, key in enumerate(node.value) if key in gone]
        for place in places:
            self._leave(node.children[place])
        self._remove(node, places, [key.outer for key in node.keys])

    def remove_from_list(self, node: YamlNode, places: Sequence[int]) -> None:
        """Note that values of a list go; at least one stays."""
        for place in places:
            self._leave(node.children[place])
        starts = [child.outer if node.flow else self.dash(child) for child in node.children]
        self._remove(node, places, starts)

    def add_to_map(self, node: YamlNode, behind: int, key: str, value: Any, styles: Styles, path: Keys) -> None:
        """Note a new key of a map with its value.

        Args:
            behind: the place of the key behind which it goes, -1 for the beginning.
        """
        column = self.column(node.keys[0].outer)
        flow = node.flow
        words = f"{scalar(key, '', column, flow)}:" + rendered(value, styles, path, column, flow)
        self._add(node, behind, words, [one.outer for one in node.keys], column)

    def add_to_list(self, node: YamlNode, behind: int, value: Any, styles: Styles, path: Keys) -> None:
        """Note a new value of a list; `behind` as in `add_to_map`."""
        if node.flow:
            words = rendered(value, styles, path, 0, True).lstrip()
            self._add(node, behind, words, [one.outer for one in node.children], 0)
            return
        column = self.column(self.dash(node.children[0]))
        self._add(node, behind, in_list(value, styles, path, column), [self.dash(one) for one in node.children], column)

    def styles(self, nodes: Iterable[YamlNode]) -> "Styles":
        """How values are written, by their keys: as in the first of these that has one there."""
        return Styles(entry for node in nodes for entry in self._styles_within(node, ()))

    def _styles_within(self, node: YamlNode, path: Keys) -> Iterator[tuple[Keys, YamlStyle]]:
        if node.kind == "alias":
            return
        block_list = node.kind == "list" and not node.flow and bool(node.children)
        indent = self.column(self.dash(node.children[0])) - self._key_column(node) if block_list else 0
        yield path, YamlStyle(node.style, node.flow, max(indent, 0))
        for key, child in node.items().items() if node.kind == "map" else ():
            yield from self._styles_within(child, (*path, key))
        for child in node.children if node.kind == "list" else ():
            yield (*path, "-"), YamlStyle(child.style, child.flow)
            yield from itertools.islice(self._styles_within(child, path), 1, None)

    def _key_column(self, node: YamlNode) -> int:
        line = self.text[self.text.rfind("\n", 0, node.lead) + 1 : node.lead]
        return len(line) - len(line.lstrip(" -"))

    def column(self, place: int) -> int:
        """How many characters stand before a place on its line."""
        return place - (self.text.rfind("\n", 0, place) + 1)

    def dash(self, child: YamlNode) -> int:
        """Where the dash of a value of a list stands."""
        place = child.outer - 1
        while place >= 0 and self.text[place] in " \n":
            place -= 1
        if place < 0 or self.text[place] != "-":
            raise InvalidContent("A list of this file is written in a way that only a person can change.")
        return place

    def line_end(self, place: int) -> int:
        """Where the line ends in which a place is."""
        end = self.text.find("\n", place)
        return len(self.text) if end < 0 else end

    def _update_map(self, node: YamlNode, new: Mapping[str, Any], styles: Styles, path: Keys) -> None:
        column = self.column(node.keys[0].outer)
        for place, (key, child) in enumerate(zip(node.value, node.children)):
            if key in new:
                self.update(child, new[key], styles, (*path, key), column)
                for added in _following(key, node.value, new):
                    self.add_to_map(node, place, added, new[added], styles, (*path, added))
        for added in _following("", node.value, new):
            self.add_to_map(node, -1, added, new[added], styles, (*path, added))
        gone = set(node.value) - set(new)
        if gone:
            self.remove_from_map(node, gone)

    def _update_list(self, node: YamlNode, new: Sequence[Any], styles: Styles, path: Keys) -> None:
        old = [as_key(child.value) for child in node.children]
        places = matched(old, [as_key(one) for one in new])
        column = 0 if node.flow else self.column(self.dash(node.children[0]))
        gone: list[int] = []
        before, run = -1, []
        for value, place in [*zip(new, places), (None, len(old))]:
            if place is None:
                run.append(value)
                continue
            free = list(range(before + 1, place))
            for one, instead in zip(free, run):
                self.update(node.children[one], instead, styles, path, column)
            gone += free[len(run) :]
            behind = free[-1] if free else before
            added = run[len(free) :]
            for one in added:
                self.add_to_list(node, behind, one, styles, path)
            before, run = place, []
        if gone:
            self.remove_from_list(node, gone)

    def _replace_whole(self, node: YamlNode, new: Any, styles: Styles, path: Keys, column: int) -> None:
        if node.kind != "scalar" or node.anchor:
            self._leave(node)
        in_brackets = self._in_brackets(node)
        if node.kind == "scalar" and not isinstance(new, (dict, list)):
            becomes_longer = isinstance(new, str) and "\n" in new and "\n" not in str(node.value)
            quotes = "|" if becomes_longer else node.style
            words = scalar(new, quotes, self._block_column(node, column), in_brackets)
            space = "" if self.text[node.outer - 1 : node.outer] in (" ", "\n", "[", "{", "") else " "
            self.replace(node.outer, node.end, space + words)
            return
        self.replace(node.lead, node.end, rendered(new, styles, path, column, in_brackets))

    def _block_column(self, node: YamlNode, column: int) -> int:
        """The column of the lines of a block scalar as it has been, else two behind its key."""
        if node.style in ("|", ">"):
            for line in self.text[node.start : node.end].split("\n")[1:]:
                if line.strip():
                    return len(line) - len(line.lstrip(" "))
        return column + 2

    def _in_brackets(self, node: YamlNode) -> bool:
        return any(one.flow and one.start < node.outer < one.end for one in _all(self.root))

    def _add(self, node: YamlNode, behind: int, words: str, starts: Sequence[int], column: int) -> None:
        self.settled = False
        if node.flow:
            if behind < 0:
                self.replace(starts[0], starts[0], f"{words}, ")
            else:
                end = node.children[behind].end
                self.replace(end, end, f", {words}")
            return
        if behind < 0:
            self.replace(starts[0], starts[0], words + "\n" + " " * column)
            return
        end = self.line_end(node.children[behind].end)
        apart = "\n" * self._apart(node, starts)
        self.replace(end, end, f"\n{apart}{' ' * column}{words}")

    def _apart(self, node: YamlNode, starts: Sequence[int]) -> bool:
        """Whether blank lines stand between the values of a block: before its last one, or before it itself."""
        if len(starts) < 2:
            return False
        return "\n\n" in self.text[node.children[-2].end : starts[-1]]

    def _remove(self, node: YamlNode, places: Sequence[int], starts: Sequence[int]) -> None:
        removed = set(places)
        kept = [place for place in range(len(starts)) if place not in removed]
        if not kept:
            raise InvalidContent("Something has to stay of it.")
        first = kept[0]
        if first > 0 and (node.flow or self._shares_line(starts[0])):
            self.replace(starts[0], starts[first], "")
            removed -= set(range(first))
        for place in sorted(removed):
            if node.flow:
                self.replace(node.children[place - 1].end, node.children[place].end, "")
                continue
            start = starts[place] - self.column(starts[place])
            end = min(self.line_end(node.children[place].end) + 1, len(self.text))
            blank_before = self.text[max(start - 2, 0) : start] == "\n\n"
            if blank_before and (end == len(self.text) or self.text[end] == "\n"):
                start -= 1
            self.replace(start, end, "")

    def _shares_line(self, place: int) -> bool:
        return bool(self.text[place - self.column(place) : place].strip())

    def _note_aliases(self, node: YamlNode, column: int) -> None:
        for place, child in enumerate(node.children):
            own = node.keys[place].outer if node.keys else child.outer
            own = self.column(own) if node.keys or node.flow else self.column(self.dash(child))
            if child.kind == "alias":
                self._aliases[child.anchor].append((child, own))
            self._note_aliases(child, own)

    def _leave(self, node: YamlNode) -> None:
        """Note that a value is no more: its anchors go on elsewhere, its aliases are none any more."""
        self.settled = False
        for one in _all(node):
            if one.kind == "alias":
                self._left.add(one.outer)
            elif one.anchor:
                self._anchors[one.anchor] = _Anchor(one, None, stays=False)

    def _note_anchor(self, node: YamlNode, new: Any) -> None:
        if node.anchor:
            self.settled = False
            self._anchors[node.anchor] = _Anchor(node, new, stays=True)

    def _update_alias(self, node: YamlNode, new: Any, styles: Styles, path: Keys, column: int) -> None:
        """Let an alias follow its anchor where that changes in the same way, else write the value out."""
        self.settled = False
        self._left.add(node.outer)
        anchor = self._anchors.get(node.anchor)
        words = rendered(new, styles, path, column, self._in_brackets(node))
        if anchor and anchor.stays and same_value(anchor.new, new):
            anchor.followers.append((node, words))
        else:
            self.replace(node.lead, node.end, words)

    def _settle(self, anchor: "_Anchor") -> None:
        """Let an anchor's value stand where it is first used elsewhere, so that the others keep it."""
        node = anchor.node
        keeping = [one for one in self._aliases[node.anchor] if one[0].outer not in self._left]
        if not keeping:
            return
        for follower, words in anchor.followers:
            self.replace(follower.lead, follower.end, words)
        if anchor.stays:
            self.replace(node.lead, node.outer + len(node.anchor) + 1, "")
        alias, column = keeping[0]
        words = rendered(node.value, self.styles([node]), (), column, self._in_brackets(alias))
        self.replace(alias.lead, alias.end, f" &{node.anchor}{words}")


@dataclass
class _Anchor:
    """An anchor whose value changes or goes, and the aliases that change in the same way."""

    node: YamlNode
    new: Any
    stays: bool
    followers: list[tuple[YamlNode, str]] = field(default_factory=list)


class _Reader:
    """Makes nodes of the events of the parser."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._events: Iterator[Any] = yaml.parse(text, Loader=_Loader)

    def read(self) -> YamlNode:
        for event in self._events:
            if isinstance(event, yaml.NodeEvent):
                return self._node(event)
        raise InvalidContent("The file is empty.")

    def _node(self, event: Any) -> YamlNode:
        start, end = event.start_mark.index, event.end_mark.index
        anchor = event.anchor or ""
        if isinstance(event, yaml.AliasEvent):
            return YamlNode(kind="alias", start=start, end=end, outer=start, anchor=anchor)
        if event.tag and not isinstance(event, yaml.ScalarEvent) and self._text[start] == "!":
            raise InvalidContent("Tags (!...) cannot be changed here.")
        inner = self._behind_anchor(start) if anchor else start
        if isinstance(event, yaml.ScalarEvent):
            style = event.style or ""
            end = self._end_of_block(inner, end) if style in ("|", ">") else end
            return YamlNode(kind="scalar", start=inner, end=end, outer=start, anchor=anchor, style=style)
        node = YamlNode(
            kind="map" if isinstance(event, yaml.MappingStartEvent) else "list",
            start=inner,
            end=end,
            outer=start,
            anchor=anchor,
            flow=bool(event.flow_style),
        )
        return self._collected(node)

    def _collected(self, node: YamlNode) -> YamlNode:
        for event in self._events:
            if isinstance(event, yaml.CollectionEndEvent):
                node.end = _index(event.end_mark)
                if not node.flow and node.children:
                    node.end = node.children[-1].end
                break
            child = self._node(event)
            if node.kind == "map":
                node.keys.append(child)
                lead = self._text.find(":", child.end) + 1
                child = self._node(next(self._events))
                child.lead = lead
            else:
                child.lead = child.outer if node.flow else self._behind_dash(child.outer)
            node.children.append(child)
        return node

    def _behind_dash(self, place: int) -> int:
        while self._text[place - 1] in " \n":
            place -= 1
        return place

    def _behind_anchor(self, start: int) -> int:
        found = re.compile(r"&\S+\s*").match(self._text, start)
        return found.end() if found else start

    def _end_of_block(self, start: int, end: int) -> int:
        """Without the blank lines behind it, but where they count."""
        header = self._text[start : self._text.find("\n", start)]
        if "+" in header.partition("#")[0]:
            return end - 1 if self._text[end - 1] == "\n" else end
        while True:
            line = self._text.rfind("\n", start, end)
            if line < 0 or self._text[line:end].strip():
                return end
            end = line


def load_yaml(text: str) -> Any:
    """What a text holds; raises yaml.YAMLError where it is no YAML."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506  the safe loader, in C


def scalar(value: Any, style: str, column: int, in_brackets: bool) -> str:
    """A single value as YAML.

    Args:
        style: how it is wished: "" plain, '"', "'", "|" or ">"; where a text cannot be written so, it is in quotes.
        column: of the lines of a text of several lines, in characters.
        in_brackets: whether it stands in a list or map in brackets.
    """
    if not isinstance(value, str):
        return json.dumps(value)
    wishes_block = style in ("|", ">") or ("\n" in value and style == "")
    if wishes_block and not in_brackets and _fits_block(value):
        lines = (" " * column + line if line else "" for line in value.rstrip("\n").split("\n"))
        return "\n".join(["|" if value.endswith("\n") else "|-", *lines])
    if style not in ('"', "'") and _fits_plain(value, in_brackets):
        return value
    if style == "'" and "\n" not in value and not UNPRINTABLE.search(value):
        return "'" + value.replace("'", "''") + "'"
    return '"' + _TO_ESCAPE.sub(_escaped, value) + '"'


def rendered(value: Any, styles: Styles, path: Keys, column: int, in_brackets: bool, in_block: bool = False) -> str:
    """A value as it stands behind its key and colon, with the blank or line break between.

    Args:
        styles: how others of the same path are written.
        column: of the key, in characters.
        in_block: whether it is written in lines of its own, whatever the others are.
    """
    like = YamlStyle() if in_block else styles.get(path)
    if not isinstance(value, (dict, list)) or not value:
        quotes = "|" if "\n" in str(value) else like.quotes if like else ""
        return " " + (json.dumps(value) if value in ([], {}) else scalar(value, quotes, column + 2, in_brackets))
    if in_brackets or (like is not None and like.flow) or (like is None and _flat(value)):
        return f" {_bracketed(value, styles, path)}"
    if isinstance(value, dict):
        inner = column + 2
        lines = (
            f"{' ' * inner}{scalar(key, '', inner, False)}:{rendered(one, styles, (*path, key), inner, False)}"
            for key, one in value.items()
        )
        return "\n" + "\n".join(lines)
    inner = column + (like.indent if like else 0)
    return "\n" + "\n".join(" " * inner + in_list(one, styles, path, inner) for one in value)


def in_list(value: Any, styles: Styles, path: Keys, column: int) -> str:
    """A value with its dash, which stands in a column."""
    like = styles.get((*path, "-"))
    if isinstance(value, dict) and value and not (like is not None and like.flow):
        return "- " + rendered(value, styles, path, column, False, in_block=True).lstrip()
    if isinstance(value, (dict, list)):
        return f"- {_bracketed(value, styles, path)}"
    return "- " + scalar(value, like.quotes if like else "", column + 2, False)


def matched(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[int | None]:
    """For each new value the place of the old one that it is, in rising order; None for what is new or has moved."""
    places: dict[Hashable, deque[int]] = defaultdict(deque)
    for place, one in enumerate(old):
        places[one].append(place)
    found: list[int | None] = []
    last = -1
    for one in new:
        free = places.get(one)
        while free and free[0] <= last:
            free.popleft()
        if free:
            last = free.popleft()
            found.append(last)
        else:
            found.append(None)
    return found


def _following(key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The keys that come new right behind one that was there; "" for those before all others."""
    found, taken = [], key == ""
    for one in new:
        if one in old:
            taken = one == key
        elif taken:
            found.append(one)
    return found


def _flat(value: Any) -> bool:
    """Whether a value is short enough for brackets where nobody shows how it is written."""
    inner = value.values() if isinstance(value, dict) else value
    return not any(isinstance(one, (dict, list)) or "\n" in str(one) for one in inner)


def _bracketed(value: Any, styles: Styles, path: Keys) -> str:
    if isinstance(value, dict):
        parts = (
            f"{scalar(key, '', 0, True)}:{rendered(one, styles, (*path, key), 0, True)}" for key, one in value.items()
        )
        return "{" + ", ".join(parts) + "}"
    if isinstance(value, list):
        like = styles.get((*path, "-"))
        parts = (
            _bracketed(one, styles, path)
            if isinstance(one, (dict, list))
            else scalar(one, like.quotes if like else "", 0, True)
            for one in value
        )
        return "[" + ", ".join(parts) + "]"
    return scalar(value, "", 0, True)


def _fits_block(text: str) -> bool:
    lines = text.split("\n")
    starts_well = bool(lines[0]) and lines[0][0] not in " \t"
    ends_well = not text.endswith("\n\n") and not UNPRINTABLE.search(text)
    return starts_well and ends_well and not any(line and not line.strip() for line in lines)


def _fits_plain(text: str, in_brackets: bool) -> bool:
    if not text or text != text.strip() or "\n" in text or UNPRINTABLE.search(text):
        return False
    try:
        around = "{k: %s, l: 1}" if in_brackets else "k: %s\nl: 1"
        read = load_yaml(around % text)
    except yaml.YAMLError:
        return False
    return same_value(read, {"k": text, "l": 1})


def _escaped(match: re.Match[str]) -> str:
    letter = match.group()
    code = ord(letter)
    plain = f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return _ESCAPES.get(letter, plain)


def _attach(node: YamlNode, value: Any) -> None:
    node.value = value
    if node.kind == "map":
        if not isinstance(value, dict) or len(value) != len(node.children):
            raise InvalidContent("A name stands twice in one place of the file: take one of the two out.")
        for child, one in zip(node.children, value.values()):
            _attach(child, one)
    elif node.kind == "list":
        for child, one in zip(node.children, value):
            _attach(child, one)


def _all(node: YamlNode) -> Iterator[YamlNode]:
    yield node
    for child in node.children:
        yield from _all(child)


def _index(mark: Any) -> int:
    place: int = mark.index
    return place
