"""Fixtures shared by all tests: services that must answer under CI, a Rasa-like server, the site in a thread."""

import os
import shutil
import threading
import uuid
from pathlib import Path

import pytest
import sqlalchemy as sql
from werkzeug.serving import make_server

from bot import bootstrap
from bot.database import Database
from bot.settings import Settings
from tests.servers.rasa import RasaServer

SECRET = "a secret for tests, 32 characters long"


def need(available: bool, what: str) -> None:
    """Skip where a service is not there; under CI=true that is a failure."""
    if available:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} must be available under CI")
    pytest.skip(f"{what} does not answer here")


@pytest.fixture()
def rasa():
    server = RasaServer(SECRET)
    yield server
    server.close()


@pytest.fixture()
def settings(tmp_path, rasa):
    return Settings.load(
        {
            "SITE_SECRET_KEY": SECRET,
            "DATABASE_URL": f"sqlite:///{tmp_path}/bot.db",
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


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """An empty database of each kind; on PostgreSQL a fresh schema."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/fresh.db"
        return
    url = os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/test")
    schema, admin = f"t{uuid.uuid4().hex}", sql.create_engine(url, future=True)
    try:
        with admin.begin() as connection:
            connection.execute(sql.text(f"CREATE SCHEMA {schema}"))
    except sql.exc.OperationalError:
        need(False, "PostgreSQL")
    yield f"{url}?options=-csearch_path%3D{schema}"
    with admin.begin() as connection:
        connection.execute(sql.text(f"DROP SCHEMA {schema} CASCADE"))
    admin.dispose()


@pytest.fixture()
def database(database_url):
    """The same with its schema made."""
    database = Database(database_url)
    database.create_schema()
    yield database
    database.engine.dispose()
