"""SQLite files copied by SQLite's own backup, which sees one moment of the file while others write."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.backup.manifest import BackupFailed
from bot.private_files import private_database

LOCKED_SECONDS = 30.0  # for a writer that is in the middle of something


def copy_database(source: Path, target: Path) -> dict[str, int]:
    """Copy a database into a file that is not there yet, whole and of one moment; returns the rows of its tables.

    Raises:
        BackupFailed: it cannot be read, or is damaged.
    """
    private_database(target)
    try:
        with closing(_opened(source, "ro")) as original, closing(_opened(target, "rw")) as copy:
            original.backup(copy)  # in one step: writers go on in their log, and none is seen half
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
            found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise BackupFailed(f"The database {source} is damaged: {found}. Restore a backup from before.")
            return rows_of(copy)
    except sqlite3.Error as error:
        raise BackupFailed(f"The database {source} cannot be copied: {error}.") from error


def bring_back(source: Path, target: Path) -> None:
    """Put a copy in the place of what a database holds, in one transaction; raises BackupFailed.

    It is written by SQLite into the file that is there: to exchange the file would leave its log to the wrong one.
    """
    private_database(target)
    try:
        with closing(_opened(source, "ro")) as copy, closing(_opened(target, "rw")) as database:
            copy.backup(database)
    except sqlite3.Error as error:
        raise BackupFailed(f"{target} cannot be written: {error}. Is everything stopped?") from error


def sqlite_rows(path: Path) -> dict[str, int]:
    """The rows of each table; none where there is no such file. Raises BackupFailed."""
    if not path.exists():
        return {}
    try:
        with closing(_opened(path, "ro")) as database:
            return rows_of(database)
    except sqlite3.Error as error:
        raise BackupFailed(f"The database {path} cannot be read: {error}.") from error


def revision_of(path: Path) -> str:
    """The newest migration of a database of ours; "" for none. Raises BackupFailed."""
    try:
        with closing(_opened(path, "ro")) as database:
            known = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
            found = database.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
    except sqlite3.Error as error:
        raise BackupFailed(f"The database {path} cannot be read: {error}.") from error
    return str(found[0]) if found else ""


def rows_of(database: sqlite3.Connection) -> dict[str, int]:
    """The rows of each table."""
    names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*'")
    return {name: _count(database, name) for (name,) in sorted(names.fetchall())}


def _count(database: sqlite3.Connection, table: str) -> int:
    quoted = table.replace('"', '""')
    return int(database.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0])  # noqa: S608  a table's own name


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=LOCKED_SECONDS)
