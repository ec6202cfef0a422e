"""One person's data, handed out and erased; what belongs to others stays."""

import datetime
import io
import json

import pytest
import sqlalchemy as sql

from bot import bootstrap
from bot.__main__ import main
from bot.conversations.store import Message
from bot.database import Database, tracker_url
from bot.insight.daily_counts import counts_due, daily_counts, settle_some, subject_counts
from bot.issuance.record import Badge, BadgeState, Completion
from bot.issuance.store import write_badges, write_completions
from bot.mail_reading.message import read
from bot.retention.person import Retention
from bot.retention.tracker_events import TrackerEvents, tracker_rows
from bot.settings import Settings
from tests.conftest import SECRET
from tests.tickets.conftest import NOON, request

JANE, JOHN = "jane@example.com", "john@example.com"
TODAY = datetime.date(2026, 11, 25)


@pytest.fixture()
def services(database_url):
    built = bootstrap.build(Settings.load({"SITE_SECRET_KEY": SECRET, "DATABASE_URL": database_url}))
    rasa = Database(tracker_url(database_url))
    with rasa.transaction() as connection:
        tracker_rows.create(connection)
    for name, address in (("c1", JANE), ("c2", JOHN)):
        fill(built, rasa, name, address)
    yield built
    rasa.engine.dispose()
    built.database.engine.dispose()


def fill(services, rasa, name, address):
    """A conversation that proved an address, looked it up, and filed a ticket; records and mails of the address."""
    services.store.create(name, "site", NOON)
    services.store.add(name, Message.new("user", f"I am {address}", now=NOON))
    services.identity.request_code(name, address, "site")
    services.identity.prove_by_profile(name, address)
    services.identity.log_lookup(name, "site", address, address, rights="own", outcome="found")
    about = request(name, conversation_id=name, contact=address, proven=(address,))
    ticket = services.tickets.open(about)
    services.tickets.reply(ticket.reference, "anna@example.com", "On Monday.", "console")
    mail = f"From: {address}\nSubject: about {address}\n\nAs {name} I thank you.\n".encode()
    services.received.keep(read(mail), mail, ticket.reference, f"mail of {name}")
    services.received.refuse(None, b"From: eve@example.com\n\nI know " + address.encode(), "unreadable")
    with services.database.transaction() as connection:
        write_completions(connection, [Completion(address, "level 2", "Level 2", 100, TODAY, name=name)])
        write_completions(connection, [Completion(address, "level_1", "Level 1", 60)])
        write_badges(connection, [Badge(name, address, "level 2", "Level 2", BadgeState.PENDING, TODAY)])
    assert services.watching.begin(name, [address]).begun
    with rasa.transaction() as connection:
        connection.execute(
            tracker_rows.insert().values(sender_id=name, timestamp=NOON.timestamp(), data=json.dumps({"text": address}))
        )


@pytest.fixture()
def retention(services, database_url):
    return Retention(services.database, TrackerEvents(database_url))


def everything(services):
    """All rows of all tables, Rasa's among them, as one text."""
    found = []
    for url in {services.settings.database_url, tracker_url(services.settings.database_url)}:
        engine = Database(url).engine
        tables = sql.MetaData()
        tables.reflect(engine)
        with engine.connect() as connection:
            found += [str(row) for table in tables.tables.values() for row in connection.execute(table.select())]
        engine.dispose()
    return "\n".join(found)


def test_all_that_is_kept_is_handed_out(retention):
    found = json.loads(json.dumps(retention.export(JANE)))
    counts = {name: len(rows) for name, rows in found.items()}
    assert counts == {
        "messages": 2,
        "conversations": 1,
        "mails": 2,
        "ticket_mails": 3,
        "ticket_events": 2,
        "ticket_viewers": 0,
        "ticket_words": 1,
        "tickets": 1,
        "attachments": 0,
        "attachments_elsewhere": 0,
        "canned_answers": 0,
        "content_drafts": 0,
        "content_changes": 0,
        "content_trials": 0,
        "content_publications": 0,
        "import_changes": 0,
        "watches": 1,
        "codes": 1,
        "wrong_tries": 0,
        "proofs": 1,
        "lookups": 1,
        "completions": 2,
        "badges": 1,
        "letters": 4,
        "slack_said": 0,
        "slack_events": 0,
        "slack_cards": 0,
        "slack_places": 0,
        "slack_threads": 0,
        "rasa_events": 1,
        "mentions": 0,
    }
    assert "john" not in json.dumps(found)
    assert "code_hash" not in found["codes"][0]
    assert found["tickets"][0]["details"]["transcript"][0] == ["user", "where is my <b>badge</b>?"]
    assert found["mails"][0]["content"].startswith(f"From: {JANE}\nSubject:")
    assert found["conversations"][0]["created_at"] == "2026-11-25T12:00:00Z"


