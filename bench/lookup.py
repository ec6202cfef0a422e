"""`python -m bench.lookup [DATABASE_URL]`: a look-up in a nearly empty and in a full database, measured in turns.

Without an address it uses SQLite in a temporary folder. On PostgreSQL it makes two schemas of its own and drops them.
"""

import datetime
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import sqlalchemy as sql

from bot.database import Database
from bot.issuance.record import Badge, BadgeState, Completion
from bot.issuance.store import CompletionStore, LocalBadges, write_badges

NEARLY_EMPTY, FULL = 10, 100_000  # learners
COMPLETIONS, BADGES = 3, 2  # a learner: 500,000 records in the full database
LOOK_UPS, WARM_UP, BATCH = 2000, 200, 1000
DAY = datetime.date(2026, 1, 5)


def main(arguments: list[str]) -> None:
    """Fill, measure, print."""
    with ExitStack() as stack:
        databases = {}
        for learners in (NEARLY_EMPTY, FULL):
            databases[learners] = Database(stack.enter_context(_place(*arguments[:1])))
            stack.callback(databases[learners].engine.dispose)
            started = time.perf_counter()
            _fill(databases[learners], learners)
            records = learners * (COMPLETIONS + BADGES)
            print(f"{learners} learners, {records} records, filled in {time.perf_counter() - started:.1f} s")
        for addresses in (1, 2):
            _report(databases, addresses)


@contextmanager
def _place(url: str = "") -> Iterator[str]:
    """The address of an empty database, gone afterwards."""
    if not url.startswith("postgresql"):
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/bench.db"
        return
    schema, admin = f"bench{uuid.uuid4().hex}", sql.create_engine(url, future=True)
    with admin.begin() as connection:
        connection.execute(sql.text(f"CREATE SCHEMA {schema}"))
    try:
        yield f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{schema}"
    finally:
        with admin.begin() as connection:
            connection.execute(sql.text(f"DROP SCHEMA {schema} CASCADE"))
        admin.dispose()


def _fill(database: Database, learners: int) -> None:
    database.create_schema()
    store = CompletionStore(database)
    for first in range(0, learners, BATCH):
        numbers = range(first, min(first + BATCH, learners))
        store.add(
            Completion(_email(n), f"c{i}", f"C{i}", 100, DAY, "", f"L {n}") for n in numbers for i in range(COMPLETIONS)
        )
        issued = [
            Badge(str(uuid.uuid4()), _email(n), f"c{i}", f"C{i}", BadgeState.ACCEPTED, DAY, None, "", f"L {n}", "I")
            for n in numbers
            for i in range(BADGES)
        ]
        with database.transaction() as connection:
            write_badges(connection, issued)


def _email(number: int) -> str:
    return f"learner{number}@example.com"


def _report(databases: dict[int, Database], addresses: int) -> None:
    """One look-up in each database in turn, so that both meet the same machine."""
    ask = {learners: _asker(database) for learners, database in databases.items()}
    times: dict[int, list[float]] = {learners: [] for learners in databases}
    for turn in range(WARM_UP + LOOK_UPS):
        for learners, look_up in ask.items():
            wanted = [_email(random.randrange(learners)) for _ in range(addresses)]
            started = time.perf_counter()
            look_up(wanted)
            if turn >= WARM_UP:
                times[learners].append((time.perf_counter() - started) * 1000)
    print(f"\nlook-up of {addresses} address(es), completions and badges, ms")
    print(f"{'':16s}{'nearly empty':>14s}{'full':>10s}{'ratio':>8s}")
    for name, which in (("p50", 49), ("p95", 94)):
        small, full = (statistics.quantiles(times[learners], n=100)[which] for learners in (NEARLY_EMPTY, FULL))
        print(f"{name:16s}{small:>14.2f}{full:>10.2f}{full / small:>8.2f}")


def _asker(database: Database) -> Callable[[list[str]], None]:
    store, source = CompletionStore(database), LocalBadges(database)

    def look_up(addresses: list[str]) -> None:
        if not store.completions(addresses) or not source.badges(addresses):
            raise SystemExit("The look-up found nothing: the measurement is worth nothing.")

    return look_up


if __name__ == "__main__":
    main(sys.argv[1:])
