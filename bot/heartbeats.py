"""Signs of life of the workers, kept in the database: a worker that hangs or is gone is told by the site."""

import datetime
from collections.abc import Iterator

import sqlalchemy as sql
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.database import Database, Moment, insert_once, metadata

LONGEST_SILENCE = datetime.timedelta(minutes=1)  # after which a worker counts as gone
FORGOTTEN_AFTER = datetime.timedelta(days=1)

heartbeats = sql.Table(
    "heartbeats",
    metadata,
    sql.Column("worker", sql.String(100), primary_key=True),
    sql.Column("at", Moment, nullable=False),
)


class Heartbeats:
    """When each worker was last seen."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Use a database whose schema exists."""
        self._database, self._clock = database, clock

    def beat(self, worker: str) -> None:
        """A worker lives; those not seen for a day are forgotten.

        Args:
            worker: an id that no other worker has, at most 100 characters.
        """
        now = self._clock()
        with self._database.transaction() as connection:
            if not insert_once(connection, heartbeats, {"worker": worker, "at": now}):
                connection.execute(heartbeats.update().where(heartbeats.c.worker == worker).values(at=now))
            connection.execute(heartbeats.delete().where(heartbeats.c.at < now - FORGOTTEN_AFTER))

    def seen(self) -> tuple[float | None, int]:
        """Seconds since a worker was last seen, None for never, and how many live."""
        with self._database.transaction() as connection:
            moments = connection.execute(sql.select(heartbeats.c.at)).scalars().all()
        ages = [max(0.0, (self._clock() - at).total_seconds()) for at in moments]
        return min(ages, default=None), sum(age < LONGEST_SILENCE.total_seconds() for age in ages)


class WorkerCollector(Collector):
    """For Prometheus, asked anew at each scrape."""

    def __init__(self, kept: Heartbeats) -> None:
        """Ask `kept` at each scrape."""
        self._kept = kept

    def describe(self) -> list[GaugeMetricFamily]:
        """The metrics without their values: registering asks no database."""
        return [_alive(), _last_seen()]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The metrics now; none while the database is away."""
        try:
            seconds, number = self._kept.seen()
        except SQLAlchemyError:
            return
        yield _alive(number)
        if seconds is not None:
            yield _last_seen(seconds)


def _alive(number: int | None = None) -> GaugeMetricFamily:
    return GaugeMetricFamily("workers_alive", "Workers that were seen within a minute", value=number)


def _last_seen(seconds: float | None = None) -> GaugeMetricFamily:
    return GaugeMetricFamily("workers_last_seen_seconds", "Time since any worker was last seen", value=seconds)
