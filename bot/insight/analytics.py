"""What people asked and what became of it, counted from the conversations themselves."""

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Protocol, TypeVar

import sqlalchemy as sql

from bot.content.kinds import ResponseKind, faq_id, kind_of
from bot.conversations.store import Message, conversations, message_of, messages
from bot.database import Database, Moment
from bot.insight.masking import masked
from bot.tickets.store import tickets
from bot.tickets.ticket import HandoverReason

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
ROWS_AT_A_TIME = 2000  # of what may be a million
CONFIRMED, SILENT = "confirmed", "silent"
OUTCOMES = (CONFIRMED, SILENT, CLARIFIED, TURNED_DOWN, ESCALATED)

COUNTED_COLUMNS = (
    messages.c.conversation_id,
    messages.c.role,
    messages.c.utterance,
    messages.c.helpful,
    messages.c.comment,
    sql.func.coalesce(messages.c.created_at, conversations.c.created_at, type_=Moment).label("at"),
)  # of a message, and no more: there may be a million


class SaidMessage(Protocol):
    """What is counted of a message, or a row of the database with that."""

    @property
    def role(self) -> str:
        """Who has said it."""

    @property
    def utterance(self) -> str:
        """As what, of the assistant's."""


Said = TypeVar("Said", bound=SaidMessage)


@dataclass
class Helpfulness:
    """How often an answer was said to help, or not, and what was missing (addresses and numbers blacked out)."""

    yes: int = 0
    no: int = 0
    comments: list[str] = field(default_factory=list)

    @property
    def share(self) -> int:
        """Per cent of the ratings that said yes."""
        return round(100 * self.yes / max(1, self.yes + self.no))


@dataclass(frozen=True)
class Analytics:
    """A period: questions by kind for each day, conversations by outcome, ratings by FAQ id.

    An outcome is counted once a conversation that asked something. Silence is what is left: nobody knows whether it
    was solved.
    """

    days: dict[datetime.date, Counter[str]]
    outcomes: Counter[str]
    helpfulness: dict[str, Helpfulness]

    @property
    def kinds(self) -> Counter[str]:
        """Questions by kind in the whole period."""
        return sum(self.days.values(), Counter())


def read(
    database: Database,
    since: datetime.datetime,
    until: datetime.datetime,
    zone: datetime.tzinfo = datetime.timezone.utc,
) -> Analytics:
    """Count what was said in conversations that began, and written in the form, between two moments.

    Args:
        zone: in which days are counted.
    """
    first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    numbers = range((last - first).days + 1)
    days: dict[datetime.date, Counter[str]] = {first + datetime.timedelta(days=n): Counter() for n in numbers}
    forms = _forms(database, since, until)
    for form in forms:
        days.setdefault(form.created_at.astimezone(zone).date(), Counter())[ESCALATED] += 1
    wrote = {form.conversation_id for form in forms} - {""}
    counted: set[str] = set()
    outcomes: Counter[str] = Counter()
    helpfulness: dict[str, Helpfulness] = {}
    for rows in _by_conversation(database, since, until, COUNTED_COLUMNS):
        turns = list(turns_of(rows))
        for question, kind in turns:
            day = question.at.astimezone(zone).date()
            days.setdefault(day, Counter())[kind] += 1
        conversation_id = rows[0].conversation_id
        if turns or conversation_id in wrote:
            kinds = [kind for _, kind in turns] + [ESCALATED] * (conversation_id in wrote)
            outcomes[outcome(rows, kinds, any(row.helpful for row in rows))] += 1
            counted.add(conversation_id)
        for row in rows:
            if row.helpful is not None and (faq := faq_id(row.utterance)):
                _rate(helpfulness.setdefault(faq, Helpfulness()), row)
    outcomes[ESCALATED] += sum(form.conversation_id not in counted for form in forms)
    return Analytics(days, +outcomes, helpfulness)


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


def _rate(found: Helpfulness, row: sql.engine.Row) -> None:
    found.yes += bool(row.helpful)
    found.no += not row.helpful
    if row.comment:
        found.comments.append(masked(row.comment))


def _forms(database: Database, since: datetime.datetime, until: datetime.datetime) -> list[sql.engine.Row]:
    """The tickets that were written in the form, where the assistant was away."""
    opened = tickets.c.created_at
    these = (tickets.c.reason == HandoverReason.NO_ASSISTANT.value) & (opened >= since) & (opened < until)
    with database.transaction() as connection:
        return list(connection.execute(sql.select(tickets.c.conversation_id, opened).where(these)).all())


def _by_conversation(
    database: Database, since: datetime.datetime, until: datetime.datetime, columns: Sequence[Any]
) -> Iterator[list[sql.engine.Row]]:
    began = conversations.c.created_at
    query = (
        sql.select(*columns)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where((began >= since) & (began < until))
        .order_by(messages.c.conversation_id, messages.c.number)
    )
    with database.engine.connect().execution_options(stream_results=True) as connection:
        rows = connection.execute(query).yield_per(ROWS_AT_A_TIME)
        for _, group in groupby(rows, key=lambda row: row.conversation_id):
            yield list(group)


def unhelpful(rows: Sequence[sql.engine.Row]) -> frozenset[str]:
    """The ids of the answers that were said not to help."""
    return frozenset(row.id for row in rows if row.helpful is not None and not row.helpful)


def conversations_between(
    database: Database, since: datetime.datetime, until: datetime.datetime
) -> Iterator[tuple[str, list[Message], frozenset[str]]]:
    """Each conversation that began between two moments: its id, its messages, and which answers did not help."""
    for rows in _by_conversation(database, since, until, [messages]):
        yield rows[0].conversation_id, [message_of(row) for row in rows], unhelpful(rows)
