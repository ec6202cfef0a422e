"""Every migration up with data in the tables, and down again as far as nothing is lost."""

import datetime
import os
import shutil
import subprocess
import sys

import pytest
import sqlalchemy as sql
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql

from bot.database import MIGRATIONS, Database
from bot.migrations.going_back import WouldLoseData
from bot.tickets.search import INDEX_TABLES

DAY = datetime.datetime(2026, 3, 2, 9, 30)
WORD = "word"
NUMBERED_BY_TRIGGERS = ("counts_due", "number")  # so the number has to be the database's own
BY_THE_DESK = ("ticket_viewers", "canned_answers")
BY_THE_STUDIO = ("content_publications", "content_trials", "content_changes", "content_drafts")


def configuration(connection=None):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


REVISIONS = [one.revision for one in reversed(list(ScriptDirectory.from_config(configuration()).walk_revisions()))]


def upgrade(database, revision):
    with database.transaction() as connection:
        command.upgrade(configuration(connection), revision)


def revision(database):
    with database.transaction() as connection:
        return connection.execute(sql.text("SELECT version_num FROM alembic_version")).scalar()


def tables(database):
    """The tables that are there, those that others refer to first; without those of an index."""
    found = sql.MetaData()
    with database.transaction() as connection:
        found.reflect(connection)
    return [table for table in found.sorted_tables if table.name not in {"alembic_version", *INDEX_TABLES}]


def value(column):
    """Something that fits a column; the same word in all, so that what refers to another table finds it."""
    if isinstance(column.type, postgresql.TSVECTOR):
        return WORD
    kind = column.type.python_type
    if kind is bool:
        return True
    if kind is bytes:
        return WORD.encode()
    return {int: 1, float: 0.5, datetime.datetime: DAY, datetime.date: DAY.date()}.get(
        kind, WORD[: getattr(column.type, "length", 4)]
    )


def fill(database, there):
    """One row into each of the tables that has none."""
    with database.transaction() as connection:
        for table in there:
            if not connection.execute(sql.select(table)).first():
                given = [column for column in table.columns if (table.name, column.name) != NUMBERED_BY_TRIGGERS]
                connection.execute(table.insert().values({column.name: value(column) for column in given}))


def contents(database, there=None):
    """All rows; `there` are the tables, if somebody has looked already."""
    there = tables(database) if there is None else there
    with database.transaction() as connection:
        return {t.name: [dict(row) for row in connection.execute(sql.select(t)).mappings()] for t in there}


def empty(database, *names):
    there = tables(database)
    with database.transaction() as connection:
        for table in reversed(there):
            if table.name in names:
                connection.execute(table.delete())


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def grown_up(request, tmp_path_factory):
    """The address of a database that grew up one migration at a time, with a row in each table since it was made."""
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    url = server.empty() if server else f"sqlite:///{tmp_path_factory.mktemp('grown')}/up.db"
    database = Database(url)
    for one in REVISIONS:
        upgrade(database, one)
        fill(database, tables(database))
    database.engine.dispose()
    yield url
    if server:
        server.drop(url)


@pytest.fixture()
def filled(request, grown_up, tmp_path):
    """A copy of it, open."""
    if grown_up.startswith("sqlite"):
        database = Database(f"sqlite:///{shutil.copy(grown_up.removeprefix('sqlite:///'), tmp_path / 'copy.db')}")
        yield database
        database.engine.dispose()
        return
    server = request.getfixturevalue("postgres")
    database = Database(server.copy(grown_up))
    yield database
    database.engine.dispose()
    server.drop(database.engine.url)


def test_each_migration_up_keeps_the_rows_that_are_there(empty_database_url):
    database = Database(empty_database_url)
    before = {}
    for one in REVISIONS:
        upgrade(database, one)
        there = tables(database)
        after = contents(database, there)
        for name, rows in before.items():
            kept = [{column: new[column] for column in old} for old, new in zip(rows, after[name])]
            assert kept == rows and len(after[name]) == len(rows), f"{name} after {one}"
        fill(database, there)
        before = contents(database, there)
    assert before and all(before.values())
    database.engine.dispose()


