"""Completions of one file on their way to the database: one line for each, in order, on disk and not in memory."""

import datetime
import sqlite3
from collections.abc import Iterator
from typing import Any

from bot.issuance.record import Completion
from bot.issuance.store import attempt

RESULT_CODES = ("", "failed", "passed")
TABLE = """CREATE TABLE staged (email, credential, attempt, title, percent, completed_on, result, name, progress,
PRIMARY KEY (email, credential, attempt)) WITHOUT ROWID"""
ADD = """INSERT INTO staged VALUES (:email, :credential, :attempt, :title, :percent, :completed_on, :result, :name,
:progress) ON CONFLICT DO UPDATE SET title = excluded.title, percent = excluded.percent, result = excluded.result,
completed_on = excluded.completed_on, name = excluded.name, progress = excluded.progress
WHERE excluded.progress > staged.progress"""
READ = """SELECT email, credential, title, percent, completed_on, result, name FROM staged
ORDER BY email, credential, attempt"""


class Staging:
    """Of several lines on one thing it keeps the one that is furthest: passed before failed, then by percent.

    So the order of the rows in a file does not matter, and the second import of a file changes nothing.
    """

    def __init__(self) -> None:
        """Open a private file that SQLite deletes by itself, even when the process is killed."""
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.execute("PRAGMA cache_size = -16000")  # KiB
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute(TABLE)
        self._connection.execute("BEGIN")

    def __enter__(self) -> "Staging":
        """Use it in a `with` block."""
        return self

    def __exit__(self, *error: Any) -> None:
        """The file is gone."""
        self._connection.close()

    def __len__(self) -> int:
        """How many different lines it holds."""
        return int(self._connection.execute("SELECT count(*) FROM staged").fetchone()[0])

    def add(self, completion: Completion) -> None:
        """Keep a line, unless one that is as far is there."""
        values: dict[str, Any] = dict(vars(completion))
        values["attempt"] = attempt(completion)
        values["completed_on"] = completion.completed_on and completion.completed_on.isoformat()
        values["progress"] = RESULT_CODES.index(completion.result) * 1000 + (completion.percent or 0)
        self._connection.execute(ADD, values)

    def batches(self, size: int) -> Iterator[list[Completion]]:
        """All lines in the order of their keys, about `size` at a time: those of a learner are never parted."""
        rows = self._connection.execute(READ)
        batch: list[Completion] = []
        for completion in map(_completion, rows):
            if len(batch) >= size and completion.email != batch[-1].email:
                yield batch
                batch = []
            batch.append(completion)
        if batch:
            yield batch


def _completion(row: tuple[Any, ...]) -> Completion:
    email, credential, title, percent, day, result, name = row
    return Completion(
        email=email,
        credential=credential,
        title=title,
        percent=percent,
        completed_on=datetime.date.fromisoformat(day) if day else None,
        result=result,
        name=name,
    )
