"""The shape of an action: `answer(turn)` is plain and synchronous, everything Rasa wants is done here."""

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher


@dataclass(frozen=True)
class Turn:
    """What an action may look at: the parsed message, the intents so far (newest first), what was said before.

    `last_utterance` is the last one before the message; `said` and `buttons` are all those of the turn before.
    """

    message: dict[str, Any]
    intents: tuple[str, ...] = ()
    last_utterance: str = ""
    said: tuple[str, ...] = ()
    buttons: tuple[dict[str, str], ...] = ()

    @classmethod
    def of(cls, tracker: Tracker) -> "Turn":
        """Read Rasa's tracker."""
        intents: list[str] = []
        said: list[str] = []
        buttons: list[dict[str, str]] = []
        for event in reversed(tracker.events):
            if event.get("event") == "user":
                intents.append(((event.get("parse_data") or {}).get("intent") or {}).get("name") or "")
            elif event.get("event") == "bot" and len(intents) == 1:
                said.insert(0, (event.get("metadata") or {}).get("utter_action") or "")
                buttons[:0] = (event.get("data") or {}).get("buttons") or []
        last = said[-1] if said else ""
        return cls(dict(tracker.latest_message), tuple(intents), last, tuple(said), tuple(buttons))


@dataclass(frozen=True)
class Say:
    """One utterance by its name in domain.yml or data/, with buttons if any."""

    utterance: str
    buttons: tuple[dict[str, str], ...] = field(default=())


class ServiceAction(Action, ABC):
    """Runs `answer` off the event loop, and says its utterances."""

    @abstractmethod
    def answer(self, turn: Turn) -> list[Say]:
        """What to say."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Called by rasa_sdk."""
        for say in await asyncio.to_thread(self.answer, Turn.of(tracker)):
            dispatcher.utter_message(response=say.utterance, buttons=list(say.buttons))
        return []
