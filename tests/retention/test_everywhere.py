"""A person planted in every table, file and log is erased from all of them, and what is others' stays."""

import base64
import datetime
import gzip
import json
import socket
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import redis
import sqlalchemy as sql

from bot import bootstrap
from bot.__main__ import main
from bot.attachments.attachment import Upload
from bot.attachments.records import shown_by
from bot.conversations.store import Message
from bot.database import Database, tracker_url
from bot.desk.store import CannedAnswer, Viewer, look_at
from bot.identity.store import add_wrong_try
from bot.issuance.import_history import ImportHistory
from bot.issuance.record import Badge, BadgeState, Completion
from bot.issuance.store import write_badges, write_completions
from bot.outbox.message import OutgoingMail
from bot.retention.erasures import ErasureLog
from bot.retention.holdings import HOLDINGS, NOTHING_PERSONAL
from bot.retention.tracker_events import tracker_rows
from bot.settings import Settings
from bot.site.limits import Limiter
from bot.slack.cards import begin_card
from bot.slack.store import EventStore, slack_cards, slack_threads
from bot.studio import store as studio
from bot.studio.drafts import DraftChange, TrialState
from bot.studio.items import Change, Item, ItemKind
from bot.studio.publications import Publication
from bot.tickets.files import hand_in
from bot.tickets.replies import Outcome
from bot.tickets.search import INDEX_TABLES
from bot.tickets.ticket import Line
from bot.watching.store import watches
from tests.conftest import SECRET
from tests.servers.redis import RedisServer
from tests.tickets.conftest import NOON, request

LEILA, NAME = "leila.haddad@example.com", "Leila Haddad"
TYPED = "Leila.Haddad@Example.com"
JOHN, STAFF = "john@example.com", "anna@example.com"
MINUTE = datetime.timedelta(minutes=1)
RASA_AND_ALEMBIC = {"events", "alembic_version"}


class FixedClock:
    """The time, moved by hand."""

    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now


@pytest.fixture()
def place(tmp_path, monkeypatch):
    """A folder to work in, with an empty var."""
    for name in ("data", "domain.yml"):
        (tmp_path / name).symlink_to(Path(name).resolve())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "var").mkdir()
    return tmp_path


@pytest.fixture()
def clock():
    return FixedClock()


@pytest.fixture()
def services(database_url, place, clock, monkeypatch):
    given = {"SITE_SECRET_KEY": SECRET, "DATABASE_URL": database_url, "REPLIES_URL": "maildir:var/replies"}
    for name, value in {**given, "CONTENT_PATH": "var/content"}.items():
        monkeypatch.setenv(name, value)
    built = bootstrap.build(Settings.load(given), clock)
    rasa = Database(tracker_url(database_url))
    with rasa.transaction() as connection:
        tracker_rows.create(connection)
    rasa.engine.dispose()
    yield built
    built.database.engine.dispose()


@pytest.fixture()
def planted(services, clock):
    """Everything with Leila in it; returns what the others say in it that must stay."""
    Planting(services, clock).all()
    return services


