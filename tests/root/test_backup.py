"""A backup made while people write, brought back elsewhere and compared row by row and file by file."""

import hashlib
import json
import os
import shutil
import threading
import uuid
from pathlib import Path

import pytest
import sqlalchemy as sql

from bench.upgrade import missing_rows, rows_of_all_tables
from bot import bootstrap
from bot.__main__ import main
from bot.attachments.attachment import Upload
from bot.backup import making, postgres_dump
from bot.backup.places import Places
from bot.conversations.store import Message
from bot.database import Database, tracker_url
from bot.retention.tracker_events import tracker_rows
from bot.settings import Settings
from bot.site.app import create_app
from bot.studio.files import ContentFiles
from bot.studio.repository import Repository
from tests.conftest import SECRET, need
from tests.retention.test_everywhere import JOHN, LEILA, FixedClock, Planting
from tests.tickets.conftest import request as ticket_request
from tests.waiting import wait_until

ON_SQLITE = pytest.mark.parametrize("places", ["sqlite"], indirect=True)  # the same on PostgreSQL
PDF = b"%PDF-1.4\n(hello) Tj\n%%EOF\n"


class Place:
    """A machine of its own: a folder to work in, and a database."""

    def __init__(self, folder, url, monkeypatch):
        self.folder, self.url, self._monkeypatch = folder, url, monkeypatch
        (folder / "var").mkdir(parents=True)
        for name in ("data", "domain.yml"):
            (folder / name).symlink_to(Path(name).resolve())

    def enter(self):
        """Be there from now on; returns its settings."""
        self._monkeypatch.chdir(self.folder)
        given = {"SITE_SECRET_KEY": SECRET, "DATABASE_URL": self.url, "CONTENT_PATH": "var/content"}
        for name, value in {**given, "REPLIES_URL": "maildir:var/replies"}.items():
            self._monkeypatch.setenv(name, value)
        return Settings.load({**given, "REPLIES_URL": "maildir:var/replies"})

    def rows(self):
        """All rows of all tables, Rasa's too, in the order of their texts."""
        found = {}
        for url in sorted({self.url, tracker_url(self.url)}):
            database, tables = Database(url), sql.MetaData()
            tables.reflect(database.engine)
            with database.engine.connect() as connection:
                for name, table in tables.tables.items():
                    found[name] = sorted(map(repr, connection.execute(table.select()).all()))
            database.engine.dispose()
        return found

    def files(self, name):
        """The digests of a folder's files."""
        folder = self.folder / name
        found = (path for path in sorted(folder.rglob("*")) if path.is_file())
        return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


@pytest.fixture(autouse=True)
def installed_content(monkeypatch):
    """What the tests' own process says comes from the installation, not from what lies in CONTENT_PATH."""
    monkeypatch.setattr("bot.content.root._look", lambda: None)


@pytest.fixture(params=["sqlite", "postgresql"])
def places(request, tmp_path, migrated, monkeypatch):
    """Where the house is, and where its backup is brought back: an empty place of the same kind."""
    if request.param == "sqlite":
        shutil.copy(migrated, tmp_path / "here.db")
        urls = [f"sqlite:///{tmp_path}/here.db", "sqlite:///var/bot.db"]
    else:
        need(shutil.which("pg_dump") is not None, "pg_dump")
        server = request.getfixturevalue("postgres")
        urls = [server.migrated(), server.empty()]
        request.addfinalizer(lambda: [server.drop(url) for url in urls])
    here, there = (Place(tmp_path / name, url, monkeypatch) for name, url in zip(("here", "there"), urls))
    return here, there


@pytest.fixture()
def here(places):
    return places[0]


@pytest.fixture()
def there(places):
    return places[1]


@pytest.fixture()
def house(here):
    """Something in every table, files in every folder."""
    settings, clock = here.enter(), FixedClock()
    services = bootstrap.build(settings, clock)
    rasa = Database(tracker_url(here.url))
    with rasa.transaction() as connection:
        tracker_rows.create(connection)
    rasa.engine.dispose()
    Planting(services, clock).all()
    published(Path("var/content"))
    yield services
    services.database.engine.dispose()


