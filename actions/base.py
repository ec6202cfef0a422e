"""The shape of an action: `answer(view)` is plain and synchronous, everything Rasa wants is done here."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import BotError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrackerView:
    """What an action may look at: the parsed message, the intents so far (newest first), what was said before.

    `last_utterance` is the last one before the message; `said` and `buttons` are all those of the turn before;
    `spoken` is what was said in this turn already. `requested` is the slot that the active form asks for.
    """

    message: dict[str, Any]
    intents: tuple[str, ...] = ()
    last_utterance: str = ""
    said: tuple[str, ...] = ()
    buttons: tuple[dict[str, str], ...] = ()
    spoken: tuple[str, ...] = ()
    conversation_id: str = ""
    channel: str = "site"
    slots: Mapping[str, Any] = field(default_factory=dict)
    form: str = ""

    @classmethod
    def of(cls, tracker: Tracker) -> "TrackerView":
        """Read Rasa's tracker."""
        intents: list[str] = []
        spoken: list[str] = []
        said: list[str] = []
        buttons: list[dict[str, str]] = []
        for event in reversed(tracker.events):
            if event.get("event") == "user":
                intents.append(((event.get("parse_data") or {}).get("intent") or {}).get("name") or "")
            elif event.get("event") == "bot" and len(intents) < 2:
                (said if intents else spoken).insert(0, (event.get("metadata") or {}).get("utter_action") or "")
                buttons[:0] = ((event.get("data") or {}).get("buttons") or []) if intents else []
        return cls(
            message=dict(tracker.latest_message),
            intents=tuple(intents),
            last_utterance=said[-1] if said else "",
            said=tuple(said),
            buttons=tuple(buttons),
            spoken=tuple(spoken),
            conversation_id=tracker.sender_id,
            channel=tracker.get_latest_input_channel() or "site",
            slots=dict(tracker.slots),
            form=(tracker.active_loop or {}).get("name") or "",
        )

    @property
    def intent(self) -> str:
        """The intent of the message."""
        return self.intents[0] if self.intents else ""

    @property
    def unclear(self) -> bool:
        """Whether the message was not understood, and nothing is there to ask back about."""
        return self.intent == "nlu_fallback" and not self.message.get("candidates")

    @property
    def text(self) -> str:
        """The words of the message; "" for a button."""
        text = str(self.message.get("text") or "")
        return "" if text.startswith("/") else text

    @property
    def requested(self) -> str:
        """The slot that the active form asks for, "" if none."""
        return str(self.slots.get("requested_slot") or "") if self.form else ""

    def entities(self, name: str) -> list[str]:
        """The values of an entity in the message, each once, in order."""
        found = [str(e["value"]) for e in self.message.get("entities") or [] if e.get("entity") == name]
        return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Say:
    """One utterance by its name in domain.yml or data/, with buttons and the values of its placeholders, if any."""

    utterance: str
    buttons: tuple[dict[str, str], ...] = field(default=())
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """What an action says, which slots it sets and which action goes on, if not the rules' own."""

    says: tuple[Say, ...] = ()
    slots: Mapping[str, Any] = field(default_factory=dict)
    then: str = ""

    def __add__(self, other: "Reply") -> "Reply":
        """One after the other."""
        return Reply(self.says + other.says, {**self.slots, **other.slots}, other.then or self.then)


class ServiceAction(Action, ABC):
    """Runs `answer` off the event loop, says its utterances and sets its slots."""

    @abstractmethod
    def answer(self, view: TrackerView) -> Reply | list[Say]:
        """What to say and to do."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Called by rasa_sdk; a failure is a plain sentence to the person and a line in the log without their words."""
        try:
            answer = await asyncio.to_thread(self.answer, TrackerView.of(tracker))
        except (BotError, SQLAlchemyError) as error:
            log.error("%s failed: %s", self.name(), type(error).__name__)
            answer = [Say("utter_failed")]
        reply = answer if isinstance(answer, Reply) else Reply(tuple(answer))
        for say in reply.says:
            dispatcher.utter_message(response=say.utterance, buttons=list(say.buttons), **say.values)
        events = [SlotSet(name, value) for name, value in reply.slots.items()]
        return [*events, FollowupAction(reply.then)] if reply.then else events
