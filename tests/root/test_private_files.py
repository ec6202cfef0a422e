"""Nobody else on the machine reads what people wrote, whatever the modes were before."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sql

from bot.database import Database, sqlite_engine
from bot.private_files import keep_private
from tests.conftest import SECRET


@pytest.fixture(autouse=True)
def wide():
    """What most machines have: everybody may read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def readable_by_others(folder):
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.lstat().st_mode & 0o077)


def write(engine):
    with engine.begin() as connection:
        connection.execute(sql.text("CREATE TABLE IF NOT EXISTS t (a TEXT)"))


def test_a_new_database_its_journal_and_its_folder_are_the_owners(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/new/bot.db")
    with database.engine.connect() as connection:
        write(database.engine)
        connection.execute(sql.text("SELECT * FROM t"))
        assert {one.name for one in (tmp_path / "new").iterdir()} == {"bot.db", "bot.db-wal", "bot.db-shm"}
        assert readable_by_others(tmp_path) == []
    database.engine.dispose()


def test_a_database_that_others_could_read_is_narrowed_with_what_lies_beside_it(tmp_path):
    for name in ("rasa.db", "rasa.db-wal", "rasa.db-shm"):
        (tmp_path / name).touch(0o644)
    assert len(readable_by_others(tmp_path)) == 3
    engine = sqlite_engine(f"sqlite:///{tmp_path}/rasa.db")
    assert readable_by_others(tmp_path) == []
    engine.dispose()


def test_a_folder_that_was_there_stays_as_it_is(tmp_path):
    tmp_path.chmod(0o755)
    sqlite_engine(f"sqlite:///{tmp_path}/bot.db").dispose()
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_what_lies_in_var_is_narrowed_and_what_is_linked_is_left(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("var/mail/new", "var/mail/cur", "var/replies/refused"):
        Path(folder).mkdir(parents=True)
        Path(folder, "letter").write_text("jane@example.com")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.touch(0o644)
    Path("var/link").symlink_to(elsewhere)
    keep_private()
    assert readable_by_others(tmp_path) == ["elsewhere", "var/link"]
    Path("var/later").write_text("jane@example.com")
    Path("var/folder").mkdir()
    assert readable_by_others(tmp_path) == ["elsewhere", "var/link"]


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "bot", "migrate"],
        ["-m", "bot", "tickets", "list"],
        ["-c", "import actions.__main__ as m, sanic; sanic.Sanic.run = lambda *a, **k: None; m.main()"],
    ],
)
def test_every_process_narrows_what_was_wide(tmp_path, command):
    root = Path.cwd()
    for name in ("data", "domain.yml"):
        (tmp_path / name).symlink_to(root / name)
    (tmp_path / "var").mkdir(mode=0o755)
    for name in ("bot.db", "rasa.db", "old.log"):
        (tmp_path / "var" / name).touch(0o644)
    env = {**os.environ, "PYTHONPATH": str(root), "SITE_SECRET_KEY": SECRET}
    done = subprocess.run([sys.executable, *command], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700
    assert readable_by_others(tmp_path / "var") == []


def test_a_model_can_be_run_by_another_user_than_it_was_trained_by(tmp_path, monkeypatch):
    from bot import __main__ as bot_main
    from bot.commands import train

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(train, "run", lambda args: Path("model.tar.gz").touch() or 0)
    assert bot_main.main(["train"]) == 0
    assert Path("model.tar.gz").stat().st_mode & 0o777 == 0o644
