"""Writes single items into the text of a content file; all texts here have lines that end in "\\n"."""

import re
from collections.abc import Sequence
from typing import Any

from bot.studio.items import InvalidContent, Item
from bot.studio.yaml_lines import Styles, YamlNode, YamlText, matched

_LINE_BREAKS = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def with_response(document: YamlText, name: str, variants: list[dict[str, Any]] | None) -> None:
    """Note what makes a response as it is wished: changed where it stands, put behind those like it, or taken out."""
    if variants is not None:
        variants = [_in_order(variant) for variant in variants]
    section = _section(document, "responses")
    if section is None or not section.children:
        if variants is not None:
            _add_section(document, "responses", section, {name: variants})
        return
    known = section.items().get(name)
    near = _near(section, name, variants or (known.value if known else []))
    styles = document.styles([*([known] if known else []), *near, *section.children])
    column = document.column(section.keys[0].outer)
    if variants is None:
        _take_out(document, section, [list(section.value).index(name)])
    elif known is not None:
        document.update(known, variants, styles, (), column)
    else:
        behind = section.children.index(near[0]) if near else len(section.children) - 1
        document.add_to_map(section, behind, name, variants, styles, ())


def with_credential(document: YamlText, credential: str, value: dict[str, Any] | None) -> None:
    """Note what makes a credential of the catalogue as it is wished; a new one goes to the end."""
    section = _section(document, "credentials")
    if section is None or not section.children:
        if value is not None:
            _add_section(document, "credentials", section, [value])
        return
    places = [place for place, one in enumerate(section.value) if str(one["id"]) == credential]
    styles = document.styles([section])
    if value is None:
        _take_out(document, section, places)
    elif places:
        document.update(section.children[places[0]], value, styles)
    else:
        document.add_to_list(section, len(section.children) - 1, value, styles, ())


def with_examples(document: YamlText, item: Item, wanted: Sequence[Sequence[str]]) -> None:
    """Note what makes the examples of a label as they are wished.

    Args:
        wanted: for each block that the file has of the label, in order; a block of which nothing is left is taken out.
    """
    section = _section(document, "nlu")
    places = [place for place, one in enumerate(section.value) if is_of(one, item)] if section else []
    if section is None or len(places) != len(wanted):
        raise InvalidContent(f"The examples of {item.name} stand in other places than expected.")
    _take_out(document, section, [place for place, examples in zip(places, wanted) if not examples])
    for place, examples in zip(places, wanted):
        if examples:
            _set_examples(document, section.children[place], examples)


def with_new_examples(document: YamlText, item: Item, examples: Sequence[str]) -> None:
    """Note what adds a label that the file did not have, behind those that are most like it."""
    section = _section(document, "nlu")
    block: dict[str, Any] = {"intent": item.name}
    if item.after:
        block["metadata"] = {"after": item.after.split(",")}
    block["examples"] = "".join(f"- {_on_one_line(example)}\n" for example in examples)
    if section is None or not section.children:
        _add_section(document, "nlu", section, [block])
        return
    likeness = [_likeness(one, item) for one in section.value]
    behind = max(range(len(likeness)), key=lambda place: (likeness[place], place))
    document.add_to_list(section, behind, block, document.styles([section]), ())


def distributed(blocks: Sequence[Sequence[str]], wanted: Sequence[str]) -> list[list[str]]:
    """The examples that are wished in the blocks in which they stand, new ones behind the one before them."""
    homes = [place for place, block in enumerate(blocks) for _ in block]
    found: list[list[str]] = [[] for _ in blocks]
    home = 0
    for example, place in zip(wanted, matched([one for block in blocks for one in block], wanted)):
        home = home if place is None else homes[place]
        found[home].append(example)
    return found


def is_of(block: dict[str, Any], item: Item) -> bool:
    """Whether a block of `nlu:` holds examples of an item."""
    return block.get("intent") == item.name and ",".join((block.get("metadata") or {}).get("after") or []) == item.after


