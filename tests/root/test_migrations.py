import argparse
import importlib
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sql
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot import bootstrap
from bot.commands import migrate
from bot.database import MIGRATIONS, Database, metadata, upgrade
from bot.settings import Settings
from bot.tickets.search import INDEX_TABLES
from tests.conftest import SECRET

for store in [*Path("bot").glob("*/store.py"), Path("bot/retention/holdings.py")]:  # which declare all tables
    importlib.import_module(".".join(store.with_suffix("").parts))


def revision(database):
    with database.transaction() as connection:
        return connection.execute(sql.text("SELECT version_num FROM alembic_version")).scalar()


def head():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head()


def test_the_migrations_make_what_the_code_declares(empty_database_url):
    upgrade(empty_database_url)
    database = Database(empty_database_url)
    with database.transaction() as connection:
        options = {"include_object": lambda one, name, *_: name not in INDEX_TABLES}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
    upgrade(empty_database_url)
    assert revision(database) == head()
    database.engine.dispose()


def test_a_database_from_before_the_migrations_is_adopted_with_its_data(empty_database_url):
    database = Database(empty_database_url)
    with database.transaction() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")  # what those versions had
        connection.execute(sql.text("DROP TABLE alembic_version"))
        connection.execute(sql.text("INSERT INTO conversations VALUES ('c1', 'site', '2026-01-01 00:00:00')"))
    database.create_schema()
    assert revision(database) == head()
    with database.transaction() as connection:
        assert connection.execute(sql.text("SELECT id FROM conversations")).scalar() == "c1"
    database.engine.dispose()


def test_processes_that_start_together_take_turns(tmp_path):
    url = f"sqlite:///{tmp_path}/together.db"
    code = f"from bot.database import upgrade; upgrade({url!r})"
    started = [subprocess.Popen([sys.executable, "-W", "ignore", "-c", code]) for _ in range(4)]
    assert [process.wait(240) for process in started] == [0, 0, 0, 0]


def test_a_version_that_starts_again_on_the_schema_of_a_newer_one_goes_on(sqlite_url, caplog):
    database = Database(sqlite_url)
    with database.transaction() as connection:
        connection.execute(sql.text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(sql.text("ALTER TABLE conversations ADD COLUMN of_tomorrow VARCHAR(9)"))
    services = bootstrap.build(Settings.load({"SITE_SECRET_KEY": SECRET, "DATABASE_URL": sqlite_url}))
    services.store.create("c1", "site", services.clock())
    assert services.store.all("c1") == [] and revision(database) == "9999"
    assert "newer (9999)" in caplog.text
    database.engine.dispose()


def test_who_waits_for_the_schema_changes_nothing_and_goes_on_when_it_is_there(empty_database_url, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    monkeypatch.setenv("SITE_SECRET_KEY", "k" * 32)
    waiting = argparse.Namespace(back_to=None, wait=0.0)
    assert migrate.run(waiting) == 2
    assert "Its schema is not the one of this version" in capsys.readouterr().err
    database = Database(empty_database_url)
    assert sql.inspect(database.engine).get_table_names() == []
    longer = argparse.Namespace(back_to=None, wait=60.0)
    monkeypatch.setattr("time.sleep", lambda seconds: upgrade(empty_database_url))  # meanwhile, by the job
    assert migrate.run(longer) == 0
    database.engine.dispose()


def test_who_waits_for_the_schema_is_content_with_a_newer_one_as_after_a_roll_back(sqlite_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("SITE_SECRET_KEY", "k" * 32)
    database = Database(sqlite_url)
    with database.transaction() as connection:
        connection.execute(sql.text("UPDATE alembic_version SET version_num = '9999'"))
    assert migrate.run(argparse.Namespace(back_to=None, wait=0.0)) == 0
    assert revision(database) == "9999"
    database.engine.dispose()


def test_who_waits_for_a_database_that_is_away_is_told_so_without_its_password(monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hidden@127.0.0.1:1/none")
    monkeypatch.setenv("SITE_SECRET_KEY", "k" * 32)
    assert migrate.run(argparse.Namespace(back_to=None, wait=0.0)) == 2
    told = capsys.readouterr().err
    assert "It does not answer" in told and "hidden" not in told
