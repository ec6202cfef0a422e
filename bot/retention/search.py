"""Looks whether a person is still mentioned anywhere: in every table that the databases have, declared or not."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import sqlalchemy as sql
from sqlalchemy.engine import make_url

from bot.database import Database, tracker_url
from bot.identity.address import normalised
from bot.retention.traces import Traces, texts

ROWS_A_LOOK = 500
COMPACT_SECONDS = 10.0  # for how long others may hold the file
_ADDRESS = re.compile(r"[A-Za-z0-9_.+'&=/~#-]{1,64}@[A-Za-z0-9.-]{1,190}[A-Za-z0-9]")


def tables_with(database_url: str, traces: Traces) -> Iterator[str]:
    """The tables, and how many of their rows mention the person."""
    for url in sorted({database_url, tracker_url(database_url)}):
        if not _is_there(url):
            continue
        database = Database(url)
        try:
            for name, table in _tables(database).items():
                with database.engine.connect() as connection:
                    rows = connection.execute(table.select()).partitions(ROWS_A_LOOK)
                    found = sum(any(map(traces.in_value, row)) for part in rows for row in part)
                if found:
                    yield f"{found} rows of the table {name}"
        finally:
            database.engine.dispose()


def all_addresses(database_url: str) -> Iterator[str]:
    """Every e-mail address, normalised, that stands anywhere in the tables; most of them many times."""
    for url in sorted({database_url, tracker_url(database_url)}):
        if not _is_there(url):
            continue
        database = Database(url)
        try:
            for table in _tables(database).values():
                with database.engine.connect() as connection:
                    for part in connection.execute(table.select()).partitions(ROWS_A_LOOK):
                        values = (text for row in part for value in row for text in texts(value))
                        yield from (one for text in values for one in map(normalised, _ADDRESS.findall(text)) if one)
        finally:
            database.engine.dispose()


def compact(database_url: str) -> Iterator[str]:
    """Let the files of SQLite forget what was deleted from them; names those that could not be."""
    for url in sorted({database_url, tracker_url(database_url)}):
        path = make_url(url).database
        if make_url(url).get_backend_name() == "sqlite" and path and Path(path).exists() and not _compacted(path):
            yield f"deleted rows in the file {path}, which is in use: run this again later"


def database_files(database_url: str) -> set[Path]:
    """The files of SQLite, which `tables_with` has looked into."""
    paths = {make_url(url).database for url in (database_url, tracker_url(database_url)) if url.startswith("sqlite")}
    return {Path(f"{path}{end}").resolve() for path in paths if path for end in ("", "-wal", "-shm", "-journal")}


def _compacted(path: str) -> bool:
    """VACUUM writes the file anew, without what was deleted; the log beside it must be emptied before and after."""
    try:
        with closing(sqlite3.connect(path, timeout=COMPACT_SECONDS, isolation_level=None)) as connection:
            connection.execute("VACUUM")
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.OperationalError:
        return False
    return not busy


def _is_there(url: str) -> bool:
    parsed = make_url(url)
    return parsed.get_backend_name() != "sqlite" or bool(parsed.database and Path(parsed.database).exists())


def _tables(database: Database) -> dict[str, sql.Table]:
    found = sql.MetaData()
    found.reflect(database.engine)
    return dict(found.tables)
