"""What people asked and what became of it, by the day."""

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from bot.content.kinds import faq_id
from bot.conversations.store import Message, conversations, message_of, messages
from bot.database import Database
from bot.insight.daily_counts import (
    BECAME,
    NO,
    OUTCOME,
    REOPENED,
    YES,
    days_of,
    of_period,
    settle_some,
    unhelpful,
    with_open_questions,
)
from bot.insight.masking import masked

ROWS_AT_A_TIME = 2000  # of what may be a million
MOST_COMMENTS = 200  # that a page shows, the newest ones
CONVERSATIONS_AT_ONCE = 500


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
    was solved. `reopened` is how many times a resolved ticket was opened again. `uncounted` are changes (messages and
    the like) that are not in the figures yet, as after an upgrade; else there are none.
    """

    days: dict[datetime.date, Counter[str]]
    outcomes: Counter[str]
    helpfulness: dict[str, Helpfulness]
    reopened: int = 0
    uncounted: int = 0

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
    """What was said in conversations that began, and written in the form, from one day to another.

    Args:
        since: within the first day.
        until: within the last.
        zone: in which days are counted.
    """
    uncounted = settle_some(database, zone)
    first, last = days_of(since, until, zone)
    numbers = range((last - first).days + 1)
    days: dict[datetime.date, Counter[str]] = {first + datetime.timedelta(days=n): Counter() for n in numbers}
    outcomes: Counter[str] = Counter()
    helpfulness: dict[str, Helpfulness] = {}
    reopened = 0
    with database.transaction() as connection:
        for what, name, day, number in of_period(connection, (BECAME, OUTCOME, REOPENED), first, last):
            if what == BECAME:
                days.setdefault(day, Counter())[name] += number
            elif what == OUTCOME:
                outcomes[name] += number
            else:
                reopened += number
        for what, name, _, number in of_period(connection, (YES, NO), first, last):
            rated = helpfulness.setdefault(name, Helpfulness())
            rated.yes += number if what == YES else 0
            rated.no += number if what == NO else 0
        for utterance, comment in _comments(connection, since, until):
            if (faq := faq_id(utterance)) in helpfulness:
                helpfulness[faq].comments.append(masked(comment))
    return Analytics(days=days, outcomes=outcomes, helpfulness=helpfulness, reopened=reopened, uncounted=uncounted)


def _comments(connection: Connection, since: datetime.datetime, until: datetime.datetime) -> list[tuple[str, str]]:
    """The newest ones, and to what they were given, oldest first."""
    at = messages.c.created_at
    these = messages.c.comment.is_not(None) & (messages.c.comment != "") & (at >= since) & (at < until)
    newest = sql.select(messages.c.utterance, messages.c.comment).where(these).order_by(at.desc()).limit(MOST_COMMENTS)
    return [(row.utterance, row.comment) for row in reversed(connection.execute(newest).all())]


def conversations_between(
    database: Database, since: datetime.datetime, until: datetime.datetime
) -> Iterator[tuple[str, list[Message], frozenset[str]]]:
    """Each conversation that began between two moments: its id, its messages, and which answers did not help."""
    began = conversations.c.created_at
    query = (
        sql.select(messages)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where((began >= since) & (began < until))
        .order_by(messages.c.conversation_id, messages.c.number)
    )
    with database.engine.connect().execution_options(stream_results=True) as connection:
        rows = connection.execute(query).yield_per(ROWS_AT_A_TIME)
        for _, group in groupby(rows, key=lambda row: row.conversation_id):
            yield _told(list(group))


def conversations_to_review(
    database: Database, since: datetime.datetime, until: datetime.datetime, zone: datetime.tzinfo, most: int
) -> Iterator[tuple[str, list[Message], frozenset[str]]]:
    """The same of the newest conversations that have a question for the review, as far as they are counted.

    Args:
        zone: in which days are counted.
        most: so many conversations.
    """
    first, last = days_of(since, until, zone)
    with database.transaction() as connection:
        names = with_open_questions(connection, first, last, most)
        for begin in range(0, len(names), CONVERSATIONS_AT_ONCE):
            these = messages.c.conversation_id.in_(names[begin : begin + CONVERSATIONS_AT_ONCE])
            said = messages.select().where(these).order_by(messages.c.conversation_id, messages.c.number)
            rows = connection.execute(said).all()
            for _, group in groupby(rows, key=lambda row: row.conversation_id):
                yield _told(list(group))


def _told(rows: Sequence[sql.engine.Row]) -> tuple[str, list[Message], frozenset[str]]:
    return rows[0].conversation_id, [message_of(row) for row in rows], unhelpful(rows)
