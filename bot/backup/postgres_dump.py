"""PostgreSQL by its own programs: pg_dump of one moment of the database, pg_restore all or nothing."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sql
from sqlalchemy.engine import Connection, make_url

from bot.backup.manifest import BackupFailed
from bot.database import Database
from bot.last_words import database_words

DUMP_SECONDS = 6 * 3600.0
LOCK_WAIT = "60s"  # for a migration that is under way
INSTALL = (
    "install the client programs of PostgreSQL {version} (Debian: postgresql-client-{version}), or back the database "
    "up by other means and the folders beside it (docs/operations.md)."
)


def dump(url: str, target: Path) -> tuple[dict[str, int], str]:
    """Write what a database holds at one moment, while others write; returns the rows of its tables, and its revision.

    Raises:
        BackupFailed: there is no pg_dump that can, or it failed.
    """
    with _connected(url) as connection:
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
        program = _program("pg_dump", connection)
        snapshot = connection.execute(sql.text("SELECT pg_export_snapshot()")).scalar()
        rows, revision = table_rows(connection), _revision(connection)
        options = [f"--snapshot={snapshot}", "--format=custom", f"--lock-wait-timeout={LOCK_WAIT}"]
        _run([program, *options, "--no-owner", "--no-privileges", f"--file={target}"], url)
        return rows, revision


def undump(source: Path, url: str, replace: bool) -> None:
    """Make in an empty database what a dump holds; with `replace`, in the place of the tables that are there.

    Raises:
        BackupFailed: nothing has changed then.
    """
    program = restore_program(url)
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    options += ["--clean", "--if-exists"] if replace else []
    _run([program, *options, str(source)], url)


def restore_program(url: str) -> str:
    """The pg_restore that a database needs; raises BackupFailed where there is none, or the database is away."""
    with _connected(url) as connection:
        return _program("pg_restore", connection)


def postgres_rows(url: str) -> dict[str, int]:
    """The rows of each table; raises BackupFailed."""
    with _connected(url) as connection:
        return table_rows(connection)


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    database = Database(url)
    try:
        with database.engine.connect() as connection:
            yield connection
    except sql.exc.OperationalError as error:
        raise BackupFailed(database_words(error)) from error
    finally:
        database.engine.dispose()


def _revision(connection: Connection) -> str:
    if not sql.inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(sql.text("SELECT version_num FROM alembic_version")).scalar() or "")


def table_rows(connection: Connection) -> dict[str, int]:
    """The rows of each table of the schema that is used."""
    count = sql.func.count()
    names = sorted(sql.inspect(connection).get_table_names())
    return {name: connection.execute(sql.select(count).select_from(sql.table(name))).scalar_one() for name in names}


def _program(name: str, connection: Connection) -> str:
    """Where a program lies; raises BackupFailed where there is none, or an older one than the server."""
    server = int(connection.execute(sql.text("SHOW server_version_num")).scalar_one()) // 10_000
    found = shutil.which(name)
    if found is None:
        raise BackupFailed(f"{name} is missing: {INSTALL.format(version=server)}")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=60, check=False).stdout
    own = re.search(r"\d+", said)
    if own is None or int(own[0]) < server:
        raise BackupFailed(
            f"{said.strip() or name} is older than the server ({server}): {INSTALL.format(version=server)}"
        )
    return found


def _run(command: list[str], url: str) -> None:
    program, *rest = command
    command, name = [program, f"--dbname={_address(url)}", *rest], Path(program).name
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, env=_with_password(url), timeout=DUMP_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BackupFailed(f"{name} took more than {DUMP_SECONDS / 3600:.0f} hours and was ended.") from error
    if done.returncode != 0:
        raise BackupFailed(f"{name} failed: {_reason(done.stderr)}")


def _reason(said: str) -> str:
    """What the program says first, without the rows that it may quote after."""
    lines = [line for line in said.splitlines() if "error:" in line] or said.splitlines()
    return lines[0].partition("error:")[2].strip() or lines[0] if lines else "it did not say why."


def _address(url: str) -> str:
    """For libpq, without the password: others on the machine see what a command is called with."""
    bare = make_url(url)._replace(drivername="postgresql", password=None)
    return bare.difference_update_query(["password"]).render_as_string()


def _with_password(url: str) -> Mapping[str, str]:
    made = make_url(url)
    password = made.password or made.query.get("password")
    return {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
