"""Training completions and locally known badges in the database."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from bot.database import Database, begin_alone, metadata
from bot.errors import SourceUnavailable
from bot.issuance.catalogue import Catalogue, Credential
from bot.issuance.record import Badge, BadgeState, Completion

completions = sql.Table(
    "completions",
    metadata,
    sql.Column("email", sql.String(254), primary_key=True),  # first: a look-up by address is one search in the key
    sql.Column("credential", sql.String(200), primary_key=True),
    sql.Column("attempt", sql.String(10), primary_key=True),  # see `attempt`
    sql.Column("title", sql.String(200), nullable=False),
    sql.Column("percent", sql.Integer, nullable=True),
    sql.Column("completed_on", sql.Date, nullable=True),
    sql.Column("result", sql.String(6), nullable=False),
    sql.Column("name", sql.String(200), nullable=False),
    sqlite_with_rowid=False,
)
badges = sql.Table(
    "badges",
    metadata,
    sql.Column("id", sql.String(64), primary_key=True),
    sql.Column("email", sql.String(254), nullable=False, index=True),
    sql.Column("credential", sql.String(200), nullable=False),
    sql.Column("title", sql.String(200), nullable=False),
    sql.Column("state", sql.String(8), nullable=False),
    sql.Column("issued_on", sql.Date, nullable=False),
    sql.Column("expires_on", sql.Date, nullable=True),
    sql.Column("url", sql.String(500), nullable=False),
    sql.Column("name", sql.String(200), nullable=False),
    sql.Column("issuer", sql.String(200), nullable=False),
)
KEY = ("email", "credential", "attempt")
Key = tuple[str, str, str]
Remember = Callable[[Connection, dict[Key, dict[str, Any] | None]], None]
RECORDS_LOCK = 7_262_002  # any number of ours, as long as every process asks PostgreSQL for the same


@dataclass(frozen=True)
class Changes:
    """What adding lines did, or would do."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: "Changes") -> "Changes":
        """Both together."""
        return Changes(self.new + other.new, self.changed + other.changed, self.unchanged + other.unchanged)


def attempt(completion: Completion) -> str:
    """What tells a learner's lines on one credential apart: the day of a finished attempt, "" for all others.

    An exam may be taken again on another day, so a finished attempt is known by its day. What is not finished, or
    has no day, is one line a learner and credential: its percent, result and day move on from export to export.
    """
    finished = completion.result or completion.percent is None or completion.percent >= 100
    return completion.completed_on.isoformat() if completion.completed_on and finished else ""


def key_of(completion: Completion) -> Key:
    """What identifies a line; two lines with the same key are about the same thing."""
    return completion.email, completion.credential, attempt(completion)


class CompletionStore:
    """Reads and writes training completions."""

    def __init__(self, database: Database) -> None:
        """Use a database whose schema exists."""
        self._database = database

    def completions(self, addresses: Sequence[str]) -> list[Completion]:
        """The training record of one person, newest first, lines without a day last.

        A line that is not finished is left out once a finished one of the same address and credential has come.

        Args:
            addresses: all e-mail addresses of the person, whatever the capitals.

        Raises:
            SourceUnavailable: the database does not answer.
        """
        with _asking(self._database) as connection:
            found = _read(connection, addresses)
        current = [line for line in found if not any(_replaces(other, line) for other in found)]
        return sorted(current, key=lambda line: line.completed_on or datetime.date.min, reverse=True)

    def add(self, lines: Iterable[Completion], *, dry_run: bool = False, remember: Remember | None = None) -> Changes:
        """Keep lines, the later where two have one key; all or none of them.

        Lines that say the same of a credential on other days than those of before take their place: an export has all
        of them, and a day may have been read wrongly.

        Args:
            lines: up to some thousands; addresses in lower case; of a learner and a credential all that there are.
            dry_run: count only.
            remember: told within the transaction how the lines that change were before, None where there was none.
        """
        wanted = {key_of(line): line for line in lines}
        with self._database.transaction() as connection:
            if not dry_run:
                begin_alone(connection, RECORDS_LOCK)  # what is new stays new until it is written
            known = {key_of(line): line for line in _read(connection, {line.email for line in wanted.values()})}
            new = [key for key in wanted if key not in known]
            changed = [key for key in wanted if key in known and known[key] != wanted[key]]
            moved = _replaced_days(wanted, known, new)
            if not dry_run:
                if remember:
                    before = {key: _values(known[key]) for key in (*changed, *moved)}
                    remember(connection, {**dict.fromkeys(new), **before})
                delete_completions(connection, moved)
                write_completions(connection, [wanted[key] for key in new])
                write_completions(connection, [wanted[key] for key in changed], known=True)
        corrected = min(len(moved), len(new))
        return Changes(len(new) - corrected, len(changed) + corrected, len(wanted) - len(new) - len(changed))

    def join_catalogue(self, catalogue: Catalogue) -> int:
        """Give lines their catalogue id and title where the catalogue learned of their credential after they came.

        Returns:
            how many credentials it joined.
        """
        joined = set()
        with self._database.transaction() as connection:
            begin_alone(connection, RECORDS_LOCK)
            for table in (completions, badges):
                for old in connection.execute(sql.select(table.c.credential).distinct()).scalars().all():
                    credential = catalogue.match(old)
                    if credential and credential.id != old:
                        _rename(connection, table, old, credential)
                        joined.add(old)
        return len(joined)