class Planting:
    """Puts a person everywhere, as the features themselves would."""

    def __init__(self, services, clock):
        self.services, self.clock, self.rasa = services, clock, Database(tracker_url(services.settings.database_url))

    def all(self):
        self.own_conversation()
        self.conversation_that_only_names_her()
        self.conversation_that_asked_for_her_code()
        self.conversation_of_staff()
        self.conversation_of_somebody_else()
        self.records()
        self.as_staff()
        self.slack()
        self.mails()
        self.files()
        self.attachments()
        self.content()
        self.rasa.engine.dispose()

    def talk(self, conversation_id, *said, channel="site", known_to_rasa=True):
        """Turns of a message and its reply, a minute apart."""
        store = self.services.store
        store.create_once(conversation_id, channel, self.clock())
        for text, reply in said:
            store.add(conversation_id, Message.new("user", text, now=self.clock()))
            self.clock.now += MINUTE
            store.add(conversation_id, Message.new("bot", reply, now=self.clock()))
            if known_to_rasa:
                self.event(conversation_id, text)
                self.event(conversation_id, reply)

    def event(self, conversation_id, text):
        row = {"sender_id": conversation_id, "timestamp": self.clock().timestamp(), "data": json.dumps({"text": text})}
        with self.rasa.transaction() as connection:
            connection.execute(tracker_rows.insert().values(row))

    def own_conversation(self):
        self.talk("own", (f"I am {NAME}", f"{NAME}, your Level 2 is issued."))
        self.services.identity.request_code("own", LEILA, "site")
        self.services.identity.prove_by_profile("own", LEILA)
        self.services.identity.log_lookup("own", "site", LEILA, LEILA, rights="own", outcome="found")
        about = request("own", conversation_id="own", contact=LEILA, proven=(LEILA,), about=f"I am {NAME}.")
        ticket = self.services.tickets.open(about)
        self.services.tickets.reply(ticket.reference, STAFF, f"Dear {NAME}, on Monday.", "console")
        assert self.services.watching.begin("own", [LEILA]).begun is not None
        self.reference = ticket.reference

    def conversation_that_only_names_her(self):
        turns = ("has mine been issued?", "Which address?"), (f"{TYPED}, I am {NAME}", "Thank you.")
        self.talk("typed", *turns, known_to_rasa=False)

    def conversation_that_asked_for_her_code(self):
        self.talk("code", ("has mine been issued?", f"{NAME}?"))
        self.services.identity.request_code("code", "leila.haddad+badges@example.com", "site")

    def conversation_of_staff(self):
        self.services.store.create_once("staff", "slack", self.clock())
        self.services.identity.prove_by_profile("staff", STAFF, "slack_staff")
        self.talk("staff", ("how do I share a badge?", "Press Share."), channel="slack")
        self.look_up(LEILA, (f"status of {TYPED}", rf"The record of leila\.haddad@example.com: {NAME}, Level 2 issued"))
        self.talk("staff", ("and when?", f"{NAME}'s on 23 November"), channel="slack")
        self.look_up(JOHN, (f"status of {JOHN}", "The record of john@example.com: Level 1"))
        self.talk("staff", ("and when?", "On 9 November"), channel="slack")

    def look_up(self, subject, turn):
        self.talk("staff", turn, channel="slack")
        moved, self.clock.now = self.clock.now, self.clock.now - MINUTE / 2
        self.services.identity.log_lookup("staff", "slack", STAFF, subject, rights="staff", outcome="found")
        self.clock.now = moved

    def conversation_of_somebody_else(self):
        self.services.store.create_once("john", "site", self.clock())
        self.services.identity.prove_by_profile("john", JOHN)
        self.talk("john", (f"my colleague {LEILA} has hers, I have not", "I am sorry."), ("thanks", "You are welcome."))
        said = Line("user", f"my colleague {LEILA} has hers")
        about = request("john", conversation_id="john", contact=JOHN, proven=(JOHN,), transcript=(said,))
        about = replace(about, about=f"Like {TYPED}, please")
        ticket = self.services.tickets.open(about)
        self.services.tickets.note(ticket.reference, STAFF, f"See also {LEILA}", "console")
        answer = self.services.store.all("john")[1]
        self.services.store.rate("john", answer.id, False, f"ask {LEILA}")
        self.johns = ticket.reference

    def records(self):
        day = datetime.date(2026, 11, 20)
        with self.services.database.transaction() as connection:
            write_completions(connection, [Completion(LEILA, "level 2", "Level 2", 100, day, name=NAME)])
            line = Completion(LEILA, "level 2", "Level 2", 90, day, name=NAME)
            before = {(LEILA, "level 2", ""): {**vars(line), "attempt": ""}}
            ImportHistory(self.services.database, self.clock).begin()(connection, before)
            write_completions(connection, [Completion(JOHN, "level 2", "Level 2", 100, day, name="John Major")])
            tagged = "leila.haddad+credly@example.com"
            write_badges(connection, [Badge("b1", tagged, "level 2", "Level 2", BadgeState.PENDING, day, name=NAME)])
            letter = OutgoingMail(JOHN, "Hello", f"Ask {LEILA}.\n", "")
            self.services.outbox.store.add(connection, letter, self.clock())
        self.services.watching.begin("own", [LEILA])
        with self.services.database.transaction() as connection:
            add_wrong_try(connection, SimpleNamespace(email=LEILA, channel="site", network=""), self.clock())
            if not connection.execute(watches.select()).first():
                self.watch(connection, watches)

    def watch(self, connection, watches):
        row = {name: "x" for name in ("id", "address_hash", "credential", "title", "stage")}
        times = {"created_at": self.clock(), "checked_at": self.clock(), "passed_after": datetime.date(2026, 12, 1)}
        connection.execute(watches.insert().values(**row, **times, conversation_id="own", email=LEILA))

    def as_staff(self):
        self.services.tickets.claim(self.johns, LEILA, "console")
        self.services.canned_answers.keep(CannedAnswer(0, f"Like {LEILA}", f"As for {TYPED}"), LEILA)
        with self.services.database.transaction() as connection:
            look_at(connection, self.johns, Viewer(LEILA, False), self.clock())
            look_at(connection, self.johns, Viewer(STAFF, False), self.clock())
        self.services.identity.log_lookup("x", "slack", LEILA, JOHN, rights="staff", outcome="found")

    def slack(self):
        events, hold = EventStore(self.services.database), datetime.timedelta(minutes=2)
        events.place("own", "D0LEILA", self.clock())
        hers = {"event": {"channel": "D0LEILA", "user": "U1", "text": f"I am {NAME}"}}
        staffs = {"event": {"channel": "D0ANNA", "user": "U2", "text": f"status of <mailto:{LEILA}|{LEILA}>"}}
        johns = {"event": {"channel": "D0JOHN", "user": "U3", "text": "hello"}}
        for number, body in enumerate((hers, staffs, johns)):
            assert events.keep(f"Ev{number}", json.dumps(body), "holder", self.clock(), hold)
        with self.services.database.transaction() as connection:
            events.say_once(connection, self.services.store.all("own")[-1].id, self.clock())
            assert begin_card(connection, self.reference, "C0TEAM")
            connection.execute(slack_cards.update().values(ts="1.5"))
            thread = {"id": "D0LEILA 1.5", "reference": self.reference, "at": self.clock()}
            connection.execute(slack_threads.insert().values(**thread))

    def mails(self):
        """One that is refused, as it names no ticket."""
        words = f"From: {NAME} <{TYPED}>\nMessage-ID: <1@example.com>\nSubject: hello\n\nI am {NAME}\n"
        assert self.services.replies.take(words.encode()) is Outcome.NO_TICKET

    def attachments(self):
        """One of her chat, which is her ticket's too; one of John's that has her address in its name."""
        take = self.services.attachments.from_learner
        pdf = f"%PDF-1.4\n({NAME}) Tj\n%%EOF\n".encode()
        self.hers = take(Upload(f"{NAME} passport.pdf", pdf), "own", shown=True)
        assert hand_in(self.services.tickets, self.hers, "site") == self.reference
        self.johns_file = take(Upload(f"{LEILA}.pdf", b"%PDF-1.4\n(hello) Tj\n%%EOF\n"), "john")
        with self.services.database.transaction() as connection:  # as where two tickets of hers were merged
            shown_by(connection, [self.hers.id], "code", "as said there")

    def content(self):
        """She is an editor, and named in what editors wrote."""
        example, now = Item(ItemKind.EXAMPLES, "escalate"), self.clock()
        asked = Publication(
            id=0,
            at=now,
            by=LEILA,
            message=f"For {LEILA}",
            approved_by=LEILA,
            override=f"{LEILA} wants it",
            reason=f"{LEILA} does not",
            authors=(LEILA, STAFF),
        )
        with self.services.database.transaction() as connection:
            studio.add_publication(connection, asked)
            draft = studio.find_draft(connection, studio.add_draft(connection, f"Like {LEILA}", LEILA, now))
            change = Change(example, ["ask a person"], ["ask a person", f"ask {LEILA}"])
            made = DraftChange(change=change, by=LEILA, at=now, version=1, authors=(LEILA, STAFF))
            studio.keep_change(connection, draft, made, False, now)
            trial = studio.add_trial(connection, draft.id, "x", LEILA, now)
            told = studio.result_text({"recent": [{"text": f"ask {TYPED}"}]})
            assert studio.set_trial(connection, trial.id, list(TrialState), result=told, words=f"For {LEILA}")

    def files(self):
        mail = f"From: team@example.com\nTo: {NAME} <{LEILA}>\nSubject: Hello\n\nDear {NAME}\n"
        folded = (
            "To: team@example.com\nContent-Transfer-Encoding: base64\n\n" + "TGVpbGEuSGFkZGFkQGV4YW1wbGUuY29tCg==\n"
        )
        ticket = f"To: team@example.com\nSubject: {self.reference}\n\n{NAME} writes\n"
        keep("var/mail/new/1", mail)
        keep("var/mail/cur/2:2,S", folded)
        keep("var/mail/tmp/3", ticket)
        keep("var/mail/new/4", f"To: {JOHN}\n\nHello John\n")
        keep("var/replies/.refused/cur/5:2,S", f"From: {LEILA}\n\nI am {NAME}\n")
        keep("var/replies/new/6", f"From: {NAME} <{TYPED}>\n\nHello\n")
        keep(
            "var/site.log", json.dumps({"message": f"mail to {LEILA}", "who": NAME}) + "\n" + '{"message": "started"}\n'
        )
        keep("var/log/worker.log.1.gz", gzip.compress(f"sent to {TYPED}\nstarted\n".encode()))
        keep("var/review.yml", f"nlu:\n- intent: x\n  examples: |\n    - ask {LEILA} about it\n    - and when?\n")


