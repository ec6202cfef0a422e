"""Questions that were not answered or not well, grouped by meaning, and what an editor has seen to."""

import datetime
import fcntl
import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.content.kinds import ResponseKind, faq_id, kind_of
from bot.conversations.store import Message
from bot.errors import EmptyText, RequestError
from bot.insight.corrections import is_correction
from bot.insight.masking import holds_private, masked_with
from bot.insight.private_patterns import PrivateKind
from bot.insight.turns import (
    ANSWERED,
    CLARIFIED,
    LOOKED_UP,
    NOT_UNDERSTOOD,
    TURNED_DOWN,
    became_of,
    goes_to_team,
)
from bot.whole_files import replacing

SEEN_NAME = "review_seen.txt"  # in CONTENT_PATH: keys, a line each, of questions that an editor has seen to
FORMER_SEEN_FILE = Path("var/review_seen.txt")  # of one machine alone, and gone with a container
UNCLEAR_DECLINE = "utter_out_of_scope/other_near"  # of what is near the FAQ and no topic of its own
DECLINE_PREFIX, DENY = "utter_out_of_scope/", "/deny"
ALIKE = 0.62  # cosine from which two questions mean nearly the same
FEWEST_ALIKE, MOST_OF_ONE_REFUSAL = 3, 2 / 3  # of questions refused variously: how many, and those of one refusal
MOST_QUESTIONS, FEWEST_WORDS = 2000, 2  # questions of a period, words of a question
UNANSWERED = (CLARIFIED, TURNED_DOWN, NOT_UNDERSTOOD)
MARKUP = re.compile(r"\[([^\[\]]*)\][({][^(){}]*[)}]")  # Rasa would read an entity; a person only wrote so
AFTER_BRACKET = re.compile(r"\](?=[({])")  # what is left of it, odd as it is
QUESTION_KEY = re.compile(r"[0-9a-f]{16}")
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


class OpenReason(str, Enum):
    """Why a question is in the review; the value is said to the editor."""

    ASKED_BACK = "asked back"
    DECLINED = "declined"
    NOT_UNDERSTOOD = "not understood"
    NONE_OF_THESE = "none of these"
    NOT_HELPFUL = "did not help"
    CORRECTED = "not what was asked"
    ESCALATED = "went to the team after the answer"
    DECLINED_VARIOUSLY = "declined, each time for another reason"


_REASONS = {
    CLARIFIED: OpenReason.ASKED_BACK,
    TURNED_DOWN: OpenReason.DECLINED,
    NOT_UNDERSTOOD: OpenReason.NOT_UNDERSTOOD,
}


GAPS = frozenset(
    {OpenReason.DECLINED, OpenReason.NOT_UNDERSTOOD, OpenReason.NONE_OF_THESE, OpenReason.DECLINED_VARIOUSLY}
)  # no label covers what was asked


@dataclass(frozen=True)
class OpenQuestion:
    """What a person typed and did not get, masked.

    Attributes:
        hidden: how much of what was blacked out in it.
        topic: the refusal that knew what it was about, "" for all else. By itself such a question was handled well; it
            is open where others that mean the same were refused as something else (`is_open`).
    """

    text: str
    reason: OpenReason
    at: datetime.datetime | None = None
    hidden: Mapping[PrivateKind, int] = field(default_factory=dict)
    topic: str = ""


def is_open(alike: Sequence[OpenQuestion]) -> bool:
    """Whether questions that mean the same are worth an editor's look.

    Some were not handled well; or they are several, and refused now as this, now as that: then no refusal knows them.
    """
    topics = Counter(one.topic for one in alike)
    if topics[""]:
        return True
    most = topics.most_common(1)
    return len(alike) >= FEWEST_ALIKE and bool(most) and most[0][1] <= MOST_OF_ONE_REFUSAL * len(alike)


def unanswered(said: Sequence[Message], unhelpful: frozenset[str] = frozenset()) -> Iterator[OpenQuestion]:
    """What a person typed and what did not help them.

    It was asked back about, refused or not understood, none of the choices was meant, the answer was rated so, the
    person said at once that it was not what they had asked, or went to the team. What was handled well is left out: a
    refusal that knows its topic, asking back where the words always have several meanings, and where the choice that
    was offered was answered. Who wrote it is blacked out.

    Args:
        said: one conversation.
        unhelpful: ids of the answers that were rated so.
    """
    for message, reason, topic in _open(said, unhelpful):
        found = masked_with(message.text)
        yield OpenQuestion(text=found.text, reason=reason, at=message.created_at, hidden=found.kinds, topic=topic)


def has_open(said: Sequence[Message], unhelpful: frozenset[str]) -> bool:
    """Whether `unanswered` finds any question; blacks nothing out."""
    return next(_open(said, unhelpful), None) is not None


