"""The database: engine, schema and transactions; SQLite by default, PostgreSQL by setting."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import DateTime, MetaData, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.pool import QueuePool
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from alembic.config import Config

metadata = MetaData()
MIGRATIONS = Path(__file__).with_name("migrations")
PLAIN: dict[str, Any] = {"future": True, "hide_parameters": True}  # no addresses in the texts of errors
TRACKER_FILE = "rasa.db"
SCHEMA_LOCK = 7_262_001  # any number, as long as every process asks PostgreSQL for the same


class Moment(TypeDecorator):
    """A column of moments: aware in Python, naive UTC in the database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """To the database; raises ValueError for a naive one, which could mean any time zone."""
        if value is not None and value.tzinfo is None:
            raise ValueError("A moment needs its time zone.")
        return value and value.astimezone(timezone.utc).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """From the database, in UTC."""
        return value and value.replace(tzinfo=timezone.utc)


class Database:
    """Connections to one database."""

    def __init__(self, url: str) -> None:
        """Connect lazily; a SQLite file's folder is made if missing."""
        parsed = make_url(url)
        light = parsed.get_backend_name() == "sqlite"
        if light and parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        self.engine: Engine = sqlite_engine(url) if light else create_engine(url, **PLAIN, pool_pre_ping=True)

    def create_schema(self) -> None:
        """Run the migrations that are missing; processes that start together take turns."""
        from alembic import command

        with self._migrating() as config:
            command.upgrade(config, "head")

    def go_back(self, revision: str) -> None:
        """Undo the migrations after a revision; raises WouldLoseData, with nothing changed, where that deletes rows."""
        from alembic import command

        with self._migrating() as config:
            command.downgrade(config, revision)

    @contextmanager
    def _migrating(self) -> Iterator["Config"]:
        """What Alembic needs, within a transaction that no other process migrates in."""
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        with self.engine.begin() as connection:
            begin_alone(connection, SCHEMA_LOCK)
            config.attributes["connection"] = connection
            yield config

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection whose changes are kept when the block ends and dropped when it raises."""
        with self.engine.begin() as connection:
            yield connection


def begin_alone(connection: Connection, lock: int) -> None:
    """Wait until no other process is in a block begun with this lock; it goes with the block.

    Readers do not wait. On SQLite it is the write lock, taken before reading so that what is read still holds when it
    is written.

    Args:
        connection: one that has done nothing yet.
        lock: any number, as long as every process asks for the same.
    """
    light = connection.dialect.name == "sqlite"
    connection.exec_driver_sql("BEGIN IMMEDIATE" if light else f"SELECT pg_advisory_xact_lock({lock})")


def insert_once(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    """Insert a row unless its key is there already; whether it was inserted."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).values(values).on_conflict_do_nothing()  # type: ignore[attr-defined]
    return bool(connection.execute(statement).rowcount == 1)


def upgrade(url: str) -> None:
    """Bring the schema of one database up to date."""
    database = Database(url)
    try:
        database.create_schema()
    finally:
        database.engine.dispose()


def sqlite_engine(url: str) -> Engine:
    """An engine whose connections are prepared once and kept: opening the file anew costs more than most queries."""
    kept: dict[str, Any] = {} if make_url(url).database in (None, "", ":memory:") else {"poolclass": QueuePool}
    engine = create_engine(url, **PLAIN, **kept, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", prepare_sqlite)
    return engine


def tracker_url(database_url: str) -> str:
    """Where Rasa keeps its conversations: the same PostgreSQL database, or a SQLite file in the same folder."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return database_url
    folder = url.database.rpartition("/")[0]
    return f"sqlite:///{folder}/{TRACKER_FILE}" if folder else f"sqlite:///{TRACKER_FILE}"


def prepare_sqlite(connection, record) -> None:  # type: ignore[no-untyped-def]
    """For each new SQLite connection: wait for others, write ahead, keep foreign keys."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=5000")  # first: the others may have to wait
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
