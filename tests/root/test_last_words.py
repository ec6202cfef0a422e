"""What a person reads when a program cannot go on."""

import errno
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
import sqlalchemy as sql

from bot.__main__ import main
from bot.database import Database
from bot.errors import InvalidSetting
from bot.last_words import run_plainly
from bot.listening import check_listening

NOBODY = "postgresql://me:hidden@127.0.0.1:1/none"
COMMANDS = (
    ["tickets", "list"],
    ["content", "list"],
    ["purge"],
    ["purge", "--person", "ann@example.com", "--yes"],
    ["backup", "copy"],
    ["migrate"],
    ["migrate", "--back-to", "0022"],
    ["import", "--undo"],
    ["site"],
    ["worker"],
    ["run"],
)


@pytest.fixture
def setting(tmp_path, monkeypatch):
    """Sets one beside a key, in a folder of its own."""
    for name in ("SITE_PORT", "RASA_URL", "ACTIONS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SITE_SECRET_KEY", "k" * 32)
    monkeypatch.setenv("CONTENT_PATH", str(tmp_path / "content"))
    monkeypatch.setattr("bot.commands.launch._problems", lambda ports: [])
    return monkeypatch.setenv


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_without_the_database_each_command_says_so_with_the_reason_and_without_the_password(setting, capsys, command):
    setting("DATABASE_URL", NOBODY)
    assert main(command) in (1, 2)
    told = capsys.readouterr()
    assert told.out == ""
    assert "The database does not answer: see DATABASE_URL" in told.err and "onnection refused" in told.err
    assert "hidden" not in told.err and "Traceback" not in told.err and told.err.count("\n") == 1


@pytest.mark.parametrize(
    "command", [["tickets", "list"], ["content", "list"], ["migrate"], ["site"], ["worker"]], ids=" ".join
)
def test_a_file_that_is_no_database_is_told_in_a_sentence(setting, tmp_path, capsys, command):
    (tmp_path / "bot.db").write_text("a letter to my aunt, and nothing that SQLite would know")
    setting("DATABASE_URL", f"sqlite:///{tmp_path}/bot.db")
    assert main(command) == 2
    assert capsys.readouterr().err == "The database does not answer: see DATABASE_URL (file is not a database).\n"


def test_a_place_where_no_database_can_be_is_named(setting, tmp_path, capsys):
    (tmp_path / "file").touch()
    setting("DATABASE_URL", f"sqlite:///{tmp_path}/file/bot.db")
    assert main(["tickets", "list"]) == 2
    assert f"DATABASE_URL names {tmp_path}/file/bot.db, which cannot be used" in capsys.readouterr().err


def test_a_role_that_may_not_use_the_tables_is_told_what_it_may_not(postgres, capsys):
    url = postgres.migrated()
    database = Database(url)

    def work():
        with database.transaction() as connection:
            connection.execute(sql.text("SET LOCAL ROLE pg_monitor"))
            connection.execute(sql.text("SELECT * FROM tickets"))

    assert run_plainly(work) == 2
    database.engine.dispose()
    postgres.drop(url)
    assert "see DATABASE_URL (permission denied for table tickets)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("program", "setting_of_it", "url"),
    [
        (["-m", "bot", "site"], "SITE_PORT", "{port}"),
        (["-m", "bot", "rasa"], "RASA_URL", "http://127.0.0.1:{port}"),
        (["-m", "actions"], "ACTIONS_URL", "http://127.0.0.1:{port}/webhook"),
        (["-m", "bot", "run"], "RASA_URL", "http://127.0.0.1:{port}"),
    ],
)
def test_each_process_whose_port_is_taken_names_it_and_its_setting(program, setting_of_it, url, tmp_path, sqlite_url):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        own = {"SITE_SECRET_KEY": "k" * 32, "DATABASE_URL": sqlite_url, "CONTENT_PATH": str(tmp_path / "content")}
        environment = {**os.environ, **own, setting_of_it: url.format(port=port)}
        command = [sys.executable, *program]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 2
    told = [line for line in ended.stderr.splitlines() if str(port) in line]
    assert len(told) == 1 and "Address already in use" in told[0] and setting_of_it in told[0]
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("host", ["no-such-host.invalid", "198.51.100.1", "a..b"])
def test_an_address_that_is_not_this_machines_is_told(host):
    with pytest.raises(InvalidSetting, match=f"site cannot listen at {host}, port 8000: .*SITE_HOST"):
        check_listening("site", host, 8000)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "0.0.0.0"])
def test_a_port_that_is_free_is_taken_by_nobody(host):
    check_listening("site", host, 0)


def test_a_mistake_of_ours_keeps_its_place():
    with pytest.raises(ZeroDivisionError):
        run_plainly(lambda: 1 // 0)
    with pytest.raises(sql.exc.IntegrityError):
        run_plainly(lambda: _raise(sql.exc.IntegrityError("INSERT", {}, Exception("ann@example.com is there"))))


def test_a_full_disk_is_told_with_the_file(capsys):
    assert run_plainly(lambda: _raise(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "var/mail/tmp/1"))) == 2
    assert capsys.readouterr().err == "var/mail/tmp/1 cannot be used: No space left on device.\n"


def test_ctrl_c_ends_a_command_in_a_word(capsys):
    assert run_plainly(lambda: _raise(KeyboardInterrupt())) == 130
    assert capsys.readouterr().err == "Stopped.\n"


@pytest.mark.parametrize("program", [["-m", "actions"], ["-m", "bot.rasa.server", "run"], ["-m", "bot", "site"]])
def test_each_process_names_a_setting_that_it_cannot_use(program):
    environment = {**os.environ, "SITE_SECRET_KEY": "k" * 32, "SITE_PORT": "eighty"}
    ended = subprocess.run([sys.executable, *program], env=environment, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 2
    assert ended.stderr == "SITE_PORT must be a whole number from 1 to 65535, not 'eighty'.\n"


def test_who_presses_ctrl_c_while_a_command_waits_for_its_input_sees_no_stack_trace(tmp_path):
    environment = {
        **os.environ,
        "SITE_SECRET_KEY": "k" * 32,
        "DATABASE_URL": f"sqlite:///{tmp_path}/bot.db",
        "CONTENT_PATH": str(tmp_path / "content"),
    }
    command = [sys.executable, "-m", "bot", "content", "edit", "response:utter_greet", "--by", "ann@example.com"]
    pipes = {name: subprocess.PIPE for name in ("stdin", "stdout", "stderr")}
    with subprocess.Popen(command, env=environment, text=True, **pipes) as process:
        while not (tmp_path / "bot.db").exists() and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, told = process.communicate(timeout=60)
    assert (process.returncode, out, told) == (130, "", "Stopped.\n")


def _raise(error):
    raise error
