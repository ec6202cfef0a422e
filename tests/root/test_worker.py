import datetime
import logging
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

import bot.clock
from bot import worker
from bot.database import Database
from bot.outbox.message import OutgoingMail
from bot.outbox.service import Outbox
from bot.outbox.store import OutboxStore
from bot.retention.purge import Purge, Purged
from bot.watching.service import Round
from tests.servers.smtp import SmtpServer
from tests.tickets.conftest import request
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
        thread.join(10)
        assert not thread.is_alive()


def add(database, now=None):
    with database.transaction() as connection:
        mail = OutgoingMail("alice@example.com", "Hello", "Words\n", "")
        return OutboxStore(database).add(connection, mail, now or bot.clock.now())


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        threading.Event().wait(0.01)


def start(url, smtp_url):
    env = {**os.environ, "DATABASE_URL": url, "SITE_SECRET_KEY": "k" * 32, "SMTP_URL": smtp_url}
    command = [sys.executable, "-W", "ignore", "-m", "bot", "worker"]
    # A shell that runs the suite in the background has it ignore SIGINT, and a process passes that on to its children.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, before)
    assert any("the worker has started" in line for line in process.stderr)
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_worker_sends_mail_and_stops_cleanly_on_a_signal(tmp_path, smtp_server, number):
    url = f"sqlite:///{tmp_path}/bot.db"
    process = start(url, smtp_server.url)
    letter = add(Database(url))
    wait_until(lambda: smtp_server.mails)
    process.send_signal(number)
    assert process.wait(20) == 0
    process.stderr.close()
    assert letter in smtp_server.mails[0]["Message-ID"]


def test_a_signal_at_the_very_start_is_not_lost(tmp_path, smtp_server):
    process = start(f"sqlite:///{tmp_path}/bot.db", smtp_server.url)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    process.stderr.close()


def test_mail_that_is_added_while_the_worker_rests_goes_out_within_about_a_second(services, running):
    carrier = Carrier()
    outbox = Outbox(services.database, {"mail": carrier}, bot.clock.now)
    running(worker.sending(outbox, threading.Event()))
    began = time.monotonic()
    letter = add(services.database)
    wait_until(lambda: carrier.sent == [letter])
    assert time.monotonic() - began < worker.LONGEST_IDLE + 2


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
    assert done.wait(10)


def test_stopping_does_not_wait_for_what_is_due_in_an_hour(running):
    ran = threading.Event()

    def run():
        ran.set()
        return 3600.0

    stop = running(worker.PeriodicTask("rare", run))
    assert ran.wait(10)
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
