"""What became of one answer of the FAQ: how often it was asked for, given, said to help, and not enough."""

import datetime
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sql
from numpy.typing import NDArray

from bot.content.kinds import ResponseKind, faq_id, kind_of
from bot.content.responses import responses
from bot.conversations.store import Message, conversations, message_of, messages
from bot.database import Database
from bot.insight.analytics import ESCALATED, KINDS
from bot.insight.corrections import is_correction

NEAR_EXAMPLE = 0.55  # cosine from which a message is like an example
Encode = Callable[[Sequence[str]], NDArray[np.float32]]


@dataclass(frozen=True)
class FaqNumbers:
    """One FAQ in a period.

    Attributes:
        asked: messages that got its answer, or that were asked back about with it among the choices.
        answered: messages that got its answer, whole or one of its facts.
        helpful: ratings of its answer that said yes.
        not_helpful: ratings that said no.
        corrected: answers after which the person said at once that this was not what they had asked.
        escalated: answers after which the conversation went to the team before another FAQ was answered.
        first_asked: when the first message of the period came that got its answer or choice; None if there is none.
        last_asked: the same of the last one.
        questions: what people typed to get its answer, as they wrote it: to be masked before it is shown or kept.
    """

    faq_id: str
    asked: int = 0
    answered: int = 0
    helpful: int = 0
    not_helpful: int = 0
    corrected: int = 0
    escalated: int = 0
    first_asked: datetime.datetime | None = None
    last_asked: datetime.datetime | None = None
    questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExampleUse:
    """An example and how many of people's messages were nearer to it than to the others of its label.

    Attributes:
        nearest: the cosine of the message nearest to it; -1 where there was none.
    """

    example: str
    carried: int
    nearest: float

    @property
    def is_idle(self) -> bool:
        """Whether nobody wrote anything near it."""
        return self.nearest < NEAR_EXAMPLE


def example_uses(examples: Sequence[str], questions: Sequence[str], encode: Encode) -> list[ExampleUse]:
    """Which examples carry an answer, those that carry most first; the last ones nobody writes like.

    Args:
        examples: of one label.
        questions: what people typed to get its answer, as `FaqNumbers.questions` has it.
        encode: texts to vectors, one a row.
    """
    if not examples:
        return []
    if not questions:
        return [ExampleUse(example, 0, -1.0) for example in examples]
    vectors = np.asarray(encode([*examples, *questions]), dtype=np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    likeness = vectors[: len(examples)] @ vectors[len(examples) :].T
    carried = np.bincount(likeness.argmax(axis=0), minlength=len(examples))
    found = [
        ExampleUse(example, int(number), float(nearest))
        for example, number, nearest in zip(examples, carried, likeness.max(axis=1))
    ]
    return sorted(found, key=lambda one: (-one.carried, -one.nearest))


@dataclass(frozen=True)
class _Turn:
    """A message of a person, the replies to it and all that came after these."""

    asked: Message
    replies: Sequence[Message]
    after: Sequence[Message]


def faq_numbers(database: Database, faq: str, since: datetime.datetime, until: datetime.datetime) -> FaqNumbers:
    """The numbers of one FAQ, of conversations that began between two moments.

    Args:
        faq: its id, such as "sharing_options".
    """
    turns = [turn for said in _conversations_with(database, faq, since, until) for turn in _turns(said)]
    given = [turn for turn in turns if _answers(turn, faq)]
    about = [turn for turn in turns if _answers(turn, faq) or any(_offers(reply, faq) for reply in turn.replies)]
    answers = [reply for turn in given for reply in turn.replies if faq_id(reply.utterance) == faq]
    moments = [turn.asked.created_at for turn in about if turn.asked.created_at]
    return FaqNumbers(
        faq_id=faq,
        asked=len(about),
        answered=len(given),
        helpful=sum(reply.helpful is True for reply in answers),
        not_helpful=sum(reply.helpful is False for reply in answers),
        corrected=sum(_is_corrected(turn) for turn in given),
        escalated=sum(goes_to_team(turn.after, faq) for turn in given),
        first_asked=min(moments, default=None),
        last_asked=max(moments, default=None),
        questions=tuple(turn.asked.text for turn in given),
    )


def goes_to_team(after: Sequence[Message], faq: str) -> bool:
    """Whether what was said after the answer of an FAQ went to the team, with no other FAQ answered before that."""
    for message in after:
        if kind_of(message.utterance) in KINDS[ESCALATED]:
            return True
        if message.role != "user" and faq_id(message.utterance) not in ("", faq):
            return False
    return False


def _is_corrected(turn: _Turn) -> bool:
    return bool(turn.after) and is_correction(turn.after[0].text, turn.replies[-1])


def _answers(turn: _Turn, faq: str) -> bool:
    return any(faq_id(reply.utterance) == faq for reply in turn.replies)


def _offers(reply: Message, faq: str) -> bool:
    asks = kind_of(reply.utterance) in (ResponseKind.CLARIFICATION, ResponseKind.AMBIGUOUS)
    return asks and any(button.get("payload") == f"/faq/{faq}" for button in reply.buttons)


def _turns(said: Sequence[Message]) -> Iterator[_Turn]:
    for place, message in enumerate(said):
        if message.role == "user":
            replies = list(itertools.takewhile(lambda one: one.role != "user", said[place + 1 :]))
            yield _Turn(message, replies, said[place + 1 + len(replies) :])


def _conversations_with(
    database: Database, faq: str, since: datetime.datetime, until: datetime.datetime
) -> Iterator[list[Message]]:
    """The conversations of the period in which an FAQ was answered or offered; others are not read."""
    names = [name for name in responses() if faq_id(name) == faq]
    offered = messages.c.buttons.like(sql.bindparam("payload"), escape="!")
    began = conversations.c.created_at
    about = (
        sql.select(messages.c.conversation_id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where((began >= since) & (began < until) & (messages.c.utterance.in_(names) | offered))
    )
    query = (
        sql.select(messages)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where((began >= since) & (began < until) & messages.c.conversation_id.in_(about))
        .order_by(messages.c.conversation_id, messages.c.number)
    )
    payload = f'%"/faq/{faq.replace("!", "!!").replace("_", "!_").replace("%", "!%")}"%'
    with database.transaction() as connection:
        rows = connection.execute(query, {"payload": payload}).all()
    for _, group in itertools.groupby(rows, key=lambda row: row.conversation_id):
        yield [message_of(row) for row in group]
