"""What becomes of messages, and how many wait behind others, for Prometheus."""

from collections.abc import Iterable
from enum import Enum

from prometheus_client import Counter, Gauge

from bot.content.kinds import ResponseKind, kind_of


class MessageOutcome(Enum):
    """What became of a message."""

    ANSWERED = "answered"
    ASKED_BACK = "asked_back"
    DECLINED = "declined"
    FAILED = "failed"  # an action could not do what it is for
    UNAVAILABLE = "unavailable"  # Rasa did not answer


MESSAGES = Counter("messages", "Messages of people, by what became of them", ("channel", "outcome"))
TURNS_WAITING = Gauge("turns_waiting", "Messages that wait behind others of the same conversation, in this process")
LONG_MESSAGES_WAITING = Gauge("long_messages_waiting", "Long messages that wait until Rasa has time, in this process")
# The first that fits what was said; all else (a form's question, thanks, a greeting) is an answer.
_BY_KIND = (
    (MessageOutcome.FAILED, {ResponseKind.FAILURE}),
    (MessageOutcome.ANSWERED, {ResponseKind.ANSWER, ResponseKind.FACT, ResponseKind.RECORD, ResponseKind.HANDOVER}),
    (MessageOutcome.ASKED_BACK, {ResponseKind.CLARIFICATION, ResponseKind.AMBIGUOUS, ResponseKind.REPHRASE}),
    (MessageOutcome.DECLINED, {ResponseKind.DECLINE, ResponseKind.DECLINE_AGAIN, ResponseKind.OFFER}),
)


def outcome_of(utterances: Iterable[str]) -> MessageOutcome:
    """What became of a message that was replied to so."""
    said = {kind_of(utterance) for utterance in utterances}
    return next((name for name, kinds in _BY_KIND if said & kinds), MessageOutcome.ANSWERED)
