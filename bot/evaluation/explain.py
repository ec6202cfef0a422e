"""Follows a dialogue with the trained model: what was understood and why, which rule spoke, and what it said."""

import asyncio
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.shared.core.constants import ACTION_LISTEN_NAME, FOLLOWUP_ACTION
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SlotSet,
    UserUttered,
)

from bot.clock import Clock, now
from bot.conversations.message import AssistantReply
from bot.conversations.service import context
from bot.conversations.store import Message
from bot.evaluation.in_process import Rules, agent
from bot.nlu.decision import Context, Decision, Thresholds, merge
from bot.nlu.standalone import Understanding
from bot.rasa.channel import user_message
from bot.rasa.policy import TaskPolicy
from bot.tokens import MessageToken

LABELS_SHOWN, LEAST_SHOWN = 4, 0.01
POLICIES = {FOLLOWUP_ACTION: "the action before it", None: "Rasa itself"}


@dataclass(frozen=True)
class Step:
    """One action: who decided for it and by what, what it said, and what it changed ("slot = value")."""

    action: str
    policy: str
    by: str
    said: tuple[AssistantReply, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True)
class Explained:
    """One message: its tokens, entities as (words, kind, value), labels with probabilities, decision and steps.

    `spelt` are the words that were read otherwise than typed, as (typed, read).
    """

    text: str
    spelt: tuple[tuple[str, str], ...]
    tokens: tuple[str, ...]
    entities: tuple[tuple[str, str, str], ...]
    labels: tuple[tuple[str, float], ...]
    context: Context
    decision: Decision
    limits: Thresholds
    steps: tuple[Step, ...]


class Dialogue:
    """A conversation of its own with a trained model."""

    def __init__(self, agent: Agent, rules: Rules, understanding: Understanding, clock: Clock = now) -> None:
        """Begin with nothing said."""
        self._clock = clock
        self._agent, self._rules, self._understanding = agent, rules, understanding
        self._token = MessageToken(str(uuid.uuid4()), "site", None)
        self._history: list[Message] = []

    @classmethod
    def load(cls, archive: Path) -> "Dialogue":
        """Everything that the model archive holds; takes some 15 seconds."""
        loaded = agent(archive)
        if loaded.domain is None:
            raise LookupError(f"{archive} holds no trained dialogue.")
        return cls(loaded, Rules.load(archive), Understanding.load(archive))

    def say(self, text: str) -> Explained:
        """Say something, as the site would pass it on; raises ValueError when there are no words in it."""
        before = context(self._history)
        message = user_message({"text": text, "context": before}, self._token)
        if message is None:
            raise ValueError("There is nothing in the message.")
        asyncio.run(self._agent.handle_message(message))
        replies = message.output_channel.replies  # type: ignore[union-attr]
        moment = self._clock()
        self._history.append(Message.new("user", text, now=moment))
        self._history += [Message.of(AssistantReply.from_json(reply), moment) for reply in replies]
        return self._explained(str(message.text), before)

    def _explained(self, text: str, before: dict[str, Any]) -> Explained:
        tracker = asyncio.run(self._agent.tracker_store.retrieve(self._token.conversation_id))
        events = list(tracker.events) if tracker else []
        start = max(place for place, event in enumerate(events) if isinstance(event, UserUttered))
        parsed = events[start].parse_data
        decided, scores = self._understanding.decide(text, before)
        limits = self._understanding.thresholds
        best = sorted(merge(scores, limits.outside_weight).items(), key=lambda item: -item[1])[:LABELS_SHOWN]
        return Explained(
            text=text,
            spelt=self._understanding.spelt(text).changes,
            tokens=tuple(text[first:last] for first, last in parsed.get("text_tokens") or []),
            entities=tuple(_entity(text, one) for one in parsed.get("entities") or []),
            labels=(best[0], *(one for one in best[1:] if one[1] >= LEAST_SHOWN)),
            context=Context.of(before),
            decision=decided,
            limits=limits,
            steps=tuple(self._steps(events, start)),
        )

    def _steps(self, events: Sequence[Event], start: int) -> Iterator[Step]:
        places = [i for i in range(start + 1, len(events)) if isinstance(events[i], ActionExecuted)]
        for place, following in zip(places, [*places[1:], len(events)]):
            event, after = events[place], events[place + 1 : following]
            if event.action_name != ACTION_LISTEN_NAME:
                said = tuple(_said(one) for one in after if isinstance(one, BotUttered))
                policy, by = self._decided(events, place)
                changed = tuple(_changes(events[:place], after))
                yield Step(action=str(event.action_name), policy=policy, by=by, said=said, changed=changed)

    def _decided(self, events: Sequence[Event], place: int) -> tuple[str, str]:
        """The policy that chose the action at a place, and what made it."""
        policy = events[place].policy
        if policy == TaskPolicy.__name__:
            return policy, self._rules.behind(events[:place])
        return POLICIES.get(policy, str(policy)), ""


def _entity(text: str, found: dict[str, Any]) -> tuple[str, str, str]:
    return text[found["start"] : found["end"]], found["entity"], str(found["value"])


def _said(event: BotUttered) -> AssistantReply:
    buttons = tuple((event.data or {}).get("buttons") or ())
    return AssistantReply(event.text or "", str(event.metadata.get("utter_action") or ""), buttons)


def _changes(before: Sequence[Event], events: Sequence[Event]) -> Iterator[str]:
    slots = {event.key: event.value for event in before if isinstance(event, SlotSet)}
    for event in events:
        if isinstance(event, SlotSet) and event.value != slots.get(event.key):
            slots[event.key] = event.value
            yield f"{event.key} = {'nothing' if event.value is None else event.value}"
        elif isinstance(event, ActiveLoop):
            yield f"form {event.name} begins" if event.name else "the form ends"