def keep(path, content):
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())


def rows(url):
    """Every row of every table that the databases have, found by looking, as texts."""
    for one in {url, tracker_url(url)}:
        database = Database(one)
        found = sql.MetaData()
        found.reflect(database.engine)
        with database.engine.connect() as connection:
            for name, table in found.tables.items():
                for row in connection.execute(table.select()):
                    yield name, " ".join(map(str, row)).replace("\\", "")
        database.engine.dispose()


def files():
    """Every file, unpacked."""
    for path in [*Path("var").rglob("*"), *Path().glob("*.db*")]:
        if path.is_file():
            yield path, gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def mentions(url):
    """All places in which the person's address or name stands, in whatever case."""
    tables = {name for name, text in rows(url) if "haddad" in text.lower()}
    return tables | {path.name for path, content in files() if b"haddad" in content.lower() or b"TGVpbG" in content}


def purge(*words):
    return main(["purge", "--person", "Leila.Haddad@example.com", *words])


def test_each_table_says_what_of_it_is_a_persons(services, database_url):
    there = set()
    for url in {database_url, tracker_url(database_url)}:
        there |= set(sql.inspect(Database(url).engine).get_table_names())
    declared = {holding.table.name for holding in HOLDINGS} | {table.name for table in NOTHING_PERSONAL}
    assert there - INDEX_TABLES == declared | RASA_AND_ALEMBIC
    assert len(declared) == len(HOLDINGS) + len(NOTHING_PERSONAL)


