"""What became of one answer of the FAQ: how often it was asked for, given, said to help, and not enough."""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sql

from bot.content.kinds import faq_id
from bot.content.responses import responses
from bot.conversations.store import messages
from bot.database import Database
from bot.insight.daily_counts import (
    ANSWERED_WITH,
    ASKED_FOR,
    CORRECTED,
    GIVEN,
    NO,
    TO_TEAM,
    YES,
    days_of,
    of_period,
    settle_some,
)
from bot.insight.review import Encode

NEAR_EXAMPLE = 0.55  # cosine from which a message is like an example
NUMBERS_OF_FAQ = (ASKED_FOR, ANSWERED_WITH, YES, NO, CORRECTED, TO_TEAM)


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
        first_asked: the day of the first message that got its answer or choice; None if there is none.
        last_asked: the same of the last one.
    """

    faq_id: str
    asked: int = 0
    answered: int = 0
    helpful: int = 0
    not_helpful: int = 0
    corrected: int = 0
    escalated: int = 0
    first_asked: datetime.date | None = None
    last_asked: datetime.date | None = None


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
        questions: what people typed to get its answer, as `faq_questions` has it.
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


def faq_numbers(
    database: Database,
    faq: str,
    since: datetime.datetime,
    until: datetime.datetime,
    zone: datetime.tzinfo = datetime.timezone.utc,
) -> FaqNumbers:
    """The numbers of one FAQ, of conversations that began from one day to another.

    Args:
        faq: its id, such as "sharing_options".
        since: within the first day.
        until: within the last.
        zone: in which days are counted.
    """
    settle_some(database, zone)
    first, last = days_of(since, until, zone)
    with database.transaction() as connection:
        rows = list(of_period(connection, NUMBERS_OF_FAQ, first, last, name=faq))
    total: Counter[str] = Counter()
    for what, _, _, number in rows:
        total[what] += number
    days = [day for what, _, day, _ in rows if what == ASKED_FOR]
    return FaqNumbers(
        faq_id=faq,
        asked=total[ASKED_FOR],
        answered=total[ANSWERED_WITH],
        helpful=total[YES],
        not_helpful=total[NO],
        corrected=total[CORRECTED],
        escalated=total[TO_TEAM],
        first_asked=min(days, default=None),
        last_asked=max(days, default=None),
    )


def answers_given(
    database: Database, since: datetime.datetime, until: datetime.datetime, zone: datetime.tzinfo
) -> dict[str, tuple[int, int, int]]:
    """For each FAQ how often its answer was given, and was said to help, and not to; a period as in `faq_numbers`."""
    settle_some(database, zone)
    found: dict[str, Counter[str]] = {}
    first, last = days_of(since, until, zone)
    with database.transaction() as connection:
        for what, name, _, number in of_period(connection, (GIVEN, YES, NO), first, last):
            found.setdefault(name, Counter())[what] += number
    return {name: (counts[GIVEN], counts[YES], counts[NO]) for name, counts in found.items()}


def faq_questions(database: Database, faq: str, since: datetime.datetime, most: int) -> list[str]:
    """What people typed last to get an answer, oldest first, as they wrote it: to be masked before it is shown or kept.

    Args:
        faq: whose answer, whole or one of its facts.
        since: none that was answered before.
        most: so many.
    """
    found: dict[tuple[str, int], str] = {}
    with database.transaction() as connection:
        for name in sorted(name for name in responses() if faq_id(name) == faq):
            reply, asked = messages.alias(), messages.alias()
            before = (asked.c.conversation_id == reply.c.conversation_id) & (asked.c.number < reply.c.number)
            last = sql.select(sql.func.max(asked.c.number)).where(before & (asked.c.role == "user")).scalar_subquery()
            given = sql.select(reply.c.number, last.label("asked")).where(
                (reply.c.utterance == name) & (reply.c.created_at >= since)
            )
            newest = given.order_by(reply.c.number.desc()).limit(most).subquery("newest")
            texts = sql.select(messages.c.conversation_id, messages.c.number, messages.c.text)
            for row in connection.execute(texts.where(messages.c.number.in_(sql.select(newest.c.asked)))):
                found[(row.conversation_id, row.number)] = row.text
    return [found[key] for key in sorted(found, key=lambda key: key[1])[-most:]]
