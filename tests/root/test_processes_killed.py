"""`python -m bot run` with each of its processes killed again and again while people chat and file tickets.

What was confirmed is there, and each process is back within the time that it takes to start. `KILLS=20 pytest -s
tests/root/test_processes_killed.py` kills each twenty times (about twenty minutes).
"""

import datetime
import os
import re
import signal
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections import defaultdict
from pathlib import Path

import httpx
import pytest

import bot.clock
from bench.machine import free_port
from bot import bootstrap
from bot.certificates import trusted
from bot.database import Database
from bot.outbox.delivery import GIVE_UP_AFTER
from bot.outbox.service import Outbox
from bot.settings import Settings
from bot.tickets.store import tickets
from tests.conftest import SECRET, need
from tests.servers.smtp import SmtpServer
from tests.tickets.test_servers_killed import Delivered, People, by_the_form

KILLS = int(os.environ.get("KILLS", "1"))  # of each process
LONGEST_START = 240  # seconds, before the test gives up
PATIENCE = 60  # seconds for one answer, on a machine with other work
SLOWER = 1.5  # times the first start: the others, and people, are at work meanwhile
MORE_KILLS = 3  # at the most, of one that was back later than that: other work on the machine may have held it up
MARKS = {"rasa": "bot.rasa.server", "actions": "-m actions", "site": "bot site", "worker": "bot worker"}
SAID = ("What is a micro-credential?", "has my badge been issued?")  # Rasa alone; the action server too


class House:
    """Everything that `python -m bot run` starts."""

    def __init__(self, environment):
        self.environment, self.seen, self.lines = environment, set(), []
        before = signal.signal(signal.SIGINT, signal.SIG_DFL)  # a suite in the background passes on that it is ignored
        command = [sys.executable, "-m", "bot", "run"]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        self.process = subprocess.Popen(command, env={**os.environ, **environment}, **streams)
        signal.signal(signal.SIGINT, before)
        self.reading = threading.Thread(target=self._read, daemon=True)
        self.reading.start()

    def _read(self):
        self.lines.extend(self.process.stdout)

    def said(self, words):
        return sum(words in line for line in list(self.lines))

    def pid(self, name):
        """Of a process that was started, 0 if it is not there."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent, began = parent_and_start(folder)
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (OSError, ValueError, IndexError):
                continue
            if parent == self.process.pid and MARKS[name] in command:
                self.seen.add((folder, began))
                return int(folder.name)
        return 0

    def is_up(self, name):
        addresses = {
            "rasa": f"{self.environment['RASA_URL']}/webhooks/site/",
            "actions": self.environment["ACTIONS_URL"].replace("webhook", "health"),
            "site": f"{self.site}/healthz",
        }
        try:
            return ask(addresses[name], timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    @property
    def site(self):
        return f"http://127.0.0.1:{self.environment['SITE_PORT']}"


def parent_and_start(folder):
    """Of a process, by its folder in /proc: its parent's number, and when it began (clock ticks since the boot)."""
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    return int(fields[1]), int(fields[19])


def is_still_there(folder, began):
    """Whether the very process runs: numbers are given again, on a busy machine within minutes."""
    try:
        return parent_and_start(folder)[1] == began
    except (OSError, IndexError):
        return False


def ask(address, headers=None, timeout=PATIENCE):
    """By clients that share what they trust: to read it takes half a core where one asks again and again."""
    return httpx.get(address, headers=headers, timeout=timeout, verify=trusted())


@pytest.fixture()
def smtp_server():
    server = SmtpServer()
    yield server
    server.close()


@pytest.fixture()
def house(tmp_path, smtp_server):
    need(Path("/proc/self/stat").exists(), "/proc")
    rasa, actions, site = (free_port() for _ in range(3))
    one = House(
        {
            "SITE_SECRET_KEY": SECRET,
            "DATABASE_URL": f"sqlite:///{tmp_path}/bot.db",
            "RASA_URL": f"http://127.0.0.1:{rasa}",
            "ACTIONS_URL": f"http://127.0.0.1:{actions}/webhook",
            "SITE_PORT": str(site),
            "SMTP_URL": smtp_server.url,
            "TRUSTED_PROXIES": "1",  # each request comes from an address of its own
        }
    )
    yield one
    one.process.terminate()  # it ends what it has started, whatever the test has come to
    one.process.wait(PATIENCE)


class Talkers(People):
    """Chat: each message is sent again, with its id, until it is answered."""

    def __init__(self, site, stop):
        super().__init__(self.say, stop)
        self.site, self.token, self.left, self.answers = site, "", 0, {}

    def say(self, client, key):
        self.stop.wait(0.5)  # they read; the widget waits for longer before it tries again
        if not self.left:
            begun = client.post(f"{self.site}/api/conversations", headers=self.headers())
            begun.raise_for_status()
            self.token, self.left = begun.json()["token"], 6
        text = SAID[self.left % 2]
        headers = {**self.headers(), "Authorization": f"Bearer {self.token}"}
        answer = client.post(f"{self.site}/api/messages", json={"id": key, "text": text}, headers=headers)
        answer.raise_for_status()
        replies = [message["id"] for message in answer.json()["messages"]]
        assert replies
        self.left -= 1
        self.answers[key] = (self.token, replies)
        return key

    def headers(self):
        number = uuid.uuid4().int
        return {"X-Forwarded-For": f"10.{number % 250}.{number // 251 % 250}.{number // 63001 % 250}"}


def wait_until(condition, what, seconds=LONGEST_START):
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"{what} did not happen in time"
        time.sleep(0.05)
    return time.monotonic() - began


