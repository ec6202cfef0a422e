"""What one can do with a conversation: begin it, say something, read it, rate an answer."""

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.clock import Clock
from bot.conversations.admission import Admission
from bot.conversations.assistant import Assistant
from bot.conversations.focus import Focus
from bot.conversations.followups import with_suggestions
from bot.conversations.message import UserInput
from bot.conversations.metrics import MESSAGES, TURNS_WAITING, MessageOutcome, outcome_of
from bot.conversations.store import ConversationStore, Message
from bot.conversations.turns import Answered, Turn, Turns, Waiting
from bot.errors import AssistantUnavailable, UnknownAnswer, UnknownMessage
from bot.telemetry.traces import span

LONGEST_WAIT = 40.0  # seconds behind other messages of the same conversation
LOOK_EVERY = 0.04  # seconds


class Conversations:
    """Use cases of the chat, whatever the channel."""

    def __init__(
        self,
        store: ConversationStore,
        turns: Turns,
        assistant: Assistant,
        related: Callable[[], Mapping[str, Sequence[dict[str, str]]]],
        clock: Clock,
        admission: Admission,
    ) -> None:
        """Put the parts together; `related` tells the suggested follow-ups of each utterance."""
        self._store, self._turns, self._assistant, self._related = store, turns, assistant, related
        self._clock, self._admission = clock, admission

    def begin(self, channel: str = "site", network: str = "") -> tuple[str, list[Message]]:
        """A new conversation with the greeting; raises AssistantUnavailable before anything is kept.

        Args:
            channel: "site" or "slack".
            network: what stands for the network that it begins from; what it does counts for the limits of that.
        """
        conversation_id = str(uuid.uuid4())
        replies = self._assistant.reply(conversation_id, channel, UserInput(payload="/greet"))
        now = self._clock()
        greeting = [Message.of(reply, now) for reply in replies]
        self._store.create(conversation_id, channel, now, network)
        self._store.add(conversation_id, *greeting)
        return conversation_id, greeting

    def ensure(self, conversation_id: str, channel: str, network: str = "") -> None:
        """A conversation with an id that the channel has made, begun without a greeting; it may be there already.

        Args:
            network: as `begin` takes it.
        """
        self._store.create_once(conversation_id, channel, self._clock(), network)

    def discard(self, conversation_id: str) -> None:
        """Take back a conversation that has just begun."""
        self._store.delete(conversation_id)

    def exists(self, conversation_id: str) -> bool:
        """Whether the conversation is known."""
        return self._store.exists(conversation_id)

    def history(self, conversation_id: str, after: str = "") -> list[Message]:
        """All messages so far, or those after one; raises UnknownMessage."""
        if after and not self._anything_after(conversation_id, after):
            return []
        history = self._suggesting(self._store.all(conversation_id))
        places = [place for place, message in enumerate(history, 1) if message.id == after]
        return history[places[0] :] if places else history

    def say(self, conversation_id: str, said: UserInput) -> list[Message]:
        """Pass a typed text or a pressed button on to the assistant; the person's message is kept in any case.

        What is typed while an earlier message is being answered gets one reply together; each of the requests that
        brought it returns that reply. The same `client_id` again is the same message, and returns the same replies.

        Raises:
            NoConversation, UnknownButton (it was never offered there), TooManyMessages: it is not taken.
            AssistantUnavailable: the assistant does not answer.
        """
        with self._admission.kept(len(said.text)):
            waiting, step = self._turns.accept(conversation_id, said, self._offered)
        deadline = time.monotonic() + LONGEST_WAIT
        replies: list[Message] = []
        while not isinstance(step, Answered):
            if step is None:
                with TURNS_WAITING.track_inprogress(), span("wait for the turn"):
                    step = self._wait(conversation_id, waiting, deadline)
                continue
            replies += self._answer(step)
            if waiting.number in step.numbers and replies:
                return replies
            step = self._turns.proceed(conversation_id, waiting.number)
        return replies + self._as_replied(conversation_id, step.replies)

    def rate(self, conversation_id: str, message_id: str, helpful: bool, comment: str | None) -> None:
        """Keep feedback; raises UnknownAnswer when this conversation has no such answer."""
        if not self._store.rate(conversation_id, message_id, helpful, comment):
            raise UnknownAnswer

    def _answer(self, turn: Turn) -> list[Message]:
        """Ask the assistant and keep its replies; [] when the turn went to somebody else meanwhile."""
        try:
            with self._turns.in_hand(turn):
                said = self._assistant.reply(turn.conversation_id, turn.channel, turn.said, context(turn.before))
        except AssistantUnavailable:
            MESSAGES.labels(turn.channel, MessageOutcome.UNAVAILABLE.value).inc()
            self._turns.give_up(turn)
            raise
        MESSAGES.labels(turn.channel, outcome_of(reply.utterance for reply in said).value).inc()
        now = self._clock()
        replies = [Message.of(reply, now) for reply in said]
        kept = self._turns.end(turn, replies)
        return self._suggesting([*turn.before, *replies])[-len(replies) :] if kept and replies else []

    def _wait(self, conversation_id: str, waiting: Waiting, deadline: float) -> Turn | Answered | None:
        """Until the message is answered or nobody is answering; raises AssistantUnavailable when that failed."""
        while (state := self._turns.look(conversation_id, waiting)) == "busy":
            if time.monotonic() > deadline:
                raise AssistantUnavailable("still answering earlier messages")
            time.sleep(LOOK_EVERY)
        if state == "failed":
            raise AssistantUnavailable("the message was tried together with others")
        return self._turns.proceed(conversation_id, waiting.number)

    def _anything_after(self, conversation_id: str, message_id: str) -> bool:
        anything = self._store.anything_after(conversation_id, message_id)
        if anything is None:
            raise UnknownMessage
        return anything

    def _suggesting(self, history: list[Message]) -> list[Message]:
        return with_suggestions(history, self._related())

    def _as_replied(self, conversation_id: str, replies: list[Message]) -> list[Message]:
        known = {message.id: message for message in self._suggesting(self._store.all(conversation_id))}
        return [known.get(reply.id, reply) for reply in replies]

    def _offered(self, history: list[Message]) -> dict[str, str]:
        return offered(self._suggesting(history))


def offered(history: list[Message]) -> dict[str, str]:
    """Every payload that the bot has offered or suggested, or that came with an answer of the team, with its title."""
    return {b["payload"]: b["title"] for m in history if m.role != "user" for b in (*m.suggestions, *m.buttons)}


def context(history: list[Message]) -> dict[str, Any]:
    """What the conversation is about, for the understanding of the next message."""
    return Focus.of(history).as_json()
