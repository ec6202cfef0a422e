"""The conversations of the tests: which of them a draft may change, and where two plays of one part."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.content.kinds import ANSWER_PREFIX
from bot.evaluation.contexts import context_after
from bot.evaluation.conversations import Heard, Played, PlayedTurn, load, read
from bot.studio.reading import AskedText

FAQ_PREFIX = ANSWER_PREFIX.removeprefix("utter_")
MOST_PLAYED = 30
# Tickets, badges and days: other ones at each play.
_NUMBER = re.compile(r"crt-\w+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+")


@dataclass(frozen=True)
class SuiteConversation:
    """One conversation that was written down to be played, with the file that it stands in."""

    file: str
    turns: Mapping[str, Any]

    @property
    def key(self) -> str:
        """What tells it from all others."""
        return f"{self.file}/{self.turns['id']}"

    @property
    def title(self) -> str:
        """Its id in words."""
        words = str(self.turns["id"]).split("_")
        named = words[1:] if len(words) > 1 and re.fullmatch(r"[a-z]*\d+", words[0]) else words
        return " ".join(named).capitalize()

    @property
    def messages(self) -> list[str]:
        """What is typed in it."""
        return [str(turn["user"]) for turn in self.turns["turns"] if "user" in turn]


def suite(folder: Path) -> list[SuiteConversation]:
    """All conversations of a folder's files; [] where it is not there. Raises BadFile."""
    files = sorted(folder.glob("*.yml"))
    return [SuiteConversation(file.name, one) for file in files for one in load(file)]


Labels = tuple[str, ...]


def texts_of(conversations: Sequence[SuiteConversation], labels_of: Callable[[str], Labels]) -> list[list[AskedText]]:
    """The messages of each conversation, each by itself and after what was most likely answered before it.

    Args:
        labels_of: how a message is read by itself.
    """
    found = []
    for one in conversations:
        texts, topic = [], ""
        for message in one.messages:
            texts += [AskedText(message), AskedText(message, context_after([topic] if topic else []))]
            answered = [label.removeprefix(FAQ_PREFIX) for label in labels_of(message) if label.startswith(FAQ_PREFIX)]
            topic = answered[0] if answered else topic
        found.append(texts)
    return found


def touched(
    conversations: Sequence[SuiteConversation],
    changed: Sequence[Collection[str]],
    answered: Sequence[Collection[str]],
    new_words: Collection[str],
) -> list[SuiteConversation]:
    """Those that may go otherwise, the most changed first.

    Args:
        changed: for each conversation its messages that are read differently.
        answered: for each the responses that answer its messages.
        new_words: responses whose words change.
    """
    places = range(len(conversations))
    count = {place: 2 * len(changed[place]) + len(set(answered[place]) & set(new_words)) for place in places}
    return [conversations[place] for place in sorted(places, key=lambda place: -count[place]) if count[place]]


def first_difference(was: Played, now: Played) -> dict[str, Any] | None:
    """The first turn whose replies part, None where none does: `said`, and what `was` and is `now` replied."""
    for before, after in zip(was.turns, now.turns):
        if list(_compared(before.heard)) != list(_compared(after.heard)) or before.problems != after.problems:
            return {
                "said": after.said,
                "was": _replied(before.heard),
                "now": _replied(after.heard),
                "problems": list(after.problems),
            }
    return None


def _compared(heard: Sequence[Heard]) -> Iterator[tuple[str, str]]:
    for one in heard:
        yield one.utterance, _NUMBER.sub("0", read(one.text))


def _replied(heard: Sequence[Heard]) -> str:
    return "\n\n".join(one.text for one in heard)


def told(one: SuiteConversation, was: Played, now: Played) -> dict[str, Any]:
    """A conversation as the result of a trial has it."""
    parted = first_difference(was, now)
    if parted is None and was.right and not now.right:
        parted = {"said": "", "was": "", "now": "", "problems": list(now.problems)}
    return {
        "title": one.title,
        "file": one.file,
        "id": str(one.turns["id"]),
        "was_right": was.right,
        "is_right": now.right,
        "first_difference": parted,
    }


def played_json(played: Played) -> dict[str, Any]:
    """A played conversation as JSON, without what only a page shows."""
    return {
        "id": played.id,
        "kind": played.kind,
        "problems": list(played.problems),
        "turns": [
            {
                "said": turn.said,
                "problems": list(turn.problems),
                "heard": [{"utterance": one.utterance, "text": one.text} for one in turn.heard],
            }
            for turn in played.turns
        ],
    }


def played_of_json(stored: Mapping[str, Any]) -> Played:
    """What `played_json` gave."""
    turns = tuple(
        PlayedTurn(
            turn["said"], tuple(Heard(one["utterance"], one["text"]) for one in turn["heard"]), tuple(turn["problems"])
        )
        for turn in stored["turns"]
    )
    return Played(stored["id"], stored["kind"], turns, tuple(stored["problems"]))
