"""How often something may happen, counted by the rows of a table, so that every process counts the same."""

import datetime
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql
from prometheus_client import Counter
from sqlalchemy.engine import Connection

from bot.clock import SKEW

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
LIMITS_HIT = Counter("limits_hit", "Times that a limit refused something", ("limit",))
LONGEST_NETWORK = 64  # characters of what stands for a network


@dataclass(frozen=True)
class Limit:
    """At most `most` times in any period as long as `window`."""

    most: int
    window: datetime.timedelta

    def wait(self, earlier: datetime.datetime | None, now: datetime.datetime) -> int:
        """Whole seconds until one more is allowed, 0 for now; `earlier` is when the `most`-th newest happened."""
        return 0 if earlier is None else max(0, math.ceil((earlier + self.window - now).total_seconds()))


def scaled(limits: Iterable[Limit], times: int) -> tuple[Limit, ...]:
    """The same limits for so many times as many people (TOTAL_LIMITS_TIMES)."""
    return tuple(Limit(limit.most * times, limit.window) for limit in limits)


def longest_wait(
    connection: Connection, limits: Iterable[Limit], moment: Any, which: Any, now: datetime.datetime
) -> int:
    """Whole seconds until one more row is within all limits, 0 for now.

    Args:
        connection: of the transaction that will add the row.
        limits: what is allowed.
        moment: the column that says when a row was added.
        which: the rows that count, as a condition.
        now: the time.
    """
    so_far = sql.and_(which, moment <= now + SKEW)  # rows of a clock that was set back since would count for days
    wait = max(limit.wait(_nth_newest(connection, moment, so_far, limit.most), now) for limit in limits)
    if wait:
        LIMITS_HIT.labels(moment.table.name).inc()
    return wait


def _nth_newest(connection: Connection, moment: Any, which: Any, n: int) -> datetime.datetime | None:
    """When the n-th newest of some rows was added, None when there are fewer."""
    query = sql.select(moment).where(which).order_by(moment.desc()).limit(1).offset(n - 1)
    found: datetime.datetime | None = connection.execute(query).scalar()
    return found
