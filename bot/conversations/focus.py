"""What a conversation is about at this moment: one value, derived from what was said.

Understanding and dialogue both read it. Nothing of it is kept: the messages are, with the names of the utterances, and
each response says in its metadata what it asks for and what kind it is (bot/content/kinds.py).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby, takewhile
from typing import Any

from bot.content.kinds import ResponseKind, asks, kind_of, topic_of, watches, whole_answer
from bot.conversations.store import FILE, Message

_ADDRESS = re.compile(r"\b(?:address|e-?mail|mail(?:box)?)\b", re.IGNORECASE)
TOPIC_TURNS, RECORD_TURNS, TEAM_TURNS = 3, 5, 4  # replies after which a topic, a record, the team's words have faded


class Task(str, Enum):
    """What the assistant waits for."""

    NONE = ""
    ADDRESS = "address_asked"
    CODE = "code_asked"
    TICKET_ABOUT = "ticket_about"
    TICKET_CONTACT = "ticket_contact"
    TICKET_CONSENT = "ticket_consent"
    TICKET_ADDITION = "ticket_addition"
    DISCARD = "discard_asked"


class Offer(str, Enum):
    """What stands open for a yes."""

    LOOK_UP = "look_up_offered"
    TEAM = "team_offered"
    ANOTHER_ADDRESS = "another_offered"
    WATCH = "watch_offered"


class Team(str, Enum):
    """How a ticket of this conversation stands, as far as was said here."""

    NONE = ""
    OPEN = "ticket_open"
    WROTE = "team_wrote"
    RESOLVED = "ticket_resolved"


_OFFERED_BY = {
    "/check_issuance_status": Offer.LOOK_UP,
    "/escalate": Offer.TEAM,
    "/change_address": Offer.ANOTHER_ADDRESS,
    "/watch": Offer.WATCH,
}


@dataclass(frozen=True)
class Focus:
    """The task, the open offers, whether a record was shown, the FAQs answered (newest first), the team's ticket.

    `choices` are the labels and titles of the buttons of a question back; `proving`: an address was lately proven or
    asked for; `just`: the FAQs whose whole answers were the last reply; `refused`: another's record was just refused;
    `watching`: it was said that news of a credential will be told; `team_asks_address`: the team spoke last, of an
    address; `file`: the learner has just added a file, which waits for a ticket;
    `look_up`: the look-up stands offered, also where a part of the answer that offered it was the last reply.
    """

    task: Task = Task.NONE
    offers: tuple[Offer, ...] = ()
    record: bool = False
    topics: tuple[str, ...] = ()
    team: Team = Team.NONE
    choices: tuple[tuple[str, str], ...] = ()
    proving: bool = False
    just: tuple[str, ...] = ()
    refused: bool = False
    watching: bool = False
    team_asks_address: bool = False
    file: bool = False
    look_up: bool = False

    @classmethod
    def of(cls, history: Sequence[Message]) -> "Focus":
        """From a conversation's messages, oldest first."""
        turns = list(_replies(history))
        last = turns[-1] if turns else []
        recent = turns[-TOPIC_TURNS:]
        topics = [topic for turn in reversed(recent) for one in reversed(turn) if (topic := topic_of(one.utterance))]
        task = next((Task(found) for one in reversed(last) if (found := asks(one.utterance))), Task.NONE)
        team = _team(history)
        asked_which = any(kind_of(one.utterance).asks_which for one in last)
        return cls(
            task=task,
            offers=() if task else tuple(offers_of(button["payload"] for one in last for button in one.buttons)),
            look_up=not task and _look_up_stands(recent),
            record=any(kind_of(one.utterance) is ResponseKind.RECORD for turn in turns[-RECORD_TURNS:] for one in turn),
            topics=tuple(dict.fromkeys(topics)),
            team=team,
            choices=tuple(_choices(last)) if asked_which else (),
            refused=any(kind_of(one.utterance) is ResponseKind.REFUSAL for one in last),
            just=tuple(topic for one in last if (topic := whole_answer(one.utterance))),
            file=bool(history) and history[-1].utterance == FILE and team not in (Team.OPEN, Team.WROTE),
            proving=any(kind_of(one.utterance).proves for turn in recent for one in turn),
            team_asks_address=_team_asks_address(history),
            watching=_watching(turns[-RECORD_TURNS:]),
        )

    def contexts(self) -> tuple[str, ...]:
        """The names under which data/nlu knows what stands before a message (`metadata: {after: [...]}`)."""
        if self.task in (Task.ADDRESS, Task.CODE):
            return (self.task.value, *self.topics[:2])
        if self.task:
            return (self.task.value,)
        found = ["anytime", *(offer.value for offer in self.offers)]
        found += ["file_waits"] if self.file else []
        found += ["refused"] if self.refused else []
        found += ["watching"] if self.watching else []
        found += ["record_shown"] if self.record else []
        found += ["answer_given", *self.topics[:2]] if self.topics else []
        found += [self.team.value] if self.team else []
        return tuple(found)

    def as_json(self) -> dict[str, Any]:
        """As it goes to Rasa with a message."""
        return {
            "contexts": list(self.contexts()),
            "task": self.task.value,
            "team": self.team.value,
            "topics": list(self.topics),
            "record": self.record,
            "faq": self.topics[0] if self.topics else None,
            "just": list(self.just),
            "offered": [label for label, _ in self.choices],
            "titles": [title for _, title in self.choices],
            "proving": self.proving,
            "team_asks_address": self.team_asks_address,
            "look_up": self.look_up,
        }