def published(content):
    """What a publication leaves: its files and model, the history in Git; and what is being written."""
    for name in ("versions/1/domain.yml", "versions/1/data/nlu.yml", "installed/abc/domain.yml", "versions/2.12.new/x"):
        (content / name).parent.mkdir(parents=True, exist_ok=True)
        (content / name).write_text(f"# {name}\n")
    (content / "models").mkdir()
    for name in ("live.tar.gz", "of-a-draft.tar.gz"):
        (content / "models" / name).write_bytes(os.urandom(3_000_000))
    (content / "live").write_text('{"publication": 1, "root": "versions/1", "model": "models/live.tar.gz"}')
    commit = Repository(content / "repository").commit
    assert commit({"domain.yml": "a: 1\n"}, "anna@example.com", "First", content / "versions/1")


def back_up(tmp_path, *, code=0):
    assert main(["backup", str(tmp_path / "backup")]) == code
    return tmp_path / "backup"


def restore(backup, *options, code=0):
    assert main(["restore", str(backup), *options]) == code


def test_all_rows_and_files_come_back_elsewhere(house, here, there, tmp_path, capsys):
    backup = back_up(tmp_path)
    before = here.rows()
    assert sum(map(len, before.values())) > 60 and len(before["events"]) > 4
    there.enter()
    restore(backup)
    assert there.rows() == before
    for name in ("var/attachments", "var/mail"):
        assert there.files(name) == here.files(name) != {}
    wanted = {name: digest for name, digest in here.files("var/content").items() if ".new/" not in name}
    del wanted["models/of-a-draft.tar.gz"]
    assert there.files("var/content") == wanted and "models/live.tar.gz" in wanted
    assert Repository(Path("var/content/repository")).available()
    told = capsys.readouterr().out
    assert told.count(f"{sum(map(len, before.values()))} rows") == 2 and "Secrets are not in it" in told


def publish(number, *, kept_row=None):
    """Let a further publication go live, as `Studio` does; `kept_row` is what else happens before the file says so."""
    content = ContentFiles(Path("var/content"))
    model, root = f"models/of-{number}.tar.gz", f"versions/{number}"
    (content.root / root / "data").mkdir(parents=True)
    (content.root / root / "domain.yml").write_text(f"# {number}\n")
    (content.root / model).write_bytes(b"a model")
    content.prepare_live(number, root, model)
    (kept_row or (lambda: None))()
    content.replace_live(number, root, model)


@ON_SQLITE
@pytest.mark.parametrize("when", ["before the rows", "between row and file", "after the rows", "among the files"])
def test_what_goes_live_meanwhile_is_there_with_its_model(house, there, tmp_path, monkeypatch, when):
    """The rows tell what is live: whatever they can be, its model and its files are in the backup."""
    copy_rows, copy_folder = Places.copy_rows, making.copy_folder

    def rows(places, folder):
        if when == "before the rows":
            publish(2)
        if when != "between row and file":
            done = copy_rows(places, folder)
        else:
            done = []
            publish(2, kept_row=lambda: done.append(copy_rows(places, folder)))
            done = done[0]
        if when == "after the rows":
            publish(2)
        return done

    def folder_copied(source, target, wanted):
        if when == "among the files" and target.name == "content":
            publish(2)
        return copy_folder(source, target, wanted)

    monkeypatch.setattr(Places, "copy_rows", rows)
    monkeypatch.setattr(making, "copy_folder", folder_copied)
    backup = back_up(tmp_path)
    there.enter()
    restore(backup)
    content = ContentFiles(Path("var/content"))
    known = {"before the rows": 2, "between row and file": 2, "after the rows": 1, "among the files": 1}[when]
    model = {1: "models/live.tar.gz", 2: "models/of-2.tar.gz"}[known]
    assert content.has(model) and content.has(f"versions/{known}/domain.yml")
    assert content.live()["publication"] <= known and content.has(content.live()["model"])


@ON_SQLITE
def test_a_process_killed_before_the_file_follows_the_row_leaves_a_model_that_a_backup_has(house, there, tmp_path):
    """It is put right within half a minute, in a restored house too."""
    content = ContentFiles(Path("var/content"))
    (content.root / "models/next.tar.gz").write_bytes(b"a model")
    content.prepare_live(7, "versions/7", "models/next.tar.gz")
    backup = back_up(tmp_path)
    there.enter()
    restore(backup)
    assert ContentFiles(Path("var/content")).has("models/next.tar.gz")


