"""The shape of an action: `answer(view)` is plain and synchronous, everything Rasa wants is done here."""

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from prometheus_client import Histogram
from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.exc import SQLAlchemyError

from actions.answer_times import worded
from bot.content.kinds import again
from bot.content.responses import responses
from bot.errors import BotError
from bot.telemetry.traces import span

log = logging.getLogger(__name__)
ACTION_SECONDS = Histogram(
    "action_seconds",
    "Time that an action took",
    ("action", "outcome"),
    buckets=(0.01, 0.05, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0),
)


@dataclass(frozen=True)
class TrackerView:
    """What an action may look at: the parsed message, the intents so far (newest first), what was said before.

    `last_utterance` is the last one before the message; `said` and `buttons` are all those of the turn before;
    `spoken` is what was said in this turn already. `requested` is the slot that the active form asks for.
    `labels_before` are what the message before may have meant, likeliest first; `texts_before` the messages before this
    one, newest first, as `intents` are.
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
    labels_before: tuple[str, ...] = ()
    texts_before: tuple[str, ...] = ()

    @classmethod
    def of(cls, tracker: Tracker) -> "TrackerView":
        """Read Rasa's tracker."""
        intents: list[str] = []
        spoken: list[str] = []
        said: list[str] = []
        buttons: list[dict[str, str]] = []
        before: dict[str, Any] = {}
        texts: list[str] = []
        for event in reversed(tracker.events):
            if event.get("event") == "user":
                parsed = event.get("parse_data") or {}
                intents.append((parsed.get("intent") or {}).get("name") or "")
                before = parsed if len(intents) == 2 else before
                texts.append(str(event.get("text") or ""))
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
            labels_before=tuple(_likely(before)),
            texts_before=tuple(texts[1:]),
        )

    @property
    def intent(self) -> str:
        """The intent of the message."""
        return self.intents[0] if self.intents else ""

    @property
    def focus(self) -> Mapping[str, Any]:
        """What the conversation is about, as `conversations.focus.Focus.as_json` gives it."""
        about = (self.message.get("metadata") or {}).get("context")
        return about if isinstance(about, Mapping) else {}

    @property
    def topic(self) -> str:
        """The FAQ that was answered last, "" for none of late."""
        return str(self.focus.get("faq") or "")

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


def _likely(parsed: Mapping[str, Any]) -> Iterator[str]:
    """FAQ labels of a message that came before, likeliest first."""
    ranking = ((parsed.get("response_selector") or {}).get("faq") or {}).get("ranking") or []
    yield from (str(one["intent_response_key"]) for one in ranking)


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

    def reply(self, view: TrackerView) -> Reply:
        """What `answer` says and does, with what else the message asks, and nothing in the words of just before."""
        answer = self.answer(view)
        reply = answer if isinstance(answer, Reply) else Reply(tuple(answer))
        named = {say.utterance for say in reply.says}
        also = [say for say in beside(view) if say.utterance not in named]
        return replace(reply, says=tuple(fresh(view, [known(say) for say in (*also, *reply.says)])))

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Called by rasa_sdk; a failure is a plain sentence to the person and a line in the log without their words."""
        view = TrackerView.of(tracker)
        with span(self.name()) as traced:
            reply, failure = await self._replied(view)
            if failure:
                traced.fail(failure)
        for say in reply.says:
            dispatcher.utter_message(response=say.utterance, buttons=list(say.buttons), **say.values)
        events = [SlotSet(name, value) for name, value in reply.slots.items()]
        return [*events, FollowupAction(reply.then)] if reply.then else events

    async def _replied(self, view: TrackerView) -> tuple[Reply, str]:
        """What is said and done, and what kind of error kept the action from its own words, "" for none."""
        began, failure = time.perf_counter(), ""
        try:
            reply = await asyncio.to_thread(self.reply, view)
        except (BotError, SQLAlchemyError) as error:
            failure = type(error).__name__
            log.error("%s failed: %s", self.name(), failure)
            reply = Reply(tuple(fresh(view, (*beside(view), Say("utter_failed")))))
        seconds = time.perf_counter() - began
        ACTION_SECONDS.labels(self.name(), "failed" if failure else "done").observe(seconds)
        return reply, failure


def known(say: Say) -> Say:
    """The same, with what is set or was measured where the answer depends on it."""
    name, values = worded(say.utterance, say.values)
    return replace(say, utterance=name, values=values)


def fresh(view: TrackerView, says: Sequence[Say]) -> list[Say]:
    """The same, each in other words where it was said in the turn before (`metadata: {again: ...}` of a response)."""
    recent, found = {*view.said, *view.spoken}, []
    for say in says:
        name = say.utterance
        while name in recent and again(name):
            name = again(name)
            if name == say.utterance:
                break
        found.append(replace(say, utterance=name))
    return found


def beside(view: TrackerView) -> list[Say]:
    """What a message asks beside what it is mainly about; said once, by the first action that follows on it."""
    if view.spoken:
        return []
    return [Say(f"utter_{label}") for label in view.message.get("also") or [] if f"utter_{label}" in responses()]
