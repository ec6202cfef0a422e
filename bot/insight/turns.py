"""What became of what people asked, as a conversation itself tells it. No I/O."""

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from bot.content.kinds import ResponseKind, faq_id, kind_of

ANSWERED, LOOKED_UP, ESCALATED = "answered", "looked_up", "escalated"
CLARIFIED, TURNED_DOWN, NOT_UNDERSTOOD = "clarified", "declined", "not_understood"
# The first that fits a turn of the assistant tells what became of the question.
KINDS = {
    ESCALATED: {ResponseKind.HANDOVER},
    LOOKED_UP: {ResponseKind.RECORD},
    ANSWERED: {ResponseKind.ANSWER},
    TURNED_DOWN: {ResponseKind.DECLINE, ResponseKind.DECLINE_AGAIN},
    CLARIFIED: {ResponseKind.CLARIFICATION, ResponseKind.AMBIGUOUS},
    NOT_UNDERSTOOD: {ResponseKind.REPHRASE, ResponseKind.OFFER},
}
CONFIRMED, SILENT = "confirmed", "silent"


class SaidMessage(Protocol):
    """What is counted of a message, or a row of the database with that."""

    @property
    def role(self) -> str:
        """Who has said it."""

    @property
    def utterance(self) -> str:
        """As what, of the assistant's."""


Said = TypeVar("Said", bound=SaidMessage)


def turns_of(said: Sequence[Said]) -> Iterator[tuple[Said, str]]:
    """Each question of the person with its kind; what is no question (a greeting, a code, a yes) is left out."""
    asked: Said | None = None
    utterances: list[str] = []
    for message in [*said, None]:
        if message is not None and message.role != "user":
            utterances.append(message.utterance)
            continue
        kind = became_of(utterances) if asked else None
        if asked and kind:
            yield asked, kind
        asked, utterances = message, []


def became_of(utterances: Sequence[str]) -> str | None:
    """What became of a question that was replied to so; None when it was none."""
    said = {kind_of(utterance) for utterance in utterances}
    return next((outcome for outcome, kinds in KINDS.items() if kinds & said), None)


def outcome(said: Sequence[SaidMessage], kinds: Sequence[str], helped: bool) -> str:
    """How a conversation ended; `helped`: an answer was rated so."""
    if ESCALATED in kinds:
        return ESCALATED
    if helped or any(kind_of(message.utterance) is ResponseKind.THANKS for message in said):
        return CONFIRMED
    if kinds[-1] == TURNED_DOWN:
        return TURNED_DOWN
    return CLARIFIED if kinds[-1] in (CLARIFIED, NOT_UNDERSTOOD) else SILENT


def goes_to_team(after: Sequence[SaidMessage], faq: str) -> bool:
    """Whether what was said after the answer of an FAQ went to the team, with no other FAQ answered before that."""
    for message in after:
        if kind_of(message.utterance) in KINDS[ESCALATED]:
            return True
        if message.role != "user" and faq_id(message.utterance) not in ("", faq):
            return False
    return False
