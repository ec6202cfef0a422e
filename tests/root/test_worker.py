import contextlib
import datetime
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

import bot.clock
from bot import worker
from bot.database import Database
from bot.outbox.message import Letter, OutgoingMail
from bot.outbox.service import Outbox
from bot.outbox.smtp import LONGEST_SEND
from bot.outbox.store import OutboxStore
from bot.retention.purge import Purge, Purged
from bot.watching.service import Round
from tests.servers.smtp import SmtpServer
from tests.tickets.conftest import request
from tests.tickets.test_replies import TEAM, Folder, build, incoming, opened, signed
from tests.waiting import wait_until
from tests.watching.conftest import complete, issue


class Carrier:
    """Remembers what it was given."""

    def __init__(self):
        self.sent = []

    def send(self, letter):
        self.sent.append(letter.id)

    def close(self):
        pass


@pytest.fixture()
def smtp_server():
    server = SmtpServer()
    yield server
    server.close()


@pytest.fixture()
def running():
    """Runs tasks in a thread until the test ends."""
    stop, threads = threading.Event(), []

    def run(*tasks):
        threads.append(threading.Thread(target=worker.work, args=(tasks, stop)))
        threads[-1].start()
        return stop

    yield run
    stop.set()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


def add(database, now=None):
    with database.transaction() as connection:
        mail = OutgoingMail("alice@example.com", "Hello", "Words\n", "")
        return OutboxStore(database).add(connection, mail, now or bot.clock.now())


def start(url, smtp_url):
    env = {**os.environ, "DATABASE_URL": url, "SITE_SECRET_KEY": "k" * 32, "SMTP_URL": smtp_url}
    command = [sys.executable, "-W", "ignore", "-m", "bot", "worker"]
    # A shell that runs the suite in the background has it ignore SIGINT, and a process passes that on to its children.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, before)
    assert any("the worker has started" in line for line in process.stdout)
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_worker_sends_mail_and_stops_cleanly_on_a_signal(sqlite_url, smtp_server, number):
    url = sqlite_url
    process = start(url, smtp_server.url)
    letter = add(Database(url))
    wait_until(lambda: smtp_server.mails)
    process.send_signal(number)
    assert process.wait(60) == 0
    process.stdout.close()
    assert letter in smtp_server.mails[0]["Message-ID"]


def test_a_signal_at_the_very_start_is_not_lost(sqlite_url, smtp_server):
    process = start(sqlite_url, smtp_server.url)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    process.stdout.close()


class Silent:
    """A mail server that accepts connections and says nothing."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"smtp://127.0.0.1:{self.socket.getsockname()[1]}"
        self.taken = []
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                self.taken.append(self.socket.accept()[0])

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(60)
        for connection in self.taken:
            connection.close()


@pytest.fixture()
def silent():
    server = Silent()
    yield server
    server.close()


def test_a_mail_server_that_says_nothing_holds_up_nobody_else(tmp_path, sqlite_url, silent):
    """100 letters lie before it; answers are read, Slack is told and the team is reminded meanwhile."""
    folder = Folder(tmp_path / "replies")
    services = build(folder.url, sqlite_url, SMTP_URL=silent.url)
    reference = opened(services).reference
    letters = [add(services.database) for _ in range(100)]
    chat = Carrier()
    services.outbox.use_transport("slack", chat)
    now = bot.clock.now()
    note = Letter("note", "slack", "{}", now, 1, now + datetime.timedelta(days=1))
    stop, reminded = threading.Event(), threading.Event()
    thread = threading.Thread(target=worker.work, args=(worker.tasks(services, services.outbox, stop), stop))
    services.tickets.remind = lambda: reminded.set() or 0
    with services.database.transaction() as connection:
        services.outbox.store.add_held(connection, note, "")
    folder.add(bytes(incoming(TEAM, signed(reference))))
    thread.start()
    wait_until(lambda: silent.taken)
    wait_until(lambda: chat.sent == ["note"] and reminded.is_set() and not folder.unread())
    assert len(silent.taken) == 1 and services.outbox.counts().waiting >= len(letters)
    stop.set()
    thread.join(60)
    assert not thread.is_alive() and services.tickets.events(reference)[-1].text == "It will come on Monday."


def test_a_worker_whose_mail_server_stalls_stops_in_its_own_time(sqlite_url, smtp_server):
    """Not in the server's: a letter on its way may be waited on for a minute."""
    smtp_server.fault = lambda stage: "hang" if stage == "DATA" else None
    url = sqlite_url
    process = start(url, smtp_server.url)
    add(Database(url))
    wait_until(smtp_server.reached.is_set)
    process.send_signal(signal.SIGTERM)
    assert process.wait(LONGEST_SEND - 10) == 0
    process.stdout.close()


def test_a_task_that_waits_for_ever_keeps_no_other_from_its_work_nor_the_worker_from_stopping(caplog):
    stop, never, done = threading.Event(), threading.Event(), threading.Event()
    stuck = worker.PeriodicTask("stuck", lambda: float(never.wait()))
    working = worker.PeriodicTask("working", lambda: float(done.set() or 3600))
    thread = threading.Thread(target=worker.work, args=([stuck, working], stop, 0.1))
    thread.start()
    assert done.wait(60)
    stop.set()
    thread.join(60)
    assert not thread.is_alive() and "stuck was still waiting" in caplog.text
    never.set()


def test_mail_that_is_added_while_the_worker_rests_goes_out_within_about_a_second(services, running):
    carrier = Carrier()
    outbox = Outbox(services.database, {"mail": carrier}, bot.clock.now)
    task = worker.sending(outbox, threading.Event())
    assert task.run() <= worker.LONGEST_IDLE <= 1  # while nothing is there to be sent
    running(task)
    letter = add(services.database)
    wait_until(lambda: carrier.sent == [letter])


