"""How a model answers the test questions, and how it reads the messages of the tests' conversations; kept by model.

All of it takes a model a minute or two, and is asked for again at each trial until something else goes live.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bot.evaluation.accuracy import Judged, summary
from bot.evaluation.conversations import Played
from bot.evaluation.examples import questions
from bot.nlu.encoding import encoder
from bot.studio.reading import AskedText
from bot.studio.suite import SuiteConversation, played_json, played_of_json, suite
from bot.whole_files import replacing

READING_CODE = Path(encoder.__file__).parents[1]  # bot/nlu: what reads a text may change with it
TWINS_FILE = Path("data/twins.yml")
FORMER_ANSWERS = 4  # models whose answers are kept


@dataclass(frozen=True)
class AskedMaterial:
    """What the tests ask: labelled questions by the name of their file, and conversations.

    `digest` tells it, and the code that reads it, from all others.
    """

    rows: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict, repr=False)
    conversations: tuple[SuiteConversation, ...] = field(default=(), repr=False)
    digest: str = ""

    @classmethod
    def read(cls, folder: Path) -> "AskedMaterial":
        """Of a folder such as tests/data; empty where it is not installed. Raises BadFile."""
        files = sorted(folder.glob("*.jsonl"))
        rows = {file.stem: questions(file) for file in files}
        talks = suite(folder / "conversations")
        return cls(rows, tuple(talks), _digest([*files, *sorted((folder / "conversations").glob("*.yml"))]))

    @property
    def count(self) -> int:
        """How many questions there are."""
        return sum(map(len, self.rows.values()))


@dataclass
class ModelAnswers:
    """What one model made of the tests.

    Attributes:
        judged: by file of questions, in its order; None for what was not asked yet.
        labels: how messages of conversations are read, by `reading_key`.
        played: conversations, by `SuiteConversation.key`.
    """

    judged: dict[str, list[Judged | None]] = field(default_factory=dict)
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    played: dict[str, Played] = field(default_factory=dict)

    @classmethod
    def none_of(cls, material: AskedMaterial) -> "ModelAnswers":
        """Nothing was asked yet."""
        return cls({name: [None] * len(rows) for name, rows in material.rows.items()})

    def reports(self, places: Iterable[tuple[str, int]] | None = None) -> dict[str, dict[str, Any]]:
        """`accuracy.summary` by file, of all questions that were asked, or of some by file and place."""
        chosen: dict[str, list[Judged]] = {}
        for name, place in self.places() if places is None else places:
            judged = self.judged[name][place]
            if judged is not None:
                chosen.setdefault(name, []).append(judged)
        return {name: summary(found) for name, found in chosen.items()}

    def places(self) -> list[tuple[str, int]]:
        """The file and place of all questions."""
        return [(name, place) for name, found in self.judged.items() for place in range(len(found))]

    @property
    def complete(self) -> bool:
        """Whether all questions were asked."""
        return all(judged is not None for found in self.judged.values() for judged in found)


class KeptAnswers:
    """Keeps `ModelAnswers` in a folder."""

    def __init__(self, folder: Path, material: AskedMaterial) -> None:
        """Those to this material alone."""
        self._folder, self._material = folder, material

    def find(self, model: Path) -> ModelAnswers | None:
        """The answers of an archive; None where they are not kept."""
        try:
            stored = json.loads(self._file(model).read_text(encoding="utf-8"))
            judged: dict[str, list[Judged | None]] = {
                name: [_judged(one) for one in found] for name, found in stored["judged"].items()
            }
            return ModelAnswers(
                judged,
                {key: tuple(labels) for key, labels in stored["labels"].items()},
                {key: played_of_json(played) for key, played in stored["played"].items()},
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, model: Path, answers: ModelAnswers) -> None:
        """Keep the answers of an archive to all questions; a full disk costs time at the next trial, nothing else."""
        stored = {
            "judged": {name: [asdict(one) for one in found if one] for name, found in answers.judged.items()},
            "labels": answers.labels,
            "played": {key: played_json(one) for key, one in answers.played.items()},
        }
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            file = self._file(model)
            with replacing(file) as unfinished:
                unfinished.write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")
            for former in sorted(self._folder.glob("*.json"), key=lambda path: -path.stat().st_mtime)[FORMER_ANSWERS:]:
                former.unlink()

    def _file(self, model: Path) -> Path:
        with model.open("rb") as file:
            digest = hashlib.blake2b(file.read(), digest_size=8).hexdigest()
        return self._folder / f"{digest}-{self._material.digest}.json"


def reading_key(asked: AskedText) -> str:
    """What tells a text with its context from others."""
    return json.dumps([asked.text, asked.context], sort_keys=True)


def _judged(stored: Mapping[str, Any]) -> Judged:
    lists = ("expect", "got", "offered", "after")
    values: dict[str, Any] = {name: tuple(value) if name in lists else value for name, value in stored.items()}
    return Judged(**values)


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for file in [*files, *sorted(READING_CODE.rglob("*.py")), TWINS_FILE]:
        if file.is_file():
            digest.update(f"\0{file.name}\0".encode() + file.read_bytes())
    return digest.hexdigest()
