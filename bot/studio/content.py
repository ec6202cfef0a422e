"""Reads the content of a folder item by item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from bot.content.kinds import ANSWER_PREFIX
from bot.errors import BotError
from bot.studio.items import Change, Item, ItemKind, ItemValue
from bot.yaml_files import read_yaml

DOMAIN_FILE, TRAINING_FOLDER = "domain.yml", "data/nlu"
CATALOGUE_FILE, TOPICS_FILE = "data/catalogue.yml", "data/topics.yml"
FAQ_FOLDER = f"{TRAINING_FOLDER}/faq"


class InvalidContent(BotError):
    """Raised where files cannot be read, or cannot hold what is wished; the message says which and why."""


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
        paths = [DOMAIN_FILE, *training_files(root), CATALOGUE_FILE, TOPICS_FILE]
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


def changed_files(root: Path, changes: Sequence[Change]) -> dict[str, str]:
    """The new text of each file that changes touch, by its path relative to the root.

    Only the lines of the items change: comments, order, quoting and folding of all else stay byte for byte, and so do
    the line ends of the file: write the text as bytes (`text.encode()`), never through newline translation. What
    `before` says does not count here: merge first where content may have moved on.

    Raises:
        InvalidContent: the result would not read back as exactly the values wished, or nobody can say where a new item
            goes; the message says what to do.
    """
    raise NotImplementedError


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
    if path == CATALOGUE_FILE:
        return [(Item(ItemKind.CREDENTIAL, str(one["id"])), one) for one in held["credentials"] or []]
    found: list[tuple[Item, Any]] = [
        (Item(ItemKind.RESPONSE, name), variants) for name, variants in (held.get("responses") or {}).items()
    ]
    for block in held.get("nlu") or []:
        if "intent" in block:
            after = (block.get("metadata") or {}).get("after") or []
            found.append((Item(ItemKind.EXAMPLES, block["intent"], ",".join(after)), examples_of(block)))
    return found


def examples_of(block: Mapping[str, Any]) -> list[str]:
    """The examples of a block of `nlu:`, read as Rasa reads them."""
    examples = block.get("examples") or ""
    if isinstance(examples, list):
        return [str(one["text"] if isinstance(one, dict) else one).strip("\n\r ") for one in examples]
    return [line[1:].strip("\n\r ") for line in examples.splitlines() if line.startswith("-")]


def _read(root: Path, path: str) -> Any:
    try:
        return read_yaml(root / path)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidContent(f"{path} cannot be read.") from error
    except yaml.YAMLError as error:
        raise InvalidContent(
            f"{path} is no YAML any more. Its last change has to be taken back or put right."
        ) from error
