"""Reads the content of a folder item by item."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from os.path import commonprefix
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import yaml

from bot.content.kinds import ANSWER_PREFIX
from bot.studio.items import Change, Item, ItemKind, ItemValue, fits, same_value
from bot.studio.items import InvalidContent as InvalidContent
from bot.studio.writing import (
    distributed,
    examples_of,
    is_of,
    with_credential,
    with_examples,
    with_new_examples,
    with_response,
)
from bot.studio.yaml_lines import YamlText, load_yaml

DOMAIN_FILE, TRAINING_FOLDER = "domain.yml", "data/nlu"
CREDENTIALS_FILE, TOPICS_FILE = "data/catalogue.yml", "data/topics.yml"
FAQ_FOLDER = f"{TRAINING_FOLDER}/faq"
BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class FaqContent:
    """One question of the FAQ with all that belongs to it."""

    id: str
    topic: str  # the name of its file
    topic_title: str
    question: str
    title: str  # of the button
    answer: Item
    examples: Item
    facts: tuple[Item, ...] = ()  # responses that say one sentence of it
    related: tuple[str, ...] = ()
    slack: bool = False  # whether the answer has a variant for Slack


@dataclass(frozen=True)
class _Entry:
    value: Any
    path: str


@dataclass(frozen=True)
class Content:
    """An immutable reading of a folder's content."""

    root: Path
    files: Mapping[str, Any] = field(repr=False)  # what each file holds, by its path relative to the root
    _entries: Mapping[Item, _Entry] = field(repr=False)

    @classmethod
    def read(cls, root: Path) -> "Content":
        """What stands in a folder now.

        Raises:
            InvalidContent: a file is missing or is no content.
        """
        paths = [DOMAIN_FILE, *training_files(root), CREDENTIALS_FILE, TOPICS_FILE]
        return cls.of(root, {path: _read(root, path) for path in paths})

    @classmethod
    def of(cls, root: Path, files: Mapping[str, Any]) -> "Content":
        """Content of files that have been read; raises InvalidContent where one has another form."""
        entries: dict[Item, _Entry] = {}
        for path, held in files.items():
            try:
                for item, value in items_of(path, held):
                    known = entries.get(item)
                    if known is None:
                        entries[item] = _Entry(value, path)
                    elif item.kind is ItemKind.EXAMPLES:
                        known.value.extend(value)
                    else:
                        raise InvalidContent(f"{item.name} stands twice: in {known.path} and in {path}.")
            except (AttributeError, KeyError, TypeError) as error:
                raise InvalidContent(f"{path} has another form than content has.") from error
        return cls(root=root, files=MappingProxyType(dict(files)), _entries=MappingProxyType(entries))

    def items(self) -> list[Item]:
        """All items, in the order of the files."""
        return list(self._entries)

    def value(self, item: Item) -> ItemValue | None:
        """What an item is; None where it is not there. Not to be changed: copy it first."""
        entry = self._entries.get(item)
        return entry.value if entry else None

    def path(self, item: Item) -> str:
        """The file of an item (the first, where its examples stand in several), relative to the root; "" for none."""
        entry = self._entries.get(item)
        return entry.path if entry else ""

    def faqs(self) -> list[FaqContent]:
        """The questions of the FAQ, in the order of the topics and of their files."""
        facts: dict[str, list[Item]] = {}
        answers: dict[str, list[Item]] = {}
        for item, entry in self._entries.items():
            if item.kind is not ItemKind.RESPONSE:
                continue
            if item.name.startswith(ANSWER_PREFIX):
                answers.setdefault(entry.path, []).append(item)
            about = entry.value[0].get("metadata") or {}
            if about.get("kind") == "fact":
                facts.setdefault(str(about.get("of", "")), []).append(item)
        return [
            self._faq(item, topic, facts)
            for topic in self.files[TOPICS_FILE]
            for item in answers.get(topic_file(topic["file"]), [])
        ]

    def _faq(self, answer: Item, topic: Mapping[str, str], facts: Mapping[str, Sequence[Item]]) -> FaqContent:
        variants = self._entries[answer].value
        about = variants[0].get("metadata") or {}
        faq_id = answer.name.removeprefix(ANSWER_PREFIX)
        return FaqContent(
            id=faq_id,
            topic=topic["file"],
            topic_title=topic["title"],
            question=about.get("question", ""),
            title=about.get("title", ""),
            answer=answer,
            examples=Item(ItemKind.EXAMPLES, answer.name.removeprefix("utter_")),
            facts=tuple(facts.get(faq_id, ())),
            related=tuple(about.get("related") or ()),
            slack=any(variant.get("channel") == "slack" for variant in variants),
        )


