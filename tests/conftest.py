"""Fixtures shared by all tests: services that must answer under CI, a Rasa-like server, the site in a thread."""

import datetime
import logging
import os
import shutil
import tempfile
import threading
from pathlib import Path

import hypothesis
import pytest
import sqlalchemy as sql
from werkzeug.serving import make_server

from bot import bootstrap
from bot.database import Database, upgrade
from bot.settings import Settings
from bot.tickets.store import tickets
from tests import compiled
from tests.servers.postgres import Postgres
from tests.servers.rasa import RasaServer
from tests.sharing import pytest_runtest_protocol, pytest_xdist_make_scheduler  # noqa: F401  hooks

# By the clock, an example may take long for what other processes do.
hypothesis.settings.register_profile("shared", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("shared")
compiled.keep()
# No test sees what somebody has published from this folder, unless it publishes itself.
os.environ["CONTENT_PATH"] = os.path.join(tempfile.gettempdir(), "nothing-published")
SECRET = "a secret for tests, 32 characters long"


def need(available: bool, what: str) -> None:
    """Skip where a service is not there; under CI=true that is a failure."""
    if available:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} must be available under CI")
    pytest.skip(f"{what} does not answer here")


def age_tickets(database):
    """Tickets that there are count for no limit any more: they were opened two days earlier."""
    with database.transaction() as connection:
        for row in connection.execute(sql.select(tickets.c.reference, tickets.c.created_at)).all():
            earlier = tickets.update().where(tickets.c.reference == row.reference)
            connection.execute(earlier.values(created_at=row.created_at - datetime.timedelta(days=2)))


@pytest.fixture(autouse=True)
def logging_as_it_was():
    """A command that a test runs in this process configures its logs, to a stream that ends with the test."""
    loggers = [logging.getLogger(name) for name in ("", "bot", "actions")]
    before = [(logger, logger.handlers[:], logger.level) for logger in loggers]
    yield
    for logger, handlers, level in before:
        logger.handlers[:] = handlers
        logger.setLevel(level)


@pytest.fixture()
def rasa():
    server = RasaServer(SECRET)
    yield server
    server.close()


@pytest.fixture()
def sqlite_url(tmp_path, migrated):
    """A SQLite file with today's schema and no rows."""
    return f"sqlite:///{shutil.copy(migrated, tmp_path / 'bot.db')}"


@pytest.fixture()
def settings(tmp_path, rasa, sqlite_url):
    return Settings.load(
        {
            "SITE_SECRET_KEY": SECRET,
            "DATABASE_URL": sqlite_url,
            "ATTACHMENTS_URL": f"folder:{tmp_path}/attachments",
            "RASA_URL": rasa.url,
            "ACTIONS_URL": f"{rasa.url}/webhook",
        }
    )


@pytest.fixture()
def services(settings):
    return bootstrap.build(settings)


@pytest.fixture()
def app(services):
    from bot.site.app import create_app

    return create_app(services)


@pytest.fixture()
def client(app):
    return app.test_client()


@pytest.fixture()
def address(app):
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="session")
def understanding():
    from bot.nlu.standalone import Understanding, newest_model

    return Understanding.load(newest_model(Path("models")))


@pytest.fixture(scope="session")
def chromium():
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    need(path is not None, "Chromium")
    return path


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """A SQLite file with today's schema, to be copied: all migrations take longer than most tests."""
    file = tmp_path_factory.mktemp("migrated") / "bot.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres():
    try:
        server = Postgres()
    except sql.exc.OperationalError:
        need(False, "PostgreSQL")
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request, tmp_path):
    """A database of each kind with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/fresh.db"
        return
    server = request.getfixturevalue("postgres")
    url = server.empty()
    yield url
    server.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path, migrated):
    """A database of each kind with today's schema and no rows."""
    if request.param == "sqlite":
        yield f"sqlite:///{shutil.copy(migrated, tmp_path / 'fresh.db')}"
        return
    server = request.getfixturevalue("postgres")
    url = server.migrated()
    yield url
    server.drop(url)


@pytest.fixture()
def database(database_url):
    """The same, open."""
    database = Database(database_url)
    yield database
    database.engine.dispose()