@ON_SQLITE
def test_a_backup_is_its_owners_alone_and_holds_no_secret(house, tmp_path):
    backup = back_up(tmp_path)
    for path in (backup, *backup.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path
        assert not path.is_file() or SECRET.encode() not in path.read_bytes()
    assert {"SITE_SECRET_KEY", "DATABASE_URL"} <= set(json.loads((backup / "manifest.json").read_text())["settings"])


class Writers:
    """People who chat, file tickets and add files, until they are told to stop."""

    def __init__(self, services):
        self.services, self.stop, self.written, self.failed = services, threading.Event(), [], []
        self._rasa = Database(tracker_url(services.settings.database_url))
        self._threads = [threading.Thread(target=self._write, daemon=True) for _ in range(3)]
        for one in self._threads:
            one.start()

    def end(self):
        self.stop.set()
        for one in self._threads:
            one.join(60)
        self._rasa.engine.dispose()
        assert not self.failed

    def _write(self):
        try:
            while not self.stop.is_set():
                self._one(str(uuid.uuid4()))
        except Exception as error:  # noqa: BLE001  told by `end`
            self.failed.append(error)

    def _one(self, key):
        services, now = self.services, self.services.clock()
        services.store.create_once(key, "site", now)
        services.store.add(key, Message.new("user", "where is it?", now=now))
        file = services.attachments.from_learner(Upload("a.pdf", PDF + key.encode()), key, shown=True)
        with self._rasa.transaction() as connection:
            values = {"sender_id": key, "timestamp": now.timestamp(), "data": "{}"}
            connection.execute(tracker_rows.insert().values(values))
        self.written.append((key, file.id))


def test_while_people_write_it_is_of_one_moment_and_lacks_nothing_from_before(house, here, there, tmp_path):
    writers = Writers(house)
    wait_until(lambda: len(writers.written) > 30)
    before = list(writers.written)
    backup = back_up(tmp_path)
    during = len(writers.written) - len(before)
    wait_until(lambda: len(writers.written) > len(before) + during + 10)
    writers.end()
    assert during > 0
    there.enter()
    restore(backup)
    was, now = here.rows(), there.rows()
    assert {name: [row for row in now[name] if row not in set(was[name])] for name in now} == {name: [] for name in now}
    assert len(now["messages"]) < len(was["messages"])
    services = bootstrap.build(Settings.load())
    for key, file in before:
        assert [message.text for message in services.store.all(key)][0] == "where is it?"
        assert services.attachments.content(file) == PDF + key.encode()
    with services.database.transaction() as connection:
        named = connection.execute(sql.text("SELECT id FROM attachments")).scalars().all()
    assert len(named) > len(before) and all(services.attachments.content(file) for file in named)
    services.database.engine.dispose()


def test_the_house_goes_on_with_the_conversation_where_it_was_brought_back(places, tmp_path, rasa):
    here, there = places
    services = bootstrap.build(here.enter().copy(update={"rasa_url": rasa.url}))
    client = create_app(services).test_client()
    client.post("/api/conversations", json={})
    client.post("/api/messages", json={"text": "where is my badge?"})
    token = client.get_cookie("conversation").value
    backup = back_up(tmp_path)
    services.database.engine.dispose()
    restored = there.enter()
    restore(backup)
    services = bootstrap.build(restored.copy(update={"rasa_url": rasa.url}))
    client = create_app(services).test_client()
    client.set_cookie("conversation", token)
    assert "You said: where is my badge?" in [m["text"] for m in client.get("/api/messages").json["messages"]]
    answer = client.post("/api/messages", json={"text": "and now?"})
    assert [message["text"] for message in answer.json["messages"]] == ["You said: and now?"]
    reference = services.tickets.open(ticket_request("k1", conversation_id="")).reference
    assert services.tickets.get(reference).reference == reference
    services.database.engine.dispose()


def test_what_is_there_goes_only_where_it_is_told_to(house, here, there, tmp_path, capsys):
    backup = back_up(tmp_path)
    before = here.rows()
    house.store.create("later", "site", house.clock())
    changed = here.rows()
    restore(backup, code=1)
    told = capsys.readouterr().err
    assert "the database, content" in told and "--replace" in told
    assert here.rows() == changed
    (here.folder / "var/attachments/of-later").write_text("x")
    restore(backup, "--replace")
    assert here.rows() == before and "of-later" not in here.files("var/attachments")


@ON_SQLITE
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda backup: next(backup.glob("attachments/*/*")).write_bytes(b"other"), "damaged (1 of"),
        (lambda backup: next(backup.glob("database/*")).write_bytes(b""), "damaged (1 of"),
        (lambda backup: next(backup.glob("mail/new/*")).unlink(), "damaged (1 of"),
        (lambda backup: (backup / "manifest.json").unlink(), "is no backup"),
        (lambda backup: (backup / "manifest.json").write_text("{"), "cannot be read"),
        (lambda backup: (backup / "manifest.json").write_text("[]"), "is no manifest"),
        (lambda backup: change(backup, revision="9999"), "newer version"),
        (lambda backup: change(backup, database="other"), "is of other"),
        (lambda backup: change(backup, files=outside(backup)), "damaged (1 of 1 files: ../outside)"),
        (lambda backup: change(backup, files=elsewhere(backup)), "damaged (1 of 1 files: content//"),
    ],
)
def test_a_backup_that_cannot_be_trusted_changes_nothing(house, there, tmp_path, capsys, spoil, said):
    backup = back_up(tmp_path)
    spoil(backup)
    there.enter()
    restore(backup, code=1)
    told = capsys.readouterr().err
    assert told.startswith("Not restored. ") and said in told and len(told.splitlines()) == 1
    assert there.files("var") == {} and there.rows() == {}