def training_files(root: Path) -> list[str]:
    """The files of data/nlu relative to the root, in the order in which they are read."""
    return [path.relative_to(root).as_posix() for path in sorted((root / TRAINING_FOLDER).rglob("*.yml"))]


def topic_file(topic: str) -> str:
    """The file of a topic's answers and examples."""
    return f"{FAQ_FOLDER}/{topic}.yml"


def items_of(path: str, held: Any) -> list[tuple[Item, Any]]:
    """The items of one file as they stand there, those of a label once for each block of its examples."""
    if path == TOPICS_FILE:
        return []
    if path == CREDENTIALS_FILE:
        return [(Item(ItemKind.CREDENTIAL, str(one["id"])), one) for one in held["credentials"] or []]
    found: list[tuple[Item, Any]] = [
        (Item(ItemKind.RESPONSE, name), variants) for name, variants in (held.get("responses") or {}).items()
    ]
    for block in held.get("nlu") or []:
        if "intent" in block:
            after = (block.get("metadata") or {}).get("after") or []
            found.append((Item(ItemKind.EXAMPLES, block["intent"], ",".join(after)), examples_of(block)))
    return found


def changed_files(root: Path, changes: Sequence[Change]) -> dict[str, str]:
    """The new text of each file that changes touch, by its path relative to the root.

    Only the lines of the items change: comments, order, quoting and folding of all else stay byte for byte, and so do
    the line ends of the file: write the text as bytes (`text.encode()`), never through newline translation. What
    `before` says does not count here: merge first where content may have moved on.

    Raises:
        InvalidContent: the result would not read back as exactly the values wished, or nobody can say where a new item
            goes; the message says what to do.
    """
    content = Content.read(root)
    wanted = {change.item: change for change in changes}
    if len(wanted) < len(changes):
        raise InvalidContent("One thing is changed twice at once: make one change of it.")
    files = _Files(root)
    for change in wanted.values():
        if not fits(change.item.kind, change.after):
            raise InvalidContent(f"{change.item.name} has another form than its kind of content.")
        if not same_value(content.value(change.item), change.after):
            _write(files, content, change, wanted)
    texts = files.changed()
    _verify(content, texts, wanted)
    return texts