def count_for_no_limit(url, stop):
    """Until `stop` tickets are made two days older, so that no limit of so many an hour is reached."""
    database, day = Database(url), datetime.timedelta(days=1)
    while not stop.wait(1):
        now = bot.clock.now()
        with database.transaction() as connection:
            young = tickets.update().where(tickets.c.created_at > now - day)
            connection.execute(young.values(created_at=now - 2 * day))
    database.engine.dispose()


def test_killed_again_and_again_nothing_that_was_confirmed_is_lost(house, smtp_server):
    starts = first_starts(house)
    stop, backs = threading.Event(), defaultdict(list)
    filing = [People(by_the_form(house.environment["SITE_PORT"]), stop) for _ in range(2)]
    talking = [Talkers(house.site, stop) for _ in range(3)]
    aging = threading.Thread(target=count_for_no_limit, args=(house.environment["DATABASE_URL"], stop), daemon=True)
    for one in (*filing, *talking, aging):
        one.start()
    for _ in range(KILLS):
        for name in MARKS:
            busy = sum(len(one.confirmed) for one in (*filing, *talking))
            wait_until(lambda busy=busy: sum(len(o.confirmed) for o in (*filing, *talking)) > busy, "work")
            backs[name].append(kill(house, name, filing))
    late = [name for name in MARKS if statistics.median(backs[name]) > starts[name] * SLOWER]
    again = lambda name: (kill(house, name, filing) for _ in range(MORE_KILLS))  # noqa: E731
    late = [name for name in late if all(back > starts[name] * SLOWER for back in again(name))]
    stop.set()
    for one in (*filing, *talking, aging):
        one.join(2 * PATIENCE)
    assert all(one.confirmed for one in (*filing, *talking))
    check_chats(house, talking)
    print(f"\n{'':8} first start  back after: median, longest (s)")
    for name in MARKS:
        print(f"{name:8} {starts[name]:11.1f}  {statistics.median(backs[name]):.1f}, {max(backs[name]):.1f}")
    counts = [sum(len(one.confirmed) for one in group) for group in (filing, talking)]
    print(f"{counts[0]} tickets, {counts[1]} answers; each process was killed {KILLS} times")
    ends_at_once(house)
    check_tickets(house, filing, smtp_server)
    assert not late  # last: other work on the machine must not hide that something was lost


def first_starts(house):
    began, starts = time.monotonic(), {}
    while len(starts) < len(MARKS):
        assert house.process.poll() is None and time.monotonic() - began < LONGEST_START
        for name in MARKS.keys() - starts.keys():
            if house.said("the worker has started") if name == "worker" else house.is_up(name):
                starts[name] = time.monotonic() - began
        time.sleep(0.05)
    wait_until(lambda: house.said("Ready after"), "readiness")
    return starts


def kill(house, name, filing):
    """Kill a process; returns the seconds until it is back. Without Rasa the rest of the house works."""
    before, started, filed = house.pid(name), house.said("the worker has started"), count(filing)
    os.kill(before, signal.SIGKILL)
    if name == "rasa":
        wait_until(lambda: house.is_up("site") and not ready(house)["rasa"], "the word of /readyz")
        for path in ("/", "/?q=linkedin", "/faq/privacy-settings"):
            assert ask(house.site + path).status_code < 500
        wait_until(lambda: count(filing) > filed, "a ticket by the form")
        assert not house.is_up("rasa")
        for one in filing:
            one.pause = 0.5  # its start takes long enough with a core of its own
    if name == "worker":
        back = wait_until(lambda: house.said("the worker has started") > started, "the worker")
    else:
        back = wait_until(lambda: house.pid(name) not in (0, before) and house.is_up(name), name)
    for one in filing:
        one.pause = 0.0
    line = f"{name} was killed by signal 9. It is started again. Until it is up, "
    wait_until(lambda: house.said(line), "its line in the log")
    return back


def count(people):
    return sum(len(one.confirmed) for one in people)


def ready(house):
    try:
        return ask(f"{house.site}/readyz").json()
    except (httpx.HTTPError, ValueError):
        return {"rasa": True}


def check_chats(house, talking):
    for one in talking:
        for key, (token, replies) in one.answers.items():
            headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": "10.9.9.9"}
            kept = ask(f"{house.site}/api/messages", headers).json()["messages"]
            assert {message["id"] for message in kept} >= set(replies)
            assert [message["client_id"] for message in kept].count(key) == 1


def ends_at_once(house):
    for name in MARKS:
        house.pid(name)
    house.process.send_signal(signal.SIGINT)
    assert house.process.wait(PATIENCE) == 0
    assert not [folder for folder, began in house.seen if is_still_there(folder, began)], "orphans"


def check_tickets(house, filing, smtp_server):
    services = bootstrap.build(Settings.load(house.environment))
    rest = Delivered()
    later = bot.clock.now() + GIVE_UP_AFTER / 2  # leases of workers that died have run out, and all is due again
    outbox = Outbox(services.database, {"mail": rest}, lambda: later)
    while outbox.deliver_due("test"):
        pass
    sent = defaultdict(set)
    for mail in smtp_server.mails:
        reference = re.search(r"CRT-\d{4}-\d{5}", mail["Subject"])[0]
        sent[reference, mail["X-To"]].add(mail["Message-ID"].strip("<>").partition("@")[0])  # the letter's id
    for one in filing:
        for key, reference in one.confirmed.items():
            assert services.tickets.get(reference).contact == f"{key}@example.com"
            for address in ("certification@onestreamsoftware.com", f"{key}@example.com"):
                assert len(sent[reference, address] | set(rest.mails[reference, address])) == 1, "lost, or sent anew"