def examples_of(block: dict[str, Any]) -> list[str]:
    """The examples of a block of `nlu:`, read as Rasa reads them."""
    examples = block.get("examples") or ""
    if isinstance(examples, list):
        return [str(one["text"] if isinstance(one, dict) else one).strip("\n\r ") for one in examples]
    return [line[1:].strip("\n\r ") for line in examples.splitlines() if line.startswith("-")]


def _set_examples(document: YamlText, block: YamlNode, wanted: Sequence[str]) -> None:
    old = examples_of(block.value)
    if old == list(wanted):
        return
    node = block.items().get("examples")
    if node is None or node.style != "|":
        raise InvalidContent(
            f"The examples of {block.value['intent']} are written in a way that only a person can change."
        )
    lines = document.text[node.start : node.end].split("\n")
    at = [number for number, line in enumerate(lines) if number and line.lstrip(" ").startswith("-")]
    if len(at) != len(old):
        raise InvalidContent(f"The examples of {block.value['intent']} have lines that only a person can change.")
    indent = (
        " " * (len(lines[at[0]]) - len(lines[at[0]].lstrip(" "))) if at else " " * (document.column(node.outer) + 2)
    )
    ends = [0]  # of the lines of the text
    for line in lines:
        ends.append(ends[-1] + len(line) + 1)
    places = matched(old, wanted)
    behind = at[0] - 1 if at else 0
    for example, place in zip(wanted, places):
        if place is not None:
            behind = at[place]
            continue
        end = node.start + ends[behind + 1] - 1
        document.replace(end, end, f"\n{indent}- {_on_one_line(example)}")
    for number in {at[place] for place in set(range(len(old))) - {one for one in places if one is not None}}:
        document.replace(node.start + ends[number] - 1, node.start + ends[number + 1] - 1, "")


def _on_one_line(example: str) -> str:
    """An example that can only be one, whatever it says."""
    if not example or example != example.strip() or _LINE_BREAKS.search(example):
        raise InvalidContent(
            "An example is one line without blanks around it: take out its line breaks and outer blanks."
        )
    return example


def _section(document: YamlText, name: str) -> YamlNode | None:
    return document.root.items().get(name) if isinstance(document.root.value, dict) else None


def _add_section(document: YamlText, name: str, section: YamlNode | None, value: Any) -> None:
    root = document.root
    if section is None:
        document.add_to_map(root, len(root.children) - 1, name, value, Styles(), ())
    else:
        document.update(section, value, Styles())


def _take_out(document: YamlText, section: YamlNode, places: Sequence[int]) -> None:
    if not places:
        return
    if len(places) == len(section.children):
        raise InvalidContent("The last of its file cannot be taken out: ask a developer to take the file out.")
    if section.kind == "map":
        document.remove_from_map(section, {list(section.value)[place] for place in places})
    else:
        document.remove_from_list(section, places)


def _near(section: YamlNode, name: str, variants: Sequence[dict[str, Any]]) -> list[YamlNode]:
    """The responses of the same group, those about the same and of the same kind first, and of these the last."""

    def likeness(one: tuple[str, YamlNode]) -> tuple[bool, bool, bool]:
        own, about = _about(variants), _about(one[1].value)
        same_kind = about.get("kind") == own.get("kind")
        return (
            _group(one[0]) == _group(name),
            same_kind and "of" in own and about.get("of") == own["of"],
            same_kind,
        )

    others = [one for one in section.items().items() if one[0] != name]
    ranked = sorted(reversed(others), key=likeness, reverse=True)
    return [node for key, node in ranked if _group(key) == _group(name)]


def _about(variants: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return (variants[0].get("metadata") or {}) if variants else {}


def _group(name: str) -> str:
    return name.partition("/")[0] if "/" in name else ""


def _likeness(block: dict[str, Any], item: Item) -> tuple[bool, bool, bool]:
    after = ",".join((block.get("metadata") or {}).get("after") or [])
    name = str(block.get("intent", ""))
    return name == item.name, after == item.after, _group(name) == _group(item.name)


def _in_order(variant: dict[str, Any]) -> dict[str, Any]:
    """The keys of a variant in the order in which the files have them."""
    order = ["channel", "text", "buttons", "metadata"]
    return {key: variant[key] for key in [*order, *variant] if key in variant}
