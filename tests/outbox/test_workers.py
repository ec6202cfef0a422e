"""Several workers at once, in threads and processes, and workers killed in the middle."""

import datetime
import random
import signal
import subprocess
import sys
import threading
from collections import Counter

import pytest

import bot.clock
from bot.database import Database
from bot.outbox.service import Outbox
from bot.outbox.smtp import SmtpTransport
from bot.outbox.store import OutboxStore
from bot.worker import STOPS
from tests.outbox.conftest import SENDER, mail
from tests.servers import smtp as faults
from tests.waiting import LIMIT_SECONDS, wait_until

MAILS = 200


@pytest.fixture()
def fill(database, store):
    """Adds this many mails, due now; returns their ids."""

    def fill(number):
        with database.transaction() as connection:
            return {store.add(connection, mail(), bot.clock.now()) for _ in range(number)}

    return fill


@pytest.fixture()
def log(tmp_path):
    """What the worker processes say."""
    return tmp_path / "workers.log"


@pytest.fixture()
def start(database_url, smtp_server, log):
    """Starts worker processes; what still runs at the end is killed."""
    processes = []

    def start(lease=60):
        command = [sys.executable, "-W", "ignore", "-m", "tests.outbox.runner", database_url, smtp_server.url]
        with log.open("ab") as stream:
            processes.append(subprocess.Popen([*command, str(lease)], stderr=stream))
        return processes[-1]

    yield start
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.wait()


def ids(server):
    """How often each letter came."""
    return Counter(message["Message-ID"].strip("<>").split("@")[0] for message in server.mails)


def nothing_waits(store):
    return lambda: store.counts(bot.clock.now()).waiting == 0


def test_two_workers_in_threads_share_the_mail_and_send_each_once(database_url, smtp_server, fill):
    letters, delivered = fill(MAILS), []

    def run(name):
        database = Database(database_url)
        outbox = Outbox(database, {"mail": SmtpTransport(smtp_server.url, SENDER)}, bot.clock.now)
        began.wait()
        while outbox.counts().waiting:
            delivered.append((name, outbox.deliver_due(name)))
        database.engine.dispose()

    began = threading.Barrier(2)
    threads = [threading.Thread(target=run, args=(name,)) for name in ("worker-a", "worker-b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT_SECONDS)
    assert ids(smtp_server) == Counter(letters)
    shares = {name: sum(count for who, count in delivered if who == name) for name in ("worker-a", "worker-b")}
    assert sum(shares.values()) == MAILS
    assert min(shares.values()) > 0


def test_two_worker_processes_share_the_mail_and_send_each_once(smtp_server, store, fill, start):
    letters = fill(MAILS)
    smtp_server.fault = lambda stage: faults.HANG if stage == "RCPT" else None  # until both have some in hand
    workers = [start(), start()]
    wait_until(lambda: smtp_server.connections >= len(workers))
    smtp_server.fault = lambda stage: None
    smtp_server.release()
    wait_until(nothing_waits(store))
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    assert [worker.wait(60) for worker in workers] == [0, 0]
    assert ids(smtp_server) == Counter(letters)


def test_a_mail_that_was_out_when_its_worker_was_killed_comes_again_with_the_same_message_id(
    smtp_server, store, fill, start
):
    [letter] = fill(1)
    smtp_server.fault = lambda stage: faults.KEEP_AND_HANG if stage == "DATA" else None
    first = start(lease=1)
    assert smtp_server.reached.wait(LIMIT_SECONDS)
    first.kill()
    first.wait()
    smtp_server.fault = lambda stage: None
    start(lease=1)
    wait_until(nothing_waits(store))
    assert ids(smtp_server) == {letter: 2}


def test_a_stop_lets_the_mail_in_hand_go_out_and_leaves_the_others_free(
    database_url, smtp_server, store, fill, start, log
):
    fill(3)
    smtp_server.fault = lambda stage: faults.HANG if stage == "DATA" else None
    worker = start()
    assert smtp_server.reached.wait(LIMIT_SECONDS)
    worker.send_signal(signal.SIGTERM)
    wait_until(lambda: STOPS in log.read_text(encoding="utf-8"))
    smtp_server.fault = lambda stage: None
    smtp_server.release()
    assert worker.wait(60) == 0
    now = bot.clock.now()
    assert store.counts(now).waiting == 2
    assert len(OutboxStore(Database(database_url)).claim(now, "worker-b", 9, datetime.timedelta(1), ["mail"])) == 2


def test_workers_killed_again_and_again_lose_nothing_and_repeat_little(smtp_server, store, fill, start):
    """The server fails, drops and delays at random meanwhile; a repeat needs a kill or a lost answer."""
    chance, lost_answers = random.Random(4), []

    def fault(stage):
        drawn = chance.random()
        if drawn < 0.02 and stage == "DATA":
            lost_answers.append(stage)
            return faults.KEEP_AND_DROP
        return faults.DROP if drawn < 0.04 else "451 later" if drawn < 0.06 else None

    smtp_server.fault = fault
    letters, kills, pause = fill(100), 0, threading.Event()
    while kills < 4:
        worker, before = start(lease=1), len(smtp_server.mails)
        wait_until(lambda before=before: len(smtp_server.mails) > before or nothing_waits(store)())
        pause.wait(chance.random() / 5)
        worker.kill()
        worker.wait()
        kills += 1
    start(lease=1)
    wait_until(nothing_waits(store))
    received = ids(smtp_server)
    repeats = sum(received.values()) - len(letters)
    print(f"{len(letters)} mails, {kills} kills, {len(lost_answers)} lost answers, {repeats} repeats")
    assert set(received) == letters
    assert repeats <= kills + len(lost_answers)
