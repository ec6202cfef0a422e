"""What goes wrong on a bad day: odd identifiers, a slow Rasa, impatient people; on both databases where it matters."""

import json
import re
import sqlite3
import subprocess
import sys
import threading

import httpx
import pytest
import sqlalchemy as sql
from sqlalchemy.pool import QueuePool

from bot import bootstrap
from bot.conversations.admission import Admission
from bot.conversations.assistant import Assistant
from bot.conversations.message import UserInput
from bot.database import Database
from bot.errors import AssistantUnavailable
from bot.settings import Settings
from bot.site.app import create_app
from tests.servers.staff import ANNA, Mailbox, Staff

SECRET = "a secret for tests, 32 characters long"


@pytest.fixture()
def chat(database_url, rasa):
    given = {"SITE_SECRET_KEY": SECRET, "DATABASE_URL": database_url, "RASA_URL": rasa.url, "ACTIONS_URL": rasa.url}
    services = bootstrap.build(Settings.load({**given, "STAFF_EMAILS": ANNA}))
    client = create_app(services).test_client()
    assert client.post("/api/conversations").status_code == 201
    yield client
    services.database.engine.dispose()


def history(chat):
    return [(m["role"], m["text"]) for m in chat.get("/api/messages").get_json()["messages"]][1:]


@pytest.mark.parametrize("name", ["%00", "%ed%a0%80", "long" * 50, "1", "00000000-0000-0000-0000-000000000000"])
def test_feedback_on_no_message_of_ours_is_404(chat, name):
    answer = chat.post(f"/api/messages/{name}/feedback", json={"helpful": True})
    assert answer.status_code == 404 and answer.get_json()["error"]["code"]


def test_2000_emoji_are_a_message_like_any_other(chat):
    body = json.dumps({"text": "😀" * 2000})
    assert chat.post("/api/messages", data=body, content_type="application/json").status_code == 200


def test_control_characters_do_not_count_towards_the_length(chat):
    assert chat.post("/api/messages", json={"text": "a" * 2000 + "\u0007" * 50}).status_code == 200


def test_trying_again_keeps_the_message_once_and_the_context(chat, rasa):
    choice = {"title": "Signature", "payload": "/faq/email_signature"}
    rasa.replies = [{"text": "Which?", "buttons": [choice], "utterance": "utter_ask_which"}]
    chat.post("/api/messages", json={"text": "signature"})
    rasa.fail = True
    assert chat.post("/api/messages", json={"text": "the first"}).status_code == 503
    rasa.fail, rasa.replies = False, None
    assert chat.post("/api/messages", json={"text": "the first"}).status_code == 200
    assert [text for role, text in history(chat) if role == "user"] == ["signature", "the first"]
    assert rasa.requests[-1][1]["context"]["offered"] == ["faq/email_signature"]


def test_a_rasa_that_hangs_counts_as_unavailable(rasa):
    given_up = threading.Event()

    def hang(body):
        given_up.wait(10)
        return []

    rasa.answer = hang
    with pytest.raises(AssistantUnavailable):
        Assistant(rasa.url, SECRET, Admission(), httpx.Timeout(0.2)).reply("c1", "site", UserInput("hi"))
    given_up.set()


def is_full(engine):
    """As if the disk had no room for another page (SQLite), or might only be read (PostgreSQL, as a standby)."""
    if engine.dialect.name == "sqlite":
        sql.event.listen(engine, "checkout", lambda one, *_: one.execute("PRAGMA max_page_count=1"))
    else:
        sql.event.listen(engine, "begin", lambda one: one.exec_driver_sql("SET TRANSACTION READ ONLY"))


def is_away(engine):
    elsewhere = Database("postgresql://somebody@127.0.0.1:1/none").engine
    engine.pool = elsewhere.pool


def is_busy(engine):
    engine.pool = QueuePool(lambda: sqlite3.connect(":memory:"), pool_size=1, max_overflow=0, timeout=0.01)
    engine.pool.taken = engine.pool.connect()


@pytest.mark.parametrize(
    ("database_url", "trouble"),
    [
        ("sqlite", is_full),
        ("sqlite", is_busy),
        ("postgresql", is_full),
        ("postgresql", is_away),
        ("postgresql", is_busy),
    ],
    indirect=["database_url"],
)
def test_while_the_database_keeps_nothing_people_are_asked_to_try_again(chat, trouble, caplog):
    engine = chat.application.extensions["services"].database.engine
    engine.dispose()
    trouble(engine)
    form = {"email": "jane@example.com", "about": "My badge is missing"}
    for path, body in (("/api/messages", {"text": "x" * 2000}), ("/api/tickets", form)):
        answer = chat.post(path, json=body)
        error = answer.get_json()["error"]
        assert (answer.status_code, error["code"]) == (503, "database_unavailable")
        assert "again" in error["message"]
    for path in ("/", "/?q=linkedin", "/faq/privacy-settings", "/healthz"):  # what needs nothing that is kept
        assert chat.get(path).status_code == 200
    assert "Traceback" not in caplog.text and "jane" not in caplog.text
    assert [record.levelname for record in caplog.records if "the database failed" in record.message] == ["ERROR"] * 2


def test_processes_that_start_together_agree_on_the_secret(tmp_path):
    code = "import pathlib, sys; from bot.settings import _own_secret as own; print(own(pathlib.Path(sys.argv[1])))"
    command = [sys.executable, "-c", code, str(tmp_path / "key")]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    keys = {process.communicate(timeout=60)[0].strip() for process in started}
    assert len(keys) == 1 and len(keys.pop()) == 64
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_database_of_an_unknown_kind_is_refused_without_showing_its_password():
    from bot.errors import InvalidSetting

    with pytest.raises(InvalidSetting, match="DATABASE_URL") as caught:
        Settings.load({"SITE_SECRET_KEY": SECRET, "DATABASE_URL": "mysql://u:hidden@h/d"})
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("name", ["%00", "%ed%a0%80", "long" * 500, "' or 1=1", "٣", "99999999999999999999"])
def test_no_name_in_an_address_is_a_failure_of_ours(chat, name):
    app = chat.application
    staff = Staff(app, Mailbox(app.extensions["services"].database)).sign_in(ANNA)
    for rule in app.url_map.iter_rules():
        if rule.arguments and "GET" in rule.methods and rule.endpoint != "static":
            path = re.sub(r"<[^>]+>", name, rule.rule)
            assert staff.client.get(path).status_code < 500, path
