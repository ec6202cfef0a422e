"""Questions that were not answered, grouped by meaning, and the file in which an editor gathers the good ones."""

import datetime
import fcntl
import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from bot.content.kinds import ResponseKind, kind_of
from bot.conversations.store import Message
from bot.insight.analytics import ANSWERED, CLARIFIED, LOOKED_UP, NOT_UNDERSTOOD, TURNED_DOWN, became_of
from bot.insight.masking import masked

REVIEW_FILE = Path("var/review.yml")
SEEN_FILE = Path("var/review_seen.txt")  # keys, a line each, of questions that an editor has seen to
UNCLEAR_DECLINE = "utter_out_of_scope/other_near"  # of what is near the FAQ and no topic of its own
DECLINE_PREFIX = "utter_out_of_scope/"
ALIKE = 0.62  # cosine from which two questions mean nearly the same
MOST_QUESTIONS, FEWEST_WORDS = 2000, 2  # questions of a period, words of a question
UNANSWERED = (CLARIFIED, TURNED_DOWN, NOT_UNDERSTOOD)
MARKUP = re.compile(r"\[([^\[\]]*)\][({][^(){}]*[)}]")  # Rasa would read an entity; a person only wrote so
AFTER_BRACKET = re.compile(r"\](?=[({])")  # what is left of it, odd as it is
QUESTION_KEY = re.compile(r"[0-9a-f]{16}")
LABEL = re.compile(r"[a-z_]+(?:/[a-z0-9_]+)?")
Encode = Callable[[Sequence[str]], NDArray[np.float32]]
Closest = Callable[[str], str]


@dataclass(frozen=True)
class Group:
    """Questions that mean nearly the same, most typical first; `closest` is the label nearest to them.

    `asked` is how often they were asked, the same words twice being twice.
    """

    questions: tuple[str, ...]
    closest: str
    asked: int


def unanswered(said: Sequence[Message], unhelpful: frozenset[str] = frozenset()) -> Iterator[str]:
    """What a person typed that was asked back about, refused, not understood, or answered in a way that did not help.

    What was handled well is left out: a refusal that knows its topic, asking back where the words always have several
    meanings, and where the choice that was offered was answered. Who wrote it is blacked out.

    Args:
        said: one conversation.
        unhelpful: ids of the answers that were rated so.
    """
    for place, message in enumerate(said):
        if message.role != "user" or len(message.text.split()) < FEWEST_WORDS:
            continue
        replies = []
        for reply in said[place + 1 :]:
            if reply.role == "user":
                break
            replies.append(reply)
        kind = became_of([reply.utterance for reply in replies])
        open_still = kind in UNANSWERED and not _is_handled(replies, said[place + 1 + len(replies) :])
        if open_still or any(reply.id in unhelpful for reply in replies):
            yield masked(message.text)


def _is_handled(replies: Sequence[Message], after: Sequence[Message]) -> bool:
    utterances = {reply.utterance for reply in replies}
    if any(one.startswith(DECLINE_PREFIX) and one != UNCLEAR_DECLINE for one in utterances):
        return True
    if ResponseKind.AMBIGUOUS in map(kind_of, utterances):
        return True
    offered = {button.get("title", "") for reply in replies for button in reply.buttons}
    if not after or after[0].text not in offered:
        return False
    then = list(itertools.takewhile(lambda message: message.role != "user", after[1:]))
    return became_of([message.utterance for message in then]) in (ANSWERED, LOOKED_UP)


def key(question: str) -> str:
    """Names a question in the file of those seen to, from which it cannot be read."""
    return hashlib.sha256(_plain(question).encode()).hexdigest()[:16]


def seen(path: Path = SEEN_FILE) -> frozenset[str]:
    """The keys of the questions that an editor has seen to."""
    return frozenset(path.read_text(encoding="ascii").split()) if path.exists() else frozenset()


def mark_seen(keys: Iterable[str], path: Path = SEEN_FILE) -> int:
    """An editor has seen to questions: they do not come up again; returns how many are new. Other texts are no keys."""
    with _alone(path):
        known = seen(path)
        new = sorted({one for one in keys if QUESTION_KEY.fullmatch(one)} - known)
        _replace(path, "".join(f"{one}\n" for one in sorted({*known, *new})))
    return len(new)


