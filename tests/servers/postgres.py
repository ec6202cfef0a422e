"""Databases of their own on the PostgreSQL server of the tests, copied from one that was migrated once."""

import os
import uuid
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sql
from sqlalchemy.engine import make_url

from bot.database import upgrade

DEFAULT = "postgresql://postgres@127.0.0.1:5432/test"
# Databases that are removed at once: for each the server writes all its files out, once for those that come together.
TOGETHER = 12


class Postgres:
    """The server at TEST_POSTGRES_URL; the role there must be allowed to create databases."""

    def __init__(self):
        """Raises OperationalError where none answers."""
        self._url = make_url(os.environ.get("TEST_POSTGRES_URL", DEFAULT))
        self._admin = sql.create_engine(
            self._url, future=True, isolation_level="AUTOCOMMIT", pool_size=1, max_overflow=TOGETHER
        )
        self._dropping, self._unwanted, self._migrated = ThreadPoolExecutor(TOGETHER), [], ""
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
        """Remove a database soon, with others; whoever is still connected is not from now on."""
        name = make_url(url).database
        self._run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        self._unwanted.append(name)
        if len(self._unwanted) >= TOGETHER:
            self._drop_unwanted()

    def close(self):
        if self._migrated:
            self._unwanted.append(self._migrated)
        self._drop_unwanted()
        self._dropping.shutdown()
        self._admin.dispose()

    def _drop_unwanted(self):
        """Not waited for."""
        for name in self._unwanted:
            self._dropping.submit(self._run, f"DROP DATABASE {name} WITH (FORCE)")
        self._unwanted = []

    def _create(self, template):
        name = f"t{uuid.uuid4().hex}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement):
        with self._admin.connect() as connection:
            connection.execute(sql.text(statement))
