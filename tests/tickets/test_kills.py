"""Processes killed at random moments under load: no ticket is lost, none is mailed as two."""

import multiprocessing
import random
import re
import time
from collections import Counter, defaultdict

import pytest

import bot.clock
from tests.servers import smtp as faults
from tests.servers.smtp import SmtpServer
from tests.tickets import runner
from tests.waiting import wait_until

KILLS = 50  # on each kind of database
MOST_TICKETS = 1000  # that each of the two openers would open
FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(["__main__", "tests.tickets.runner"])


@pytest.fixture()
def smtp_server():
    server = SmtpServer()
    yield server
    server.close()


@pytest.fixture()
def journal(tmp_path):
    return str(tmp_path / "journal")


@pytest.fixture()
def start():
    """Starts processes; what still runs at the end is killed."""
    processes = []

    def start(work, *arguments):
        processes.append(FORK.Process(target=work, args=arguments, daemon=True))
        processes[-1].start()
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.join()


class Faults:
    """A mail server that refuses, stalls, drops connections, and loses answers."""

    def __init__(self, seed):
        self.chance, self.count = random.Random(seed), Counter()

    def __call__(self, stage):
        drawn = self.chance.random()
        if stage == "DATA" and drawn < 0.02:
            found = faults.KEEP_AND_DROP
        else:
            found = faults.DROP if drawn < 0.03 else "451 later" if drawn < 0.05 else None
            found = faults.HANG if 0.05 <= drawn < 0.055 else found
        self.count[found] += found is not None
        return found


def is_at_work(process, journal):
    """Whether a process has opened its first ticket, or asked the outbox; or has nothing to do any more."""
    return not process.is_alive() or any(line[-1] == str(process.pid) for line in runner.notes(journal))


def sent(server):
    """For each ticket and recipient, the Message-IDs of the mails and how often each came."""
    found = defaultdict(Counter)
    for mail in server.mails:
        reference = re.search(r"CRT-\d{4}-\d{5}", mail["Subject"])[0]
        found[reference, mail["X-To"]][mail["Message-ID"]] += 1
    return found


def test_killed_at_random_moments_under_load(database, database_url, smtp_server, journal, start):
    clock = runner.FastClock(bot.clock.now(), speed=20)
    chance, smtp_server.fault = random.Random(7), Faults(7)
    openers = [(runner.open_tickets, database_url, clock, journal, name, MOST_TICKETS, 0.01) for name in "ab"]
    workers = [(runner.send, database_url, clock, journal, smtp_server.url, 1)] * 2
    running = [(task, start(*task)) for task in openers + workers]
    kills = Counter()
    while sum(kills.values()) < KILLS:
        task, process = running.pop(chance.randrange(len(running)))
        wait_until(lambda process=process: is_at_work(process, journal))
        time.sleep(chance.random() * 0.05)  # the moment is what is tested
        process.kill()
        process.join()
        kills[task[0].__name__] += 1
        running.append((task, start(*task)))
    for task, process in running:
        if task[0] is runner.open_tickets:
            process.kill()
    outbox = runner.Outbox(database, {}, clock)
    wait_until(lambda: outbox.counts().waiting == 0)
    check(runner.tickets_on(database, clock), smtp_server, runner.notes(journal), outbox, kills)


def check(tickets, server, notes, outbox, kills):
    confirmed = defaultdict(set)
    for _, key, reference, _ in (line for line in notes if line[0] == "confirmed"):
        confirmed[key].add(reference)
    mails, lost = sent(server), server.fault.count[faults.KEEP_AND_DROP]
    repeats = sum(sum(ids.values()) - 1 for ids in mails.values())
    print(
        f"\n{tickets.find()[1]} tickets, {len(confirmed)} confirmed; killed: {dict(kills)}; "
        f"mail server: {dict(server.fault.count)}; {len(mails)} mails, {repeats} repeats"
    )
    assert len(confirmed) > KILLS  # there was load
    assert all(len(references) == 1 for references in confirmed.values())
    for key, (reference,) in confirmed.items():
        assert {(reference, "team@example.com"), (reference, f"{key}@example.com")} <= set(mails), "lost"
    assert all(len(ids) == 1 for ids in mails.values()), "a ticket's mail has two Message-IDs"
    assert len(mails) == 2 * tickets.find()[1]
    assert repeats <= kills["send"] + lost
    assert outbox.counts().dead == outbox.counts().dropped == 0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_workers_share_a_thousand_tickets(database, database_url, smtp_server, journal, start):
    clock, began = runner.FastClock(bot.clock.now(), speed=1), time.monotonic()
    for name in "ab":
        start(runner.open_tickets, database_url, clock, journal, name, 500, 0)
    workers = [start(runner.send, database_url, clock, journal, smtp_server.url, 30) for _ in range(2)]
    outbox = runner.Outbox(database, {}, clock)
    wait_until(lambda: len(smtp_server.mails) >= 2000 and outbox.counts().waiting == 0)
    for process in workers:
        process.terminate()
        process.join(60)
    print(f"\n2,000 mails in {time.monotonic() - began:.1f} s over {smtp_server.connections} connections")
    assert [process.exitcode for process in workers] == [0, 0]
    assert smtp_server.connections >= 2
    mails = sent(smtp_server)
    assert len(mails) == 2000 and all(list(ids.values()) == [1] for ids in mails.values())