def test_a_person_planted_in_every_table_is_handed_out_from_each(planted, capsys):
    assert purge("--export", "-") == 0
    found = json.loads(capsys.readouterr().out)
    content = {"content_drafts", "content_changes", "content_trials", "content_publications"}
    assert {name for name, kept in found.items() if not kept} == {"canned_answers", *content}  # the team's, not hers
    mentioned = {one["where"] for one in found["mentions"]}
    assert mentioned >= {"messages", "tickets", "ticket_events", "letters", "lookups", "canned_answers", *content}
    text = json.dumps(found)
    assert "Level 1" not in text and "You are welcome" not in text and "Press Share" not in text  # others'
    assert "Level 2 issued" in text
    (attached,) = found["contents"]
    assert NAME in base64.b64decode(attached["base64"]).decode() and NAME in attached["name"]


def test_nothing_is_left_of_a_person_anywhere(planted, database_url, capsys):
    before = mentions(database_url)
    assert {
        "messages",
        "events",
        "outbox",
        "ticket_words",
        "slack_events",
        "site.log",
        "review.yml",
        "worker.log.1.gz",
    } <= before
    assert purge("--yes") == 0
    told = capsys.readouterr().err
    assert mentions(database_url) == set()
    assert "Erased: " in told and "Still there" not in told
    assert "in Slack's channel C0TEAM" in told  # which only a person can delete
    assert purge("--yes") == 0
    assert "Nothing is kept" in capsys.readouterr().err


