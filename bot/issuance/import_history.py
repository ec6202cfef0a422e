"""What each import changed, so that the last one can be undone."""

import datetime
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from bot.clock import Clock, now
from bot.database import Database, Moment, begin_alone, metadata
from bot.errors import BotError
from bot.issuance.store import KEY, RECORDS_LOCK, Key, Remember, completions, delete_completions

MOST_IMPORTS = 5  # that can be undone, one after the other

imports = sql.Table(
    "imports",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("at", Moment, nullable=False),
)
import_changes = sql.Table(
    "import_changes",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("import_id", sql.ForeignKey("imports.id", ondelete="CASCADE"), nullable=False, index=True),
    *(sql.Column(name, sql.String(completions.c[name].type.length), nullable=False) for name in KEY),
    sql.Column("before", sql.Text, nullable=False),  # JSON of the line as it was, "" where there was none
)


class UndoneMeanwhile(BotError):
    """Raised for an import that somebody has undone while it was being written; nothing of it is left."""


@dataclass(frozen=True)
class Undone:
    """Which import was undone, how many lines it had brought, and how many are as they were before."""

    at: datetime.datetime
    taken_out: int
    restored: int


class ImportHistory:
    """The last imports, the newest of which can be undone."""

    def __init__(self, database: Database, clock: Clock = now) -> None:
        """Use a database whose schema exists."""
        self._database, self._clock = database, clock

    def begin(self) -> Remember:
        """A new import: what keeps how the lines were that it changes; one that changes nothing leaves no trace.

        What is returned raises UndoneMeanwhile once somebody has undone the import; its transaction has to fail then.
        """
        at, numbers = self._clock(), list[int]()

        def remember(connection: Connection, before: dict[Key, dict[str, Any] | None]) -> None:
            if not before:
                return
            if not numbers:
                numbers.append(_begin(connection, at))
            elif not _is_there(connection, numbers[0], at):
                raise UndoneMeanwhile(
                    "The import was undone while it was running, so it was stopped. Nothing of it is left."
                )
            connection.execute(import_changes.insert(), [_change(numbers[0], *one) for one in before.items()])

        return remember

    def undo(self, *, dry_run: bool = False) -> Undone | None:
        """Take back what the last import changed that changed anything; None where there is none."""
        with self._database.transaction() as connection:
            begin_alone(connection, RECORDS_LOCK)
            last = sql.select(sql.func.max(import_changes.c.import_id))
            number = connection.execute(last).scalar()
            if number is None:
                return None
            at = connection.execute(sql.select(imports.c.at).where(imports.c.id == number)).scalar_one()
            changes = connection.execute(import_changes.select().where(import_changes.c.import_id == number)).all()
            before = [_line(change) for change in changes if change.before]
            if not dry_run:
                delete_completions(connection, [(one.email, one.credential, one.attempt) for one in changes])
                if before:
                    connection.execute(completions.insert(), before)
                connection.execute(import_changes.delete().where(import_changes.c.import_id == number))
                connection.execute(imports.delete().where(imports.c.id == number))
            return Undone(at, len(changes) - len(before), len(before))


def _begin(connection: Connection, now: datetime.datetime) -> int:
    """The number of a new import; imports from long before cannot be undone any more."""
    kept = sql.select(imports.c.id).order_by(imports.c.id.desc()).limit(MOST_IMPORTS - 1)
    old = connection.execute(kept).scalars().all()
    connection.execute(import_changes.delete().where(import_changes.c.import_id.not_in(old)))
    connection.execute(imports.delete().where(imports.c.id.not_in(old)))
    return int(connection.execute(imports.insert().values(at=now)).inserted_primary_key[0])


def _is_there(connection: Connection, number: int, at: datetime.datetime) -> bool:
    """Whether the import is still kept; by its moment too, since SQLite gives numbers again."""
    this = (imports.c.id == number) & (imports.c.at == at)
    return connection.execute(sql.select(imports.c.id).where(this)).first() is not None


def _change(number: int, key: Key, before: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "import_id": number,
        **dict(zip(KEY, key)),
        "before": json.dumps(before, ensure_ascii=False, default=str) if before else "",
    }


def _line(change: Any) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(change.before)
    day = line["completed_on"]
    return {**line, "completed_on": datetime.date.fromisoformat(day) if day else None}