def test_the_loop_outlives_a_database_that_is_away(services, running, monkeypatch, caplog):
    carrier, problems = Carrier(), [RuntimeError("alice@example.com")]
    outbox = Outbox(services.database, {"mail": carrier}, bot.clock.now)
    claim = outbox.store.claim

    def flaky(*arguments):
        if problems:
            raise problems.pop()
        return claim(*arguments)

    monkeypatch.setattr(outbox.store, "claim", flaky)
    letter = add(services.database)
    running(worker.sending(outbox, threading.Event()))
    wait_until(lambda: carrier.sent == [letter])
    assert "sending failed, trying again in 1 s: RuntimeError" in caplog.text
    assert "alice" not in caplog.text


def test_a_task_that_keeps_failing_is_tried_ever_more_slowly_but_at_least_every_minute(monkeypatch):
    monkeypatch.setattr(time, "monotonic", lambda: 0.0)

    def fail():
        raise OSError

    task, waits = worker.PeriodicTask("failing", fail), []
    for _ in range(9):
        task.attempt()
        waits.append(task.due)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_failing_task_does_not_keep_the_others_from_their_work(running, caplog):
    done = threading.Event()

    def fail():
        raise OSError

    def succeed():
        done.set()
        return 3600.0

    running(worker.PeriodicTask("failing", fail), worker.PeriodicTask("working", succeed))
    assert done.wait(60)


def test_stopping_does_not_wait_for_what_is_due_in_an_hour(running):
    ran = threading.Event()

    def run():
        ran.set()
        return 3600.0

    stop = running(worker.PeriodicTask("rare", run))
    assert ran.wait(60)
    stop.set()  # the fixture checks that the loop ends


def test_the_purge_deletes_old_conversations_and_delivered_letters(services):
    now = bot.clock.now()
    old = now - datetime.timedelta(days=services.settings.retention_days, seconds=1)
    outbox = Outbox(services.database, {"mail": Carrier()}, clock=lambda: old)
    for number in range(3):
        services.store.create(f"c{number}", "site", old if number else now)
        add(services.database, old)
    outbox.deliver_due("worker-a")
    waiting = add(services.database, old)
    assert services.purge.all(now) == 2
    assert services.store.exists("c0")
    assert [letter.id for letter in claim_all(services, now)] == [waiting]
    assert outbox.store.delete_before(now) == 0


def claim_all(services, now):
    return OutboxStore(services.database).claim(now, "worker-b", 9, datetime.timedelta(1), ["mail"])


def test_the_worker_reminds_of_tickets_and_deletes_resolved_ones_past_their_age(services):
    now = bot.clock.now()
    services.tickets._clock = lambda: now - datetime.timedelta(days=services.settings.retention_days, seconds=1)
    old, waiting = (services.tickets.open(request(key)).reference for key in ("r1", "r2"))
    services.tickets.resolve(old, "anna@example.com", via="console")
    services.tickets._clock = lambda: now
    (task,) = (task for task in worker.tasks(services, services.outbox, threading.Event()) if task.name == "reminding")
    assert task.run() == worker.REMIND_SECONDS
    assert services.tickets.events(waiting)[-1].what.value == "reminded"
    services.purge.all(now)
    assert [ticket.reference for ticket in services.tickets.find()[0]] == [waiting]


def test_the_worker_asks_learners_who_do_not_answer(services):
    now = bot.clock.now()
    services.tickets._clock = lambda: now - datetime.timedelta(days=services.settings.close_waiting_days)
    reference = services.tickets.open(request("r1")).reference
    services.tickets.reply(reference, "anna@example.com", "Which address?", "console")
    services.tickets._clock = lambda: now
    (task,) = (task for task in worker.tasks(services, services.outbox, threading.Event()) if task.name == "waiting")
    assert task.run() == worker.WAITING_SECONDS
    assert services.tickets.events(reference)[-1].what.value == "asked_again"


def test_the_purge_goes_batch_by_batch_so_that_mail_is_sent_in_between(services, monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    batches = [Purged(500, 500), Purged(0, 1), Purged()]
    monkeypatch.setattr(Purge, "some", lambda purge, now: batches.pop(0))
    task = worker.purging(services)
    assert [task.run() for _ in range(3)] == [0.0, 0.0, worker.PURGE_SECONDS]
    assert "purged 500 conversations, 500 letters" in caplog.text


@pytest.mark.parametrize("told", [0, 2])
def test_the_worker_looks_at_what_learners_wait_for_as_often_as_the_round_says(services, monkeypatch, caplog, told):
    caplog.set_level(logging.INFO)
    (task,) = (task for task in worker.tasks(services, services.outbox, threading.Event()) if task.name == "watching")
    for pause in (0.0, 300.0, 3600.0):
        monkeypatch.setattr(services.watching, "check_some", lambda pause=pause: Round(20, told, pause))
        assert task.run() == pause
    assert caplog.text.count(f"told news of {told} credentials") == (3 if told else 0)


def test_the_worker_tells_who_waits_and_sends_the_mail(services, running):
    complete(services, "jane@example.com", "Level 2", completed_on=services.issuance.today())
    issue(services, "other@example.com", "Level 1")
    services.watching.begin("c1", ["jane@example.com"])
    issue(services, "jane@example.com", "Level 2")
    later = bot.clock.now() + datetime.timedelta(hours=1)
    services.watching._clock = lambda: later
    carrier = Carrier()
    outbox = Outbox(services.database, {"mail": carrier}, bot.clock.now)
    running(*worker.tasks(services, outbox, threading.Event()))
    wait_until(lambda: carrier.sent)
    assert services.watching.of_conversation("c1") == []
