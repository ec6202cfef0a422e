"""What kind of response an utterance is, from its `metadata` in domain.yml and data/nlu."""

from enum import Enum
from pathlib import Path
from typing import Any

from bot.content.responses import responses

ANSWER_PREFIX = "utter_faq/"


class ResponseKind(str, Enum):
    """`metadata: {kind: ...}`: every response has one."""

    ANSWER = "answer"  # of the FAQ
    FACT = "fact"  # one sentence of an answer; `of` names the FAQ
    CLARIFICATION = "clarification"  # which question is meant, of those that the message may mean
    AMBIGUOUS = "ambiguous"  # which question is meant, of those that the words always may mean
    REPHRASE = "rephrase"
    OFFER = "offer"  # of the team, because nothing was understood
    DECLINE = "decline"  # what is not covered
    DECLINE_AGAIN = "decline_again"
    ADDRESS = "address"  # asks for an address to be proven
    CODE = "code"  # about a one-time code
    REFUSAL = "refusal"  # to show another's record
    RECORD = "record"  # what the record shows
    TICKET = "ticket"
    HANDOVER = "handover"  # the ticket is made
    FORM = "form"  # asks for a text that is passed on
    SOCIAL = "social"
    THANKS = "thanks"
    FAILURE = "failure"
    BUTTON = "button"  # has the title of a button and is not said by itself
    UNKNOWN = "unknown"  # of messages kept under names that are no more; no response may say so of itself

    @property
    def public(self) -> bool:
        """Whether others may read it, unless the response says otherwise; all else may be about who asked."""
        return self in _PUBLIC

    @property
    def asks_which(self) -> bool:
        """Whether its buttons are questions, of which a yes, a number or a bare name may choose one."""
        return self in (ResponseKind.CLARIFICATION, ResponseKind.AMBIGUOUS)

    @property
    def not_understood(self) -> bool:
        """Whether it says that the message was not understood."""
        return self in (ResponseKind.CLARIFICATION, ResponseKind.REPHRASE, ResponseKind.OFFER)

    @property
    def may_not_help(self) -> bool:
        """Whether a "no" to it says that it did not help."""
        return self.asks_which or self in _MAY_NOT_HELP

    @property
    def proves(self) -> bool:
        """Whether it belongs to proving who somebody is, and to what only they may see."""
        return self in _PROVING


_PUBLIC = frozenset(
    {
        ResponseKind.ANSWER,
        ResponseKind.FACT,
        ResponseKind.CLARIFICATION,
        ResponseKind.AMBIGUOUS,
        ResponseKind.REPHRASE,
        ResponseKind.DECLINE,
        ResponseKind.DECLINE_AGAIN,
        ResponseKind.FORM,
        ResponseKind.SOCIAL,
        ResponseKind.THANKS,
        ResponseKind.FAILURE,
    }
)
_MAY_NOT_HELP = frozenset({ResponseKind.REPHRASE, ResponseKind.ANSWER, ResponseKind.FACT, ResponseKind.DECLINE})
_PROVING = frozenset(
    {
        ResponseKind.ADDRESS,
        ResponseKind.CODE,
        ResponseKind.REFUSAL,
        ResponseKind.RECORD,
        ResponseKind.TICKET,
        ResponseKind.HANDOVER,
    }
)


def kind_of(utterance: str, root: Path | None = None) -> ResponseKind:
    """The kind of a response; UNKNOWN when there is none of this name."""
    return ResponseKind(_metadata(utterance, root).get("kind", ResponseKind.UNKNOWN))


def is_public(utterance: str, root: Path | None = None) -> bool:
    """Whether others than the one who asked may read a response: as its kind, or as its own `public` says."""
    return bool(_metadata(utterance, root).get("public", kind_of(utterance, root).public))


def faq_id(utterance: str) -> str:
    """The FAQ that an utterance answers, whole or in part; "" for none."""
    kind = kind_of(utterance)
    return topic_of(utterance) if kind is ResponseKind.FACT else whole_answer(utterance)


def topic_of(utterance: str) -> str:
    """The FAQ that an utterance answers, or says something `of`, as some sentences on a record do; "" for none."""
    return whole_answer(utterance) or str(_metadata(utterance).get("of", ""))


def whole_answer(utterance: str) -> str:
    """The FAQ that an utterance answers whole, "" for none."""
    return utterance.removeprefix(ANSWER_PREFIX) if kind_of(utterance) is ResponseKind.ANSWER else ""


def asks(utterance: str, root: Path | None = None) -> str:
    """What an utterance waits for, as `conversations.focus.Task` names it; "" for nothing."""
    return str(_metadata(utterance, root).get("asks", ""))


def watches(utterance: str, root: Path | None = None) -> bool | None:
    """Whether an utterance says that news will be told (`watch: true`) or will not; None for others."""
    found: bool | None = _metadata(utterance, root).get("watch")
    return found


def again(utterance: str, root: Path | None = None) -> str:
    """What is said instead where this utterance has just been said; "" if nothing is."""
    return str(_metadata(utterance, root).get("again", ""))


def _metadata(utterance: str, root: Path | None = None) -> dict[str, Any]:
    variants = responses(root).get(utterance) or [{}]
    return variants[0].get("metadata") or {}
