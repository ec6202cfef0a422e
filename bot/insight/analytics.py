"""What people asked and what became of it, counted from the conversations themselves."""

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import sqlalchemy as sql

from bot.conversations.store import Message, conversations, message_of, messages
from bot.database import Database
from bot.insight.masking import masked

ANSWERED, LOOKED_UP, ESCALATED = "answered", "looked_up", "escalated"
CLARIFIED, DECLINED, NOT_UNDERSTOOD = "clarified", "declined", "not_understood"
# The first that fits a turn of the assistant tells what became of the question.
KINDS = {
    ESCALATED: ("utter_ticket_opened",),
    LOOKED_UP: ("utter_status_",),
    ANSWERED: ("utter_faq/",),
    DECLINED: ("utter_out_of_scope/", "utter_decline_again"),
    CLARIFIED: ("utter_ask_which", "utter_ambiguous/"),
    NOT_UNDERSTOOD: ("utter_ask_rephrase", "utter_lost", "utter_offer_escalation"),
}
CONFIRMED, SILENT = "confirmed", "silent"
OUTCOMES = (CONFIRMED, SILENT, CLARIFIED, DECLINED, ESCALATED)
THANKED = ("utter_thank",)


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


def read(database: Database, since: datetime.datetime, until: datetime.datetime) -> Analytics:
    """Count what was said in conversations that began between two moments (in UTC, as days are counted)."""
    days: dict[datetime.date, Counter[str]] = {}
    for number in range((until.date() - since.date()).days + 1):
        days[since.date() + datetime.timedelta(days=number)] = Counter()
    outcomes: Counter[str] = Counter()
    helpfulness: dict[str, Helpfulness] = {}
    for rows in _by_conversation(database, since, until):
        said = [message_of(row) for row in rows]
        turns = list(turns_of(said))
        for question, kind in turns:
            day = (question.created_at or rows[0].began).date()
            days.setdefault(day, Counter())[kind] += 1
        if turns:
            outcomes[outcome(said, [kind for _, kind in turns], any(row.helpful for row in rows))] += 1
        for row in rows:
            if row.helpful is not None and row.utterance.startswith("utter_faq/"):
                _rate(helpfulness.setdefault(row.utterance.removeprefix("utter_faq/"), Helpfulness()), row)
    return Analytics(days, outcomes, helpfulness)


def turns_of(said: Sequence[Message]) -> Iterator[tuple[Message, str]]:
    """Each question of the person with its kind; what is no question (a greeting, a code, a yes) is left out."""
    asked: Message | None = None
    utterances: list[str] = []
    for message in [*said, Message("", "user", "")]:
        if message.role != "user":
            utterances.append(message.utterance)
            continue
        kind = kind_of(utterances) if asked else None
        if asked and kind:
            yield asked, kind
        asked, utterances = message, []


def kind_of(utterances: Sequence[str]) -> str | None:
    """What became of a question that was replied to so; None when it was none."""
    return next((kind for kind, begins in KINDS.items() if any(u.startswith(begins) for u in utterances)), None)


def outcome(said: Sequence[Message], kinds: Sequence[str], helped: bool) -> str:
    """How a conversation ended; `helped`: an answer was rated so."""
    if ESCALATED in kinds:
        return ESCALATED
    if helped or any(message.utterance.startswith(THANKED) for message in said):
        return CONFIRMED
    if kinds[-1] == DECLINED:
        return DECLINED
    return CLARIFIED if kinds[-1] in (CLARIFIED, NOT_UNDERSTOOD) else SILENT


def _rate(found: Helpfulness, row: sql.engine.Row) -> None:
    found.yes += bool(row.helpful)
    found.no += not row.helpful
    if row.comment:
        found.comments.append(masked(row.comment))


def _by_conversation(
    database: Database, since: datetime.datetime, until: datetime.datetime
) -> Iterator[list[sql.engine.Row]]:
    began = conversations.c.created_at
    query = (
        sql.select(messages, began.label("began"))
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where((began >= since) & (began < until))
        .order_by(messages.c.conversation_id, messages.c.number)
    )
    with database.transaction() as connection:
        rows = connection.execute(query).all()
    for _, group in groupby(rows, key=lambda row: row.conversation_id):
        yield list(group)


def unhelpful(rows: Sequence[sql.engine.Row]) -> frozenset[str]:
    """The ids of the answers that were said not to help."""
    return frozenset(row.id for row in rows if row.helpful is not None and not row.helpful)


def conversations_between(
    database: Database, since: datetime.datetime, until: datetime.datetime
) -> Iterator[tuple[list[Message], frozenset[str]]]:
    """The messages of each conversation that began between two moments, and which answers did not help."""
    for rows in _by_conversation(database, since, until):
        yield [message_of(row) for row in rows], unhelpful(rows)
