"""Databases of their own on the PostgreSQL server of the tests, copied from one that was migrated once."""

import os
import uuid
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sql
from sqlalchemy.engine import make_url

from bot.database import upgrade

DEFAULT = "postgresql://postgres@127.0.0.1:5432/test"


class Postgres:
    """The server at TEST_POSTGRES_URL; the role there must be allowed to create databases."""

    def __init__(self):
        """Raises OperationalError where none answers."""
        self._url = make_url(os.environ.get("TEST_POSTGRES_URL", DEFAULT))
        self._admin = sql.create_engine(self._url, future=True, isolation_level="AUTOCOMMIT")
        self._dropping, self._migrated = ThreadPoolExecutor(1), ""
        self._run("SELECT 1")

    def empty(self):
        """The address of a new database."""
        return self._create("template0")

    def migrated(self):
        """The same with today's schema."""
        if not self._migrated:
            url = self.empty()
            upgrade(url)
            self._migrated = make_url(url).database
        return self._create(self._migrated)

    def copy(self, url):
        """The address of a new database with what another one holds, which nobody may be connected to."""
        return self._create(make_url(url).database)

    def drop(self, url):
        """Remove a database, whoever is still connected; not waited for, as the server writes its files out first."""
        self._dropping.submit(self._run, f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def close(self):
        if self._migrated:
            self.drop(self._url.set(database=self._migrated))
        self._dropping.shutdown()
        self._admin.dispose()

    def _create(self, template):
        name = f"t{uuid.uuid4().hex}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement):
        with self._admin.connect() as connection:
            connection.execute(sql.text(statement))