class _Files:
    """Files while they are changed; their lines end in "\\n" for that time."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._before: dict[str, str] = {}
        self._documents: dict[str, YamlText] = {}

    def change(self, path: str, edit: Callable[[YamlText], None]) -> None:
        if path not in self._documents:
            self._before[path] = read_text(self._root, path)
            plain = self._before[path].removeprefix(BYTE_ORDER_MARK).replace("\r\n", "\n")
            self._documents[path] = YamlText(plain)
        try:
            edit(self._documents[path])
            if not self._documents[path].settled:
                self._documents[path] = YamlText(self._documents[path].changed())
        except InvalidContent as error:
            raise InvalidContent(f"{path}: {error}") from error

    def changed(self) -> dict[str, str]:
        found = {}
        for path, document in self._documents.items():
            text, before = document.changed(), self._before[path]
            if "\r\n" in before:
                text = text.replace("\n", "\r\n")
            text = BYTE_ORDER_MARK * before.startswith(BYTE_ORDER_MARK) + text
            if text != before:
                found[path] = text
        return found


def _write(files: _Files, content: Content, change: Change, wanted: Mapping[Item, Change]) -> None:
    item, after = change.item, change.after
    if item.kind is ItemKind.CREDENTIAL:
        if after is not None and cast(dict[str, Any], after).get("id") != item.name:
            raise InvalidContent("The id of a credential stays what it is: others know it by that.")
        files.change(
            CREDENTIALS_FILE, lambda document: with_credential(document, item.name, cast(dict[str, Any], after))
        )
    elif item.kind is ItemKind.RESPONSE:
        path = content.path(item) or home(content, change, wanted)
        files.change(path, lambda document: with_response(document, item.name, cast(list[dict[str, Any]], after)))
    elif content.value(item) is None:
        examples = cast(list[str], after)
        files.change(home(content, change, wanted), lambda document: with_new_examples(document, item, examples))
    else:
        _write_examples(files, content, item, cast(list[str], after or []))


def _write_examples(files: _Files, content: Content, item: Item, wanted: Sequence[str]) -> None:
    blocks = [
        (path, examples_of(block))
        for path, held in content.files.items()
        for block in (held.get("nlu") or [] if isinstance(held, dict) else [])
        if is_of(block, item)
    ]
    by_path: dict[str, list[list[str]]] = {}
    for (path, _), examples in zip(blocks, distributed([one for _, one in blocks], wanted)):
        by_path.setdefault(path, []).append(examples)
    for path, of_blocks in by_path.items():
        files.change(path, partial(with_examples, item=item, wanted=of_blocks))


def home(content: Content, change: Change, changes: Mapping[Item, Change]) -> str:
    """The file into which a new item goes; raises InvalidContent where nobody can say."""
    if change.path:
        if change.path not in content.files or change.path in (CREDENTIALS_FILE, TOPICS_FILE):
            raise InvalidContent(f"{change.path} is no file of answers and examples: choose one that is there.")
        return change.path
    item = change.item
    if item.kind is ItemKind.EXAMPLES:
        beside = Item(ItemKind.RESPONSE, f"utter_{item.name}")
    else:
        beside = Item(ItemKind.EXAMPLES, item.name.removeprefix("utter_"))
    if not item.after:
        found = content.path(beside) or (changes[beside].path if beside in changes else "")
        if found:
            return found
    ranked = max(
        (one for one in content.items() if one.kind is item.kind),
        key=lambda one: _kinship(one, item),
    )
    kinship = _kinship(ranked, item)
    if item.name.startswith(("faq/", ANSWER_PREFIX)):
        raise InvalidContent("Say to which topic the new question belongs.")
    if item.kind is ItemKind.RESPONSE and not kinship[0]:
        return DOMAIN_FILE
    if not any(kinship[:2]):
        raise InvalidContent(f"Say into which file {item.name} goes: nothing there is like it.")
    return content.path(ranked)


def _kinship(one: Item, other: Item) -> tuple[bool, bool, int]:
    """How much two items belong together: of one group, after the same, beginning with the same letters."""
    group, own = other.name.partition("/")[0], one.name.partition("/")[0]
    same_group = "/" in other.name and "/" in one.name and group == own
    return same_group, bool(other.after) and one.after == other.after, len(commonprefix([one.name, other.name]))


def _verify(content: Content, texts: Mapping[str, str], wanted: Mapping[Item, Change]) -> None:
    """Raise InvalidContent unless new texts read back as what was there before, with the changes and nothing else."""
    files = {**content.files, **{path: _loaded(text, path) for path, text in texts.items()}}
    after = Content.of(content.root, files)
    for item in dict.fromkeys([*content.items(), *after.items(), *wanted]):
        wish = wanted[item].after if item in wanted else content.value(item)
        if not same_value(after.value(item), wish):
            raise InvalidContent(f"{item.name} could not be written as it is wished: {_WHY_NOT}")
    for path in texts:
        if _beside_items(content.files[path]) != _beside_items(files[path]):
            raise InvalidContent(f"{path} would not be what it was before beside the change: {_WHY_NOT}")


_WHY_NOT = "most likely it has characters that are no text. Take them out, or ask a developer to change it in the file."


def _beside_items(held: Any) -> Any:
    if not isinstance(held, dict):
        return held
    rest = {key: value for key, value in held.items() if key not in ("responses", "nlu", "credentials")}
    return rest, [block for block in held.get("nlu") or [] if "intent" not in block]


def read_text(root: Path, path: str) -> str:
    """The text of a file with the line ends that it has; raises InvalidContent where it cannot be read."""
    try:
        return (root / path).read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidContent(f"{path} cannot be read.") from error


def _read(root: Path, path: str) -> Any:
    return _loaded(read_text(root, path), path)


def _loaded(text: str, path: str) -> Any:
    try:
        return load_yaml(text)
    except yaml.YAMLError as error:
        raise InvalidContent(f"{path} is no YAML any more: put its last change right.") from error