def test_all_that_is_kept_is_erased_and_nothing_of_others(retention, services):
    others = retention.export(JOHN)
    erased = retention.erase(JANE)
    assert erased["tickets"] == 1 and erased["rasa_events"] == 1
    left = everything(services)
    assert "jane" not in left and "'c1'" not in left
    assert retention.export(JOHN) == others
    assert not any(retention.export(JANE).values())
    assert not any(retention.erase(JANE).values())


def test_a_look_up_of_somebody_else_stays_in_the_log_without_who_asked(retention, services):
    services.identity.log_lookup("c9", "slack", JANE, JOHN, rights="staff", outcome="found")
    retention.erase(JANE)
    assert [row["asker"] for row in retention.export(JOHN)["lookups"]] == [JOHN, "erased"]


def test_nothing_is_known_of_somebody_who_was_never_here(retention):
    assert not any(retention.export("ane@example.com").values())


def test_what_rasa_keeps_goes_with_its_age(services):
    days = datetime.timedelta(days=services.settings.retention_days)
    services.store.create("c3", "site", NOON + days)
    services.purge.all(NOON + days - datetime.timedelta(days=1))
    assert len(services.purge.tracker_events.of(["c1", "c2"])) == 2
    services.purge.all(NOON + days + datetime.timedelta(days=1))
    assert services.purge.tracker_events.of(["c1", "c2"]) == []


@pytest.fixture()
def call(services, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)  # whose folder var is looked through
    monkeypatch.setenv("SITE_SECRET_KEY", SECRET)
    monkeypatch.setenv("CONTENT_PATH", "var/content")
    monkeypatch.setenv("DATABASE_URL", services.settings.database_url)
    monkeypatch.setattr("sys.stdin", io.StringIO())

    def call(*words):
        return (main(["purge", *words]), *capsys.readouterr())

    return call


def test_the_command_exports_and_erases(call, tmp_path, retention):
    file = tmp_path / "jane.json"
    assert call("--person", "Jane@Example.com", "--export", str(file))[0] == 0
    assert json.loads(file.read_text()) == {**retention.export(JANE), "contents": [], "files": []}
    assert file.stat().st_mode & 0o777 == 0o600
    assert call("--person", JANE, "--export", str(file))[0] == 2  # it would be overwritten
    code, _, told = call("--person", JANE)
    assert code == 2 and "--yes" in told
    assert retention.export(JANE)["tickets"]
    assert "1 tickets" in call("--person", JANE, "--yes")[2]
    assert call("--person", JANE, "--yes")[2] == f"Nothing is kept about {JANE}.\n"


@pytest.mark.parametrize("words", [["--person", "jane"], ["--yes"], ["--export", "x.json"]])
def test_bad_input_is_told_and_erases_nothing(call, words, retention):
    code, _, told = call(*words)
    assert code == 2 and told.strip() and "Traceback" not in told
    assert retention.export(JANE)["tickets"]


def test_what_was_counted_of_a_person_goes_at_once_and_of_others_stays(services, retention):
    said = Message.new("bot", "Here is how.", "utter_faq/sharing_options", now=NOON)
    for name in ("c1", "c2"):
        services.store.add(name, said if name == "c1" else Message.new("bot", "So.", said.utterance, now=NOON))
    settle_some(services.database, datetime.timezone.utc)
    retention.erase(JANE)
    with services.database.transaction() as connection:
        kept = {row.subject for row in connection.execute(subject_counts.select())}
        due = {row.subject for row in connection.execute(counts_due.select())}
        given = [row.number for row in connection.execute(daily_counts.select()) if row.what == "given"]
    assert kept == {"c2"} and not due & {"c1"} and given == [1]