def test_tickets_of_the_form_say_so_also_those_that_were_there(empty_database_url):
    database = Database(empty_database_url)
    upgrade(database, "0028")
    there = {table.name: table for table in tables(database)}
    ticket = {column.name: value(column) for column in there["tickets"].columns}
    event = {column.name: value(column) for column in there["ticket_events"].columns}
    rows = [("form 1", "site"), ("event 1", "site"), ("slack 1", "slack")]
    with database.transaction() as connection:
        for number, (key, channel) in enumerate(rows, 1):
            own = {"reference": key, "key": key, "channel": channel, "number": number}
            connection.execute(there["tickets"].insert().values({**ticket, **own}))
            own = {"id": number, "reference": key, "via": channel, "what": "opened", "key": None}
            connection.execute(there["ticket_events"].insert().values({**event, **own}))
        own = {"id": 4, "reference": "event 1", "via": "site", "what": "answered", "key": "form 2"}
        connection.execute(there["ticket_events"].insert().values({**event, **own}))

    def ways():
        found = contents(database, list(there.values()))
        by_id = sorted(found["ticket_events"], key=lambda one: one["id"])
        return [one["channel"] for one in sorted(found["tickets"], key=lambda one: one["number"])], [
            one["via"] for one in by_id
        ]

    upgrade(database, "head")
    assert ways() == (["form", "site", "slack"], ["form", "site", "slack", "form"])
    with database.transaction() as connection:
        command.downgrade(configuration(connection), "0028")
    assert ways() == (["site", "site", "slack"], ["site", "site", "slack", "site"])
    database.engine.dispose()


# What the version before reads or writes differently, and why that was bearable; nothing new without a reason here.
CONTRACTIONS: dict[str, str] = {}


def shape(database):
    """The columns of each table, and whether an insert that does not name them works."""
    return {
        (table.name, column.name): bool(
            column.nullable or column.server_default is not None or column.identity or column.primary_key
        )
        for table in tables(database)
        for column in table.columns
    }


def test_each_migration_only_adds_what_the_version_before_can_do_without(empty_database_url):
    database, before, found = Database(empty_database_url), {}, {}
    for one in REVISIONS:
        upgrade(database, one)
        after = shape(database)
        there = {table for table, _ in before}
        gone = [f"{table}.{column} is gone" for table, column in before.keys() - after.keys()]
        wanted = [
            f"{table}.{column} must be given"
            for (table, column), without in after.items()
            if table in there and not without and before.get((table, column), True)
        ]
        if gone + wanted:
            found[one] = sorted(gone + wanted)
        before = after
    assert {one: what for one, what in found.items() if one not in CONTRACTIONS} == {}
    assert CONTRACTIONS.keys() <= found.keys()
    database.engine.dispose()


def test_no_step_back_deletes_a_row(filled):
    before = contents(filled)
    for one in [*(one for one in REVISIONS if one < "0022"), "base"]:  # 0022 made the last table that holds anything
        with pytest.raises(WouldLoseData, match="content_publications"):
            filled.go_back(one)
        assert revision(filled) == REVISIONS[-1], one
    assert contents(filled) == before
    later = (
        "attachments_elsewhere",
        "import_changes",
        "imports",
        "attachments",
        "slack_threads",
        "ticket_mails",
        "inboxes",
        "incoming_mails",
        "watches",
        *BY_THE_DESK,
        *BY_THE_STUDIO,
    )
    empty(filled, *later)
    with pytest.raises(WouldLoseData, match="slack_places"):
        filled.go_back("0009")
    assert contents(filled) == {**before, **{name: [] for name in later}} and revision(filled) == REVISIONS[-1]


def test_each_migration_down_takes_only_what_it_brought(filled):
    after = contents(filled)
    for one in [*reversed(REVISIONS[:-1]), "base"]:
        before = after
        try:
            filled.go_back(one)
        except WouldLoseData as error:
            named = [name for name in before if f"{name}: 1" in str(error)]
            assert named and contents(filled) == before
            empty(filled, *named)
            filled.go_back(one)
        after = contents(filled)
        for name, rows in after.items():
            assert [{column: old[column] for column in new} for old, new in zip(before[name], rows)] == rows
            assert len(rows) == len(before[name]), f"{name} after going back to {one}"
    assert after == {}
    filled.create_schema()
    assert set(contents(filled)) >= {"conversations", "tickets", "slack_places", "watches", "incoming_mails"}


def test_the_messages_of_today_can_be_read_by_the_version_before_turns(filled):
    empty(filled, *(name for name in contents(filled) if name not in ("conversations", "messages")))
    filled.go_back("0004")
    kept = contents(filled)
    assert kept["messages"][0]["text"] == kept["conversations"][0]["id"] == WORD
    filled.create_schema()
    assert contents(filled)["messages"][0]["attempts"] == 0


def migrate(url, *arguments):
    command = [sys.executable, "-m", "bot", "migrate", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "DATABASE_URL": url})


def test_the_command_goes_back_and_forth_and_says_when_it_cannot(tmp_path):
    url = f"sqlite:///{tmp_path}/moved.db"
    database = Database(url)
    assert migrate(url).returncode == 0
    assert migrate(url, "--back-to", "0008").returncode == 0 and revision(database) == "0008"
    assert migrate(url).returncode == 0 and revision(database) == REVISIONS[-1]
    fill(database, tables(database))
    for arguments, reason in [(("--back-to", "0009"), "content_publications: 1"), (("--back-to", "no"), "no")]:
        done = migrate(url, *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("Nothing has changed.") and reason in done.stderr
        assert len(done.stderr.splitlines()) == 1
    database.engine.dispose()