def _open(said: Sequence[Message], unhelpful: frozenset[str]) -> Iterator[tuple[Message, OpenReason, str]]:
    """The questions, each with why and with the refusal that knew what it was about."""
    for place, message in enumerate(said):
        if message.role != "user" or len(message.text.split()) < FEWEST_WORDS:
            continue
        if place and is_correction(message.text, said[place - 1]):
            continue  # it says something about the question before, and is none
        replies = list(itertools.takewhile(lambda one: one.role != "user", said[place + 1 :]))
        reason, topic = _reason(replies, said[place + 1 + len(replies) :], unhelpful), ""
        if reason is None:
            topic = _topic(replies)
            reason = OpenReason.DECLINED_VARIOUSLY if topic else None
        if reason:
            yield message, reason, topic


def _reason(replies: Sequence[Message], after: Sequence[Message], unhelpful: frozenset[str]) -> OpenReason | None:
    if any(reply.id in unhelpful for reply in replies):
        return OpenReason.NOT_HELPFUL
    if _means_none(replies, after):
        return OpenReason.NONE_OF_THESE
    kind = became_of([reply.utterance for reply in replies])
    if kind in UNANSWERED and not _is_handled(replies, after):
        return _REASONS[kind]
    if kind != ANSWERED:
        return None
    if after and is_correction(after[0].text, replies[-1]):
        return OpenReason.CORRECTED
    answered = next((faq for reply in replies if (faq := faq_id(reply.utterance))), "")
    return OpenReason.ESCALATED if answered and goes_to_team(after, answered) else None


def _means_none(replies: Sequence[Message], after: Sequence[Message]) -> bool:
    """Whether the button that says so was pressed below a choice of questions."""
    choices = [button for reply in replies if kind_of(reply.utterance).asks_which for button in reply.buttons]
    return bool(after) and any(
        button.get("payload") == DENY and button.get("title") == after[0].text for button in choices
    )


def _topic(replies: Sequence[Message]) -> str:
    """The refusal that knows what the question is about, "" without one."""
    names = (reply.utterance for reply in replies)
    return next((one for one in names if one.startswith(DECLINE_PREFIX) and one != UNCLEAR_DECLINE), "")


def _is_handled(replies: Sequence[Message], after: Sequence[Message]) -> bool:
    utterances = {reply.utterance for reply in replies}
    if _topic(replies):
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


def seen(path: Path) -> frozenset[str]:
    """The keys of the questions that an editor has seen to."""
    there = [one for one in (path, FORMER_SEEN_FILE) if one.exists()]
    return frozenset(key for one in there for key in one.read_text(encoding="ascii").split())


def mark_seen(keys: Iterable[str], path: Path) -> int:
    """An editor has seen to questions: they do not come up again; returns how many are new. Other texts are no keys."""
    with _alone(path):
        known = seen(path)
        new = sorted({one for one in keys if QUESTION_KEY.fullmatch(one)} - known)
        with replacing(path) as draft:
            draft.write_text("".join(f"{one}\n" for one in sorted({*known, *new})), encoding="utf-8")
    return len(new)


def group(asked: Sequence[OpenQuestion], encode: Encode, closest: Closest, most: int | None = None) -> list[Group]:
    """The questions in groups, the most asked first; those of which nothing is open are left out.

    Args:
        asked: as `unanswered` gives them.
        encode: texts to vectors, one a row.
        closest: the label nearest to a text; asked for the groups that are returned only.
        most: so many groups; None for all.
    """
    of_text: dict[str, list[OpenQuestion]] = {}
    for one in asked:
        of_text.setdefault(one.text, []).append(one)
    counts = Counter({text: len(found) for text, found in of_text.items()})
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
        meant = [one for question in questions_alike for one in of_text[question]]
        if is_open(meant):
            groups.append((len(meant), questions_alike, different[middle]))
        alike[members] = alike[:, members] = False
    largest = sorted(groups, key=lambda one: -one[0])[:most]
    return [Group(questions_alike, closest(middle), count) for count, questions_alike, middle in largest]


class PrivateText(RequestError):
    """Raised for an example that tells who wrote it, or in which something was blacked out."""

    def __init__(self, found: str) -> None:
        """Say what was found, as "1 name"; "" where only marks are left."""
        what = f"This still holds personal data ({found})" if found else "Something was blacked out in this message"
        super().__init__(f"{what}. Write it anew without it, as anybody could have asked it.")


def example_of(text: str) -> str:
    """What an editor wrote, as an example can be kept: one line, without what Rasa would read as an entity.

    Raises:
        PrivateText: it has to be written anew.
        EmptyText: nothing is left.
    """
    example = " ".join(AFTER_BRACKET.sub("] ", MARKUP.sub(r"\1", text)).split())
    if not example:
        raise EmptyText
    if holds_private(example):
        raise PrivateText(masked_with(example).words)
    return example


def weekly(
    moments: Iterable[datetime.date], first: datetime.date, last: datetime.date
) -> list[tuple[datetime.date, int]]:
    """How many fall into each week between two days, by the Monday that it begins with."""
    monday = first - datetime.timedelta(days=first.weekday())
    counts = Counter(day - datetime.timedelta(days=day.weekday()) for day in moments)
    weeks = ((last - monday).days // 7) + 1
    return [(begins, counts[begins]) for begins in (monday + datetime.timedelta(weeks=n) for n in range(weeks))]


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else writes the file meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