def outside(backup):
    """A file that is there, with its digest, but not within the backup."""
    (backup.parent / "outside").write_bytes(b"x")
    return {"../outside": hashlib.sha256(b"x").hexdigest()}


def elsewhere(backup):
    """A file that is there, by a name that would be written outside of the house."""
    (backup / "content/planted").parent.mkdir(exist_ok=True)
    place = (backup.parent / "planted").relative_to("/")
    (backup / "content" / place).parent.mkdir(parents=True)
    (backup / "content" / place).write_bytes(b"x")
    return {f"content//{place}": hashlib.sha256(b"x").hexdigest()}


def change(backup, **said):
    file = backup / "manifest.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **said}))


def without_indexes(rows):
    """A search index of SQLite keeps tables of its own, which a migration may make anew."""
    return {name: found for name, found in rows.items() if not name.startswith("ticket_words_index")}


def test_a_backup_of_the_version_before_comes_back_with_the_schema_of_today(house, here, there, tmp_path):
    with house.database.transaction() as connection:
        for table in ("content_publications", "content_trials", "content_changes", "content_drafts"):
            connection.execute(sql.text(f"DELETE FROM {table}"))  # noqa: S608
    today = here.rows()["alembic_version"]
    house.database.go_back("0021")
    before, revision = without_indexes(rows_of_all_tables(here.url)), here.rows()["alembic_version"]
    backup = back_up(tmp_path)
    there.enter()
    restore(backup)
    after = without_indexes(rows_of_all_tables(there.url))
    assert there.rows()["alembic_version"] == today != revision
    assert before["messages"] and missing_rows(before, after) == []  # columns may have come
    assert {name: len(after[name]) for name in before} == {name: len(rows) for name, rows in before.items()}


def test_who_was_erased_after_the_backup_is_erased_from_what_comes_back(house, here, there, tmp_path, capsys):
    backup = back_up(tmp_path)
    assert main(["purge", "--person", LEILA, "--yes"]) == 0
    assert LEILA not in (here.folder / "var/content/erasures").read_text()
    restore(backup, "--replace")
    assert not mentions(here)
    shutil.copytree(here.folder / "var/content", there.folder / "kept")
    there.enter()
    Path("var/content").mkdir()
    shutil.copy("kept/erasures", "var/content/erasures")  # it is kept beside, as docs/operations.md says
    capsys.readouterr()
    restore(backup)
    assert "Erased again, as after the backup: 1 people." in capsys.readouterr().out
    assert not mentions(there) and any(JOHN in row for row in there.rows()["tickets"])
    restore(back_up(tmp_path / "later"), "--replace")
    assert "Erased again" not in capsys.readouterr().out  # nothing has been erased since that one


def test_in_a_container_nothing_is_restored_before_somebody_says_who_was_erased(
    house, here, there, tmp_path, monkeypatch, capsys
):
    backup = back_up(tmp_path)
    capsys.readouterr()
    assert main(["purge", "--person", LEILA, "--yes", "--print-note"]) == 0
    noted = capsys.readouterr().out
    there.enter()
    monkeypatch.setenv("VAR_LASTS", "no")
    restore(backup, code=1)
    assert "Nobody knows who was erased" in capsys.readouterr().err and there.rows() == {}
    Path("var/content").mkdir()
    Path("var/content/erasures").write_text(noted)
    restore(backup)
    assert not mentions(there) and any(JOHN in row for row in there.rows()["tickets"])


