"""How the inbox of answers was last found: kept by the process that reads it, told by those that people ask."""

import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.database import Database, insert_once
from bot.errors import MailboxUnavailable
from bot.tickets.mail_tables import inboxes

ANSWERS_INBOX = "answers"  # the one inbox that is read
LONGEST_UNREAD = datetime.timedelta(minutes=15)  # the worker looks every half minute


@dataclass(frozen=True)
class InboxState:
    """`readable`: the last look found nothing wrong, and was not long ago. `problem` names nobody."""

    readable: bool
    read_at: datetime.datetime | None
    problem: str


class Inbox:
    """The inbox that REPLIES_URL names."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Use a database whose schema exists."""
        self._database, self._clock = database, clock

    @contextmanager
    def looked_at(self) -> Iterator[None]:
        """Keep how a look went; what it raises goes on."""
        try:
            yield
        except SQLAlchemyError:
            raise  # says nothing about the inbox
        except Exception as error:
            self._keep(str(error) if isinstance(error, MailboxUnavailable) else type(error).__name__)
            raise
        self._keep("")

    def state(self) -> InboxState:
        """How it stands now; an inbox that nobody has looked at lately is not readable."""
        with self._database.transaction() as connection:
            row = connection.execute(inboxes.select().where(inboxes.c.name == ANSWERS_INBOX)).first()
        if row is None:
            return InboxState(False, None, "")
        late = row.read_at is None or self._clock() - row.read_at > LONGEST_UNREAD
        return InboxState(not row.problem and not late, row.read_at, row.problem)

    def _keep(self, problem: str) -> None:
        values = {"problem": problem[:200], **({} if problem else {"read_at": self._clock()})}
        with self._database.transaction() as connection:
            if not insert_once(connection, inboxes, {"name": ANSWERS_INBOX, **values}):
                connection.execute(inboxes.update().where(inboxes.c.name == ANSWERS_INBOX).values(values))


class InboxCollector(Collector):
    """For Prometheus, asked anew at each scrape."""

    def __init__(self, state: Callable[[], InboxState], clock: Clock) -> None:
        """Ask `state` at each scrape."""
        self._state, self._clock = state, clock

    def describe(self) -> list[GaugeMetricFamily]:
        """The metrics without their values: registering asks no database."""
        return [_readable(), _age()]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The metrics now; none while the database is away."""
        try:
            state = self._state()
        except SQLAlchemyError:
            return
        yield _readable(float(state.readable))
        if state.read_at:
            yield _age(max(0.0, (self._clock() - state.read_at).total_seconds()))


def _readable(value: float | None = None) -> GaugeMetricFamily:
    return GaugeMetricFamily("inbox_readable", "Whether answers by mail can be read (1) or not (0)", value=value)


def _age(seconds: float | None = None) -> GaugeMetricFamily:
    return GaugeMetricFamily("inbox_last_read_seconds", "Time since the inbox was last read well", value=seconds)