def test_what_belongs_to_others_stays(planted, database_url):
    assert purge("--yes") == 0
    staff = [message.text for message in planted.store.all("staff")]
    assert staff == [
        *("how do I share a badge?", "Press Share."),
        *(f"status of {JOHN}", "The record of john@example.com: Level 1", "and when?", "On 9 November"),
    ]
    john = [message.text for message in planted.store.all("john")]
    assert john == ["my colleague erased has hers, I have not", "I am sorry.", "thanks", "You are welcome."]
    (ticket,) = planted.tickets.filed_by([JOHN])
    assert ticket.about == "Like erased, please" and ticket.assigned_to == "" and ticket.proven == (JOHN,)
    assert ticket.transcript == (Line("user", "my colleague erased has hers"),)
    assert [event.text for event in planted.tickets.events(ticket.reference)][1] == "See also erased"
    assert planted.identity.proven("john") == [JOHN]
    left = list(rows(database_url))
    assert any(name == "events" and "You are welcome" in text for name, text in left)
    assert any(name == "completions" and "John Major" in text for name, text in left)
    (answer,) = planted.canned_answers.all()
    assert (answer.title, answer.text, answer.changed_by) == ("Like erased", "As for erased", "erased")
    with planted.database.transaction() as connection:
        (draft,), (publication,) = studio.open_drafts(connection), studio.all_publications(connection)
        trial = studio.newest_trial(connection, draft.id)
    assert (draft.title, draft.author, draft.authors) == ("Like erased", "erased", {"erased", STAFF})
    assert draft.changes[0].change.after == ["ask a person", "ask erased"] and draft.changes[0].by == "erased"
    assert (trial.by, trial.words, trial.result) == ("erased", "For erased", {"recent": [{"text": "ask erased"}]})
    assert (publication.by, publication.approved_by, publication.message) == ("erased", "erased", "For erased")
    assert (publication.override, publication.reason) == ("erased wants it", "erased does not")
    assert any(name == "ticket_viewers" and STAFF in text for name, text in left)
    assert any(name == "lookups" and "erased" in text and JOHN in text for name, text in left)
    assert any(name == "slack_events" and "D0JOHN" in text for name, text in left)
    assert sum(name == "slack_events" for name, _ in left) == 3  # what Slack sends again is still known
    letters = [text for name, text in left if name == "outbox"]
    assert any("Ask erased." in text for text in letters)
    assert Path("var/mail/new/4").exists() and not Path("var/mail/new/1").exists()
    assert Path("var/site.log").read_text() == '{"message": "started"}\n'
    assert gzip.decompress(Path("var/log/worker.log.1.gz").read_bytes()) == b"started\n"
    assert "ask erased about it" in Path("var/review.yml").read_text()
    (kept,) = (path for path in Path("var/attachments").rglob("*") if path.is_file())
    assert (
        b"hello" in planted.attachments.content(kept.name)
        and planted.attachments.get(kept.name).name == "erased file.pdf"
    )