def _replies(history: Sequence[Message]) -> Iterator[list[Message]]:
    """The assistant's messages in turns; the greeting is the first."""
    for role, group in groupby(history, key=lambda one: one.role):
        if role == "bot":
            yield list(group)


def _team_asks_address(history: Sequence[Message]) -> bool:
    last = next((one for one in reversed(history) if one.role != "user"), None)
    return last is not None and last.role == "staff" and bool(_ADDRESS.search(last.text))


def _watching(turns: Sequence[Sequence[Message]]) -> bool:
    """Whether news is promised, by what was said of it last."""
    said = (watches(one.utterance) for turn in reversed(turns) for one in reversed(turn))
    return next((on for on in said if on is not None), False)


def _look_up_stands(turns: Sequence[Sequence[Message]]) -> bool:
    """Whether the last reply offers the look-up, or was a part of an answer that did."""
    parts = sum(1 for _ in takewhile(_is_part, reversed(turns)))
    payloads = (button["payload"] for turn in turns[-parts - 1 :] for one in turn for button in one.buttons)
    return Offer.LOOK_UP in offers_of(payloads)


def _is_part(turn: Sequence[Message]) -> bool:
    """Whether a reply is only facts of an answer given before."""
    return all(kind_of(one.utterance) is ResponseKind.FACT for one in turn)


def offers_of(payloads: Iterable[str]) -> Iterator[Offer]:
    """What buttons offer, by their payloads."""
    yield from dict.fromkeys(_OFFERED_BY[one] for one in payloads if one in _OFFERED_BY)


def _choices(turn: Sequence[Message]) -> Iterator[tuple[str, str]]:
    for button in (button for one in turn for button in one.buttons):
        if button["payload"].startswith(("/faq/", "/check_issuance_status")):
            yield button["payload"].lstrip("/"), button["title"]


def _team(history: Sequence[Message]) -> Team:
    said_since = 0
    for message in reversed(history):
        said_since += message.role == "user"
        if message.role == "staff" and message.utterance == "ticket_resolved":
            return Team.RESOLVED
        if message.role == "staff":
            return Team.WROTE if said_since <= TEAM_TURNS else Team.OPEN
        if kind_of(message.utterance) is ResponseKind.HANDOVER or message.utterance == "utter_ticket_reopened":
            return Team.OPEN
        if message.utterance == "utter_ticket_withdrawn":
            return Team.RESOLVED
    return Team.NONE