class LocalBadges:
    """The BadgeSource that reads the badges kept in the database."""

    def __init__(self, database: Database) -> None:
        """Use a database whose schema exists."""
        self._database = database

    def badges(self, addresses: Sequence[str]) -> list[Badge]:
        """Every badge issued to one of the addresses, newest first; [] if none.

        Raises:
            SourceUnavailable: the database does not answer, or holds no badge of anybody: then nobody has told it
                what was issued, and "not issued" would be a guess.
        """
        query = badges.select().where(badges.c.email.in_(_lower(addresses)))
        with _asking(self._database) as connection:
            rows = connection.execute(query.order_by(badges.c.issued_on.desc(), badges.c.id)).all()
            if not rows and connection.execute(sql.select(badges.c.id).limit(1)).first() is None:
                raise SourceUnavailable("The database holds no issued badges.")
        return [Badge(**{**row._mapping, "state": BadgeState(row.state)}) for row in rows]


def write_completions(connection: Connection, lines: Sequence[Completion], *, known: bool = False) -> None:
    """Insert lines, or bring lines up to date that are `known`; no two of them may have the same key.

    Apart from each other, since psycopg2 sends many rows at once only where none can be an update.
    """
    if not lines:
        return
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(completions)
    values = {c.name: insert.excluded[c.name] for c in completions.columns if c.name not in KEY}
    rows = [_values(line) for line in lines]
    if known:
        connection.execute(insert.on_conflict_do_update(index_elements=KEY, set_=values), rows)
    else:
        connection.execute(insert.on_conflict_do_nothing(), rows)


def delete_completions(connection: Connection, keys: Sequence[Key]) -> None:
    """Delete lines by their keys."""
    mine = sql.and_(*(completions.c[name] == sql.bindparam(f"key_{name}") for name in KEY))
    rows = [{f"key_{name}": part for name, part in zip(KEY, key)} for key in keys]
    if rows:
        connection.execute(completions.delete().where(mine), rows)


def write_badges(connection: Connection, issued: Sequence[Badge]) -> None:
    """Insert badges that are not there yet."""
    if issued:
        connection.execute(badges.insert(), [{**vars(badge), "state": badge.state.value} for badge in issued])


@contextmanager
def _asking(database: Database) -> Iterator[Connection]:
    try:
        with database.transaction() as connection:
            yield connection
    except (sql.exc.OperationalError, sql.exc.InterfaceError, sql.exc.TimeoutError):
        raise SourceUnavailable("The database does not answer.") from None  # its own text names the addresses


def _read(connection: Connection, addresses: Iterable[str]) -> list[Completion]:
    columns = [column for column in completions.columns if column.name != "attempt"]
    query = sql.select(*columns).where(completions.c.email.in_(_lower(addresses)))
    return [Completion(**row._mapping) for row in connection.execute(query)]


def _replaced_days(wanted: Mapping[Key, Completion], known: Mapping[Key, Completion], new: Sequence[Key]) -> list[Key]:
    """The lines of other days than `wanted` has, where it has a new day for the same outcome of the same credential."""
    dated = {(*key[:2], wanted[key].result) for key in new if key[2]}
    return [key for key, line in known.items() if key[2] and key not in wanted and (*key[:2], line.result) in dated]


def _values(line: Completion) -> dict[str, Any]:
    return {**vars(line), "attempt": attempt(line)}


def _rename(connection: Connection, table: sql.Table, old: str, credential: Credential) -> None:
    """Move the lines of a credential; those that are there under its id already are dropped."""
    if table is completions:
        there = completions.alias()
        same = (there.c.email == table.c.email) & (there.c.attempt == table.c.attempt)
        moved = sql.exists().where(same & (there.c.credential == credential.id))
        connection.execute(table.delete().where((table.c.credential == old) & moved))
    values = {"credential": credential.id, "title": credential.title}
    connection.execute(table.update().where(table.c.credential == old).values(values))


def _lower(addresses: Iterable[str]) -> list[str]:
    return sorted({address.lower() for address in addresses})


def _replaces(finished: Completion, line: Completion) -> bool:
    """Whether `line` is an older picture of what is now finished."""
    same = (finished.email, finished.credential) == (line.email, line.credential)
    if not same or not attempt(finished) or attempt(line):
        return False
    if line.result or line.percent == 100:  # an outcome without a day is replaced by the same outcome only
        return finished.result in ((line.result,) if line.result else ("", "passed"))
    return line.completed_on is None or line.completed_on <= (finished.completed_on or datetime.date.min)
