"""The database: engine, schema and transactions; SQLite by default, PostgreSQL by setting."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import MetaData, create_engine, event
from sqlalchemy.engine import Connection, Engine, make_url

metadata = MetaData()


class Database:
    """Connections to one database."""

    def __init__(self, url: str) -> None:
        """Connect lazily; a SQLite file's folder is made if missing."""
        parsed = make_url(url)
        sqlite = parsed.get_backend_name() == "sqlite"
        if sqlite and parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        self.engine: Engine = create_engine(url, future=True, pool_pre_ping=not sqlite)
        if sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)

    def create_schema(self) -> None:
        """Make the declared tables that are missing; safe when several processes start together."""
        from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

        try:
            metadata.create_all(self.engine)
        except (IntegrityError, OperationalError, ProgrammingError):
            metadata.create_all(self.engine)  # another process made a table between our look and our make

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection whose changes are kept when the block ends and dropped when it raises."""
        with self.engine.begin() as connection:
            yield connection


def _prepare_sqlite(connection, record) -> None:  # type: ignore[no-untyped-def]
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