def group(questions: Sequence[str], encode: Encode, closest: Closest, most: int | None = None) -> list[Group]:
    """The questions in groups, the most asked first.

    Args:
        questions: as `unanswered` gives them.
        encode: texts to vectors, one a row.
        closest: the label nearest to a text; asked for the groups that are returned only.
        most: so many groups; None for all.
    """
    counts = Counter(questions)
    different = [question for question, _ in counts.most_common(MOST_QUESTIONS)]
    if not different:
        return []
    vectors = np.asarray(encode(different), dtype=np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    alike, groups = vectors @ vectors.T >= ALIKE, []
    while alike.any():
        middle = int(np.argmax(alike.sum(axis=1)))
        members = np.flatnonzero(alike[middle])
        order = members[np.argsort(-(vectors[members] @ vectors[middle]))]
        questions_alike = tuple(different[i] for i in order)
        asked = sum(counts[question] for question in questions_alike)
        groups.append((asked, questions_alike, different[middle]))
        alike[members] = alike[:, members] = False
    largest = sorted(groups, key=lambda one: -one[0])[:most]
    return [Group(questions_alike, closest(middle), asked) for asked, questions_alike, middle in largest]


def add(text: str, label: str, path: Path = REVIEW_FILE) -> bool:
    """Put an example into the review file; False when it is there already.

    Raises:
        ValueError: the text or the label cannot be used.
    """
    example = " ".join(AFTER_BRACKET.sub("] ", MARKUP.sub(r"\1", masked(text))).split())
    if not example or not LABEL.fullmatch(label):
        raise ValueError("an example needs a text and a label such as faq/sharing_options")
    with _alone(path):
        found = read(path)
        if any(_plain(example) == _plain(one) for examples in found.values() for one in examples):
            return False
        found.setdefault(label, []).append(example)
        _write(found, path)
    return True


def read(path: Path = REVIEW_FILE) -> dict[str, list[str]]:
    """The examples of the review file by label."""
    if not path.exists():
        return {}
    content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return {entry["intent"]: _examples(entry["examples"]) for entry in content.get("nlu") or []}


def drop(text: str = "", path: Path = REVIEW_FILE) -> int:
    """Take one example out of the review file, or all; returns how many."""
    with _alone(path):
        found = read(path)
        kept = {label: [one for one in examples if text and one != text] for label, examples in found.items()}
        _write(kept, path)
    return sum(map(len, found.values())) - sum(map(len, kept.values()))


def merge(folder: Path = Path("data/nlu"), path: Path = REVIEW_FILE) -> dict[str, list[str]]:
    """Move the examples of the review file into the training data; what cannot be moved stays.

    Returns:
        By label what was added; under "" what was not, because the label or the example is there already or unknown.
    """
    done: dict[str, list[str]] = {"": []}
    with _alone(path):
        kept: dict[str, list[str]] = {}
        known = {_plain(one) for file in folder.rglob("*.yml") for one in _lines(file)}
        for label, examples in read(path).items():
            home = next((file for file in sorted(folder.rglob("*.yml")) if _holds(file, label)), None)
            fresh = [one for one in examples if _plain(one) not in known] if home else []
            if home and fresh:
                _append(home, label, fresh)
                done[label] = fresh
            done[""] += [one for one in examples if one not in fresh]
            if home is None:
                kept[label] = examples
        _write(kept, path)
    return done


def _append(file: Path, label: str, examples: list[str]) -> None:
    """After the last example of the label, so that the rest of the file stays as it is."""
    lines = file.read_text(encoding="utf-8").split("\n")
    place = next(i for i, line in enumerate(lines) if _begins(line, label)) + 1
    while place < len(lines) and (lines[place].startswith("    - ") or lines[place].strip().startswith("examples:")):
        place += 1
    lines[place:place] = [f"    - {one}" for one in examples]
    _replace(file, "\n".join(lines))


def _holds(file: Path, label: str) -> bool:
    return any(_begins(line, label) for line in file.read_text(encoding="utf-8").split("\n"))


def _begins(line: str, label: str) -> bool:
    return line.split(" #")[0].strip() == f"- intent: {label}"


def _lines(file: Path) -> Iterator[str]:
    for line in file.read_text(encoding="utf-8").split("\n"):
        if line.startswith("    - "):
            yield line.removeprefix("    - ")


def _examples(block: str) -> list[str]:
    return [line.removeprefix("- ") for line in block.split("\n") if line.startswith("- ")]


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()


def _write(found: dict[str, list[str]], path: Path) -> None:
    entries = [f"- intent: {label}\n  examples: |" for label in found if found[label]]
    blocks = ["\n".join(f"    - {one}" for one in examples) for examples in found.values() if examples]
    body = "\n".join(f"{entry}\n{block}" for entry, block in zip(entries, blocks))
    head = f"# Gathered in the console; `python -m bot review merge` moves it into data/nlu. {datetime.date.today()}\n"
    _replace(path, f'{head}version: "3.1"\n\nnlu:\n{body}\n')


def _replace(path: Path, text: str) -> None:
    """All of the file or none of it, should the process die."""
    draft = path.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else writes the file meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
