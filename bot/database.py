"""The database: engine, schema and transactions; SQLite by default, PostgreSQL by setting."""

import logging
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import DateTime, MetaData, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.pool import QueuePool
from sqlalchemy.types import TypeDecorator

from bot.clock import SKEW
from bot.errors import InvalidSetting
from bot.private_files import private_database

if TYPE_CHECKING:
    from alembic.config import Config

metadata = MetaData()
MIGRATIONS = Path(__file__).with_name("migrations")
PLAIN: dict[str, Any] = {"future": True, "hide_parameters": True}  # no addresses in the texts of errors
TRACKER_FILE = "rasa.db"
BUSY_SECONDS = 5.0  # for how long a writer waits for others, on SQLite
log = logging.getLogger(__name__)
PATIENT: dict[str, Any] = {  # of PostgreSQL's client, which else waits for hours for a server that is gone
    "connect_timeout": 5,  # seconds
    "keepalives_idle": 15,  # seconds of silence
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds until what was sent must have reached the other machine
}
# What SQLAlchemy raises where the database is away, is going, is full, or may only be read.
DATABASE_TROUBLE = (OperationalError, InterfaceError, InternalError, NoConnectionFree)
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
        """Connect lazily; a SQLite file, and its folder, are made if missing."""
        light = make_url(url).get_backend_name() == "sqlite"
        self.engine: Engine = sqlite_engine(url) if light else postgres_engine(url)

    def create_schema(self) -> None:
        """Run the migrations that are missing; processes that start together take turns.

        A process of the version before that starts again during an upgrade finds a schema with more in it than it
        knows: it uses what it knows, as migrations first only add (CONTRIBUTING.md).
        """
        from alembic import command
        from alembic.migration import MigrationContext

        with self._migrating() as config:
            there = MigrationContext.configure(config.attributes["connection"]).get_current_revision()
            if there and is_newer(there):
                log.warning("The schema is newer (%s) than this version (%s): it goes on.", there, _newest_revision())
            elif there != _newest_revision():
                command.upgrade(config, "head")

    def is_up_to_date(self) -> bool:
        """Whether the schema is the one of this version, or a newer one; changes nothing.

        Raises SQLAlchemyError while the database is away.
        """
        from alembic.migration import MigrationContext

        with self.engine.connect() as connection:
            there = MigrationContext.configure(connection).get_current_revision()
            return there is not None and (there == _newest_revision() or is_newer(there))

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


@cache
def _newest_revision() -> str:
    """Read once in a process: all migrations are loaded for it, which takes longer than looking whether one is due."""
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory(str(MIGRATIONS)).get_current_head())


def is_newer(revision: str) -> bool:
    """Whether a schema is of a newer version than this one; the names of migrations are numbers in their order."""
    return revision > _newest_revision()


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


def nobody_holds(until: Any, now: datetime, lease: timedelta) -> Any:
    """The condition that a lease, which a column keeps the end of, is none or over; see `clock.is_held`."""
    return until.is_(None) | (until <= now) | (until > now + lease + SKEW)


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


class WriteQueue:
    """Lets the writers of one process to a SQLite file go in the order in which they came.

    SQLite itself lets a writer sleep and try again, so that of many the luckiest comes first: of 600 small
    transactions by twenty threads one waited for a second. Processes still meet at SQLite's own lock.
    """

    def __init__(self, seconds: float) -> None:
        """Nobody writes; `seconds` is how long one waits here, before SQLite's own lock has the last word."""
        self._seconds, self._guard = seconds, threading.Lock()
        self._holder: object | None = None
        self._waiting: deque[tuple[object, threading.Event]] = deque()

    def enter(self, writer: object) -> None:
        """Return when it is this writer's turn, or after the time; at once for the one whose turn it is."""
        with self._guard:
            if self._holder is writer:
                return
            if self._holder is None:
                self._holder = writer
                return
            turn = writer, threading.Event()
            self._waiting.append(turn)
        if turn[1].wait(self._seconds):
            return
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)

    def leave(self, writer: object) -> None:
        """The next one's turn; nothing for one whose turn it is not."""
        with self._guard:
            if self._holder is not writer:
                return
            self._holder = None
            if self._waiting:
                self._holder, turn = self._waiting.popleft()
                turn.set()


def in_turn(engine: Engine) -> None:
    """Let the connections of a SQLite engine write one after the other, from their first change until handed back."""
    queue = WriteQueue(BUSY_SECONDS)

    def before(connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
        if not statement.lstrip()[:6].upper().startswith("SELECT"):
            queue.enter(connection.connection.dbapi_connection)

    def after(dbapi_connection: object, record: object) -> None:
        queue.leave(dbapi_connection)

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "checkin", after)  # "commit" would come before it is done


def postgres_engine(url: str, **options: Any) -> Engine:
    """An engine that tries a connection before it uses it, and does not wait long for a server that is gone.

    Args:
        url: of the database; what it says of time-outs counts.
        options: further ones of `create_engine`.
    """
    said = make_url(url).query
    patient = {name: value for name, value in PATIENT.items() if name not in said}
    arguments = {**patient, **options.pop("connect_args", {})}
    return create_engine(url, **PLAIN, **options, pool_pre_ping=True, connect_args=arguments)


def sqlite_engine(url: str) -> Engine:
    """An engine whose connections are prepared once and kept: opening the file anew costs more than most queries.

    Raises:
        InvalidSetting: there can be no such file.
    """
    file, kept = make_url(url).database, {}
    if file not in (None, "", ":memory:"):
        try:
            private_database(Path(file))
        except OSError as error:
            raise InvalidSetting(f"DATABASE_URL names {file}, which cannot be used: {error.strerror}.") from error
        kept = {"poolclass": QueuePool}
    engine = create_engine(url, **PLAIN, **kept, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", prepare_sqlite)
    in_turn(engine)
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
    cursor.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")  # first: the others may have to wait
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