def test_what_cannot_be_erased_is_listed_and_erased_is_not_said(planted, capsys):
    keep("var/photo.bin", b"\xff\xfe leila.haddad@example.com \xff")
    keep("var/replies/new/7", f"From: {STAFF}\n\nPlease tell {LEILA}\n")  # nobody has read it yet
    with planted.database.transaction() as connection:
        connection.execute(sql.text("CREATE TABLE memos (words VARCHAR(99))"))
        connection.execute(sql.text(f"INSERT INTO memos VALUES ('call {TYPED}')"))
        connection.execute(sql.text(f"INSERT INTO memos VALUES ('ask {NAME}')"))
    assert purge("--yes") == 1
    told = capsys.readouterr().err
    assert "Not all could be erased" in told and "Erased:" not in told
    listed = [line for line in told.splitlines() if line.startswith("- ")]
    assert [line.rpartition("/")[2] for line in listed] == ["- 2 rows of the table memos", "photo.bin", "7"]
    with planted.database.transaction() as connection:
        connection.execute(sql.text("DROP TABLE memos"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_deleted_long_ago_goes_from_the_file_too(services, database_url, capsys):
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("INSERT INTO slack_said VALUES (?, ?)", (LEILA * 200, "2026-11-29 00:00:00"))
        connection.commit()
        connection.execute("DELETE FROM slack_said")
        connection.commit()
        assert mentions(database_url)
        connection.execute("SELECT 1")
    assert purge("--yes") == 0
    assert mentions(database_url) == set()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_contents_that_cannot_be_reached_are_told(planted, capsys, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("ATTACHMENTS_URL", f"s3://key:hush@127.0.0.1:{port}/files?tls=0")
    assert purge("--export", "her.json") == 2 and not Path("her.json").exists()
    assert "Not all can be handed out: the bucket of attachments cannot be read" in capsys.readouterr().err
    assert purge("--yes") == 1
    told = capsys.readouterr().err
    assert "- the attachment " in told and "the bucket of attachments cannot be changed" in told and "hush" not in told


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_in_use_that_could_not_be_written_anew_is_told(planted, database_url, capsys, monkeypatch):
    monkeypatch.setattr("bot.retention.search.COMPACT_SECONDS", 0.1)
    path = database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path.replace("fresh.db", "rasa.db"))) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM events").fetchone()
        assert purge("--yes") == 1
    told = capsys.readouterr().err
    assert "rasa.db, which is in use: run this again later" in told
    assert purge("--yes") == 0


def test_counters_in_redis_go_too(planted, tmp_path, monkeypatch, capsys):
    server = RedisServer(tmp_path)
    monkeypatch.setattr("bot.site.limits.REDIS_SECONDS", 60.0)  # other work keeps it from its answer, for a moment
    monkeypatch.setattr("bot.retention.counters.COUNTERS_SECONDS", 60.0)
    monkeypatch.setenv("REDIS_URL", server.url)
    limiter = Limiter(server.url)
    for contact in (LEILA, JOHN):
        limiter.check("tickets of an address", contact)
    client = redis.Redis.from_url(server.url, decode_responses=True)
    for number, contact in enumerate((LEILA, JOHN)):
        client.set(f"lookup:{number}", json.dumps({"addresses": [contact]}))
        client.set(f"preview:tracker:{number}", json.dumps({"events": [{"text": f"it is {contact}"}]}))
    assert len(list(client.scan_iter())) == 6
    assert purge("--yes") == 0
    left = {name: client.get(name) for name in client.scan_iter()}
    assert len(left) == 3 and all(JOHN in f"{name} {value}" for name, value in left.items())
    client.close()
    server.stop()
    capsys.readouterr()
    assert purge("--yes") == 1
    assert "- counters in Redis, which does not answer" in capsys.readouterr().err


def test_an_erasure_that_nobody_would_remember_is_refused_or_its_note_is_printed(
    planted, database_url, monkeypatch, capsys
):
    """As in a container whose var/ goes with it: a restored backup would bring her back."""
    monkeypatch.setenv("VAR_LASTS", "no")
    assert purge("--yes") == 2 and "goes with this container" in capsys.readouterr().err
    assert mentions(database_url) and not Path("var/content/erasures").exists()
    assert purge("--yes", "--print-note") == 0
    noted = capsys.readouterr().out.splitlines()
    assert not mentions(database_url) and not Path("var/content/erasures").exists()
    Path("kept").write_text("\n".join(noted))
    log = ErasureLog(Path("kept"), SECRET)
    hashes = log.since(datetime.datetime.min.replace(tzinfo=datetime.timezone.utc))
    assert len(noted) == 2 and log.stands_for(LEILA, hashes)


def test_nobody_is_erased_whose_erasure_cannot_be_noted(planted, database_url, capsys):
    Path("var/content/erasures").mkdir(parents=True)
    assert purge("--yes") == 2 and "Nothing was erased" in capsys.readouterr().err
    assert mentions(database_url)