def test_erasures_under_a_key_that_is_gone_are_asked_for_before_anything_changes(
    house, here, there, tmp_path, monkeypatch, capsys
):
    backup, former = back_up(tmp_path), "a former key of thirty-two characters"
    monkeypatch.setenv("SITE_SECRET_KEY", former)
    assert main(["purge", "--person", LEILA, "--yes"]) == 0
    shutil.copytree(here.folder / "var/content", there.folder / "kept")
    there.enter()
    Path("var/content").mkdir()
    shutil.copy("kept/erasures", "var/content/erasures")
    monkeypatch.setenv("SITE_SECRET_KEY", SECRET)
    restore(backup, code=1)
    assert "1 erasures since the backup" in capsys.readouterr().err and there.rows() == {}
    monkeypatch.setenv("SITE_SECRET_KEYS_ACCEPTED", former)
    restore(backup)
    assert not mentions(there)


@ON_SQLITE
def test_what_the_manifest_does_not_name_is_not_brought_back(house, here, there, tmp_path):
    backup = back_up(tmp_path)
    before = here.rows()
    (backup / "database/zzz.db").write_bytes(b"not ours")
    there.enter()
    restore(backup)
    assert there.rows() == before


def test_a_password_in_the_query_of_an_address_is_on_no_command_line():
    url = "postgresql://me@127.0.0.1/house?password=s3cret&sslmode=require"
    assert "s3cret" not in postgres_dump._address(url) and "sslmode=require" in postgres_dump._address(url)
    assert postgres_dump._with_password(url)["PGPASSWORD"] == "s3cret"


def mentions(place):
    return [row for rows in place.rows().values() for row in rows if "haddad" in row.lower().replace("\\", "")]


@ON_SQLITE
def test_nothing_is_left_of_a_backup_that_could_not_be_made(house, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(
        "shutil.copystat", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device", "x"))
    )
    back_up(tmp_path, code=1)
    assert capsys.readouterr().err == "No backup was made. x cannot be read or written: No space left on device.\n"
    assert not [path for path in tmp_path.iterdir() if "backup" in path.name]
    monkeypatch.undo()


@ON_SQLITE
def test_a_backup_does_not_go_into_a_folder_with_something_in_it(house, tmp_path, capsys):
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup/mine").touch()
    back_up(tmp_path, code=1)
    assert "is there already" in capsys.readouterr().err and (tmp_path / "backup/mine").exists()


@pytest.mark.parametrize(
    ("version", "said"),
    [("", "pg_dump is missing"), ("pg_dump (PostgreSQL) 9.6.24", "9.6.24 is older than the server")],
)
def test_a_missing_or_old_pg_dump_is_said_with_what_to_install(postgres, tmp_path, monkeypatch, capsys, version, said):
    url = postgres.migrated()
    programs = tmp_path / "programs"
    programs.mkdir()
    if version:
        (programs / "pg_dump").write_text(f"#!/bin/sh\necho '{version}'\n")
        (programs / "pg_dump").chmod(0o755)
    Place(tmp_path / "here", url, monkeypatch).enter()
    monkeypatch.setenv("PATH", str(programs))
    assert main(["backup", str(tmp_path / "backup")]) == 1
    told = capsys.readouterr().err
    assert said in told and "postgresql-client-" in told and not (tmp_path / "backup").exists()
    postgres.drop(url)


def test_the_password_of_the_database_is_on_no_command_line(postgres, tmp_path, monkeypatch):
    url = postgres.migrated()
    seen = tmp_path / "seen"
    programs = tmp_path / "programs"
    programs.mkdir()
    script = f'#!/bin/sh\n[ $1 = --version ] && echo pg_dump 99.1 && exit\necho "$@ [$PGPASSWORD]" > {seen}\nexit 1\n'
    (programs / "pg_dump").write_text(script)
    (programs / "pg_dump").chmod(0o755)
    with_password = sql.engine.make_url(url).set(password="s3cret").render_as_string(hide_password=False)
    Place(tmp_path / "here", with_password, monkeypatch).enter()
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    assert main(["backup", str(tmp_path / "backup")]) == 1
    arguments, _, password = seen.read_text().partition(" [")
    assert "s3cret" not in arguments and "***" not in arguments and password.startswith("s3cret]")
    postgres.drop(url)
