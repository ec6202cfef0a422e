"""Conversations written down to be played: the format, and the judgement on what was read and what became of it.

docs/conversations.md explains the format with examples.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.evaluation.examples import BadFile

TURNS = ("user", "press", "team")  # what a turn begins with
_TAG = re.compile(r"<[^<>]{0,500}>")
_LINK = re.compile(r'href="([^"]{0,500})"')
QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " "})


@dataclass(frozen=True)
class Heard:
    """One message of the assistant or the team, as it is shown."""

    utterance: str
    text: str
    buttons: tuple[tuple[str, str], ...] = ()  # title and payload
    html: str = ""

    @property
    def everything(self) -> str:
        """All words that can be read or followed: text, titles of buttons, targets of links."""
        return " ".join([read(self.html), *_LINK.findall(self.html), *(title for title, _ in self.buttons)])


@dataclass(frozen=True)
class PlayedTurn:
    """What was said, what came back, and what is wrong with it."""

    said: str
    heard: tuple[Heard, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Played:
    """One conversation with its judgement; `problems` are those of its end."""

    id: str
    kind: str
    turns: tuple[PlayedTurn, ...]
    problems: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Whether every reply and the end are as they should be."""
        return not self.problems and not any(turn.problems for turn in self.turns)


@dataclass(frozen=True)
class TicketSeen:
    """A ticket at the end of a conversation."""

    about: str
    contact: str
    title: str
    reason: str
    state: str
    answers: tuple[str, ...] = field(default=())


def load(path: Path) -> list[dict[str, Any]]:
    """The conversations of a file; raises BadFile naming the one that cannot be played."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadFile(f"{path}: cannot be read ({error})") from error
    if not isinstance(content, list) or not content:
        raise BadFile(f"{path}: needs a list of conversations")
    for number, one in enumerate(content, 1):
        where = f"{path}, conversation {one.get('id', number) if isinstance(one, dict) else number}"
        if not isinstance(one, dict) or not isinstance(one.get("turns"), list):
            raise BadFile(f"{where}: needs `id` and `turns`")
        for turn in one["turns"]:
            if not isinstance(turn, dict) or len([name for name in TURNS if name in turn]) != 1:
                raise BadFile(f"{where}: every turn has one of {', '.join(TURNS)}")
    return content


def read(text: str) -> str:
    """What is read of HTML or of a text: words only, lower case, straight quotes, single blanks."""
    plain = html.unescape(_TAG.sub(" ", text)).translate(QUOTES)
    return " ".join(plain.lower().split())


def judge_turn(turn: Mapping[str, Any], heard: Sequence[Heard], before: Sequence[Heard]) -> tuple[str, ...]:
    """What is wrong with a reply.

    Args:
        turn: with `must` and `must_not`.
        heard: the messages of the reply.
        before: those of the reply before.
    """
    return tuple(_problems(turn, heard, before))


def _problems(turn: Mapping[str, Any], heard: Sequence[Heard], before: Sequence[Heard]) -> Iterator[str]:
    words = read(" ".join(one.everything for one in heard))
    if not heard and "team" not in turn:
        yield "nothing was said"
    for wanted in turn.get("must") or []:
        if not _occurs(wanted, words):
            yield f"misses {_named(wanted)}"
    for unwanted in turn.get("must_not") or []:
        if _occurs(unwanted, words):
            yield f"has {_named(unwanted)}"
    if "team" not in turn and twice(heard, before):
        yield "says the same twice running"


def twice(heard: Sequence[Heard], before: Sequence[Heard]) -> bool:
    """Whether a whole message of a reply was in the reply before, word for word."""
    return bool({read(one.html) for one in heard} & {read(one.html) for one in before} - {""})


def _occurs(wanted: Any, words: str) -> bool:
    if isinstance(wanted, Mapping):
        return any(_occurs(one, words) for one in wanted["any"])
    return read(str(wanted)) in words


def _named(wanted: Any) -> str:
    return f"any of {wanted['any']}" if isinstance(wanted, Mapping) else repr(wanted)


def judge_end(after: Mapping[str, Any] | None, tickets: Sequence[TicketSeen], watches: int = 0) -> tuple[str, ...]:
    """What is wrong with what a conversation has left behind."""
    found: list[str] = []
    wanted = (after or {}).get("tickets")
    if isinstance(wanted, int):
        wanted = [{}] * wanted
    if wanted is not None:
        if len(wanted) != len(tickets):
            found.append(f"{len(tickets)} tickets instead of {len(wanted)}")
        for expected, ticket in zip(wanted, tickets):
            found += _ticket_problems(expected or {}, ticket)
    if (expected_watches := (after or {}).get("watches")) is not None:
        number = expected_watches if isinstance(expected_watches, int) else len(expected_watches)
        if number != watches:
            found.append(f"{watches} watches instead of {number}")
    return tuple(found)


def _ticket_problems(expected: Mapping[str, Any], ticket: TicketSeen) -> Iterator[str]:
    parts = {
        "about": " ".join([ticket.about, *ticket.answers]),
        "title": ticket.title,
        "reason": ticket.reason,
        "state": ticket.state,
        "answers": " ".join(ticket.answers),
        "address": ticket.contact,
    }
    for name, text in parts.items():
        wanted = expected.get(name)
        for one in wanted if isinstance(wanted, list) else [] if wanted is None else [wanted]:
            if not _occurs(one, read(text)):
                yield f"the ticket's {name} misses {_named(one)}: {text[:120]!r}"


def summary(played: Sequence[Played]) -> dict[str, Any]:
    """Shares 0..1 and counts over conversations."""
    replies = [turn for one in played for turn in one.turns if not turn.said.startswith("team:")]
    again = sum(any("twice" in problem for problem in turn.problems) for turn in replies)
    kinds: dict[str, list[bool]] = {}
    for one in played:
        kinds.setdefault(one.kind, []).append(one.right)
    return {
        "conversations": len(played),
        "right": round(sum(one.right for one in played) / max(1, len(played)), 4),
        "replies": len(replies),
        "replies_right": round(sum(not turn.problems for turn in replies) / max(1, len(replies)), 4),
        "said_twice": again,
        "ends_wrong": sum(bool(one.problems) for one in played),
        "kinds": {kind: {"count": len(all_), "right": sum(all_)} for kind, all_ in sorted(kinds.items())},
    }
