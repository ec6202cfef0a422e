"""The site and the action server killed at random moments while people file tickets: what was confirmed is there, once.

`KILLS=100 pytest -s tests/tickets/test_servers_killed.py` kills each of them a hundred times (about six minutes).
"""

import os
import random
import re
import subprocess
import sys
import threading
import time
import uuid
from collections import defaultdict

import httpx
import pytest

import bot.clock
from bench.machine import free_port
from bot import bootstrap
from bot.certificates import trusted
from bot.outbox.message import OutgoingMail
from bot.outbox.service import Outbox
from bot.settings import Settings
from bot.tokens import action_key
from tests.conftest import SECRET, age_tickets

KILLS = int(os.environ.get("KILLS", "3"))  # of each server
PEOPLE, LIMIT_SECONDS = 4, 180 + 60 * KILLS


@pytest.fixture()
def environment(sqlite_url):
    ports = [free_port() for _ in range(2)]
    return {
        "SITE_SECRET_KEY": SECRET,
        "DATABASE_URL": sqlite_url,
        "SITE_PORT": str(ports[0]),
        "ACTIONS_URL": f"http://127.0.0.1:{ports[1]}/webhook",
        "TRUSTED_PROXIES": "1",  # each request comes from an address of its own: the rate limits stay out of the way
    }


@pytest.fixture()
def services(environment):
    return bootstrap.build(Settings.load(environment))


class Server:
    """A process that is started again whenever it was killed."""

    def __init__(self, command, environment):
        self.command, self.environment, self.kills = command, {**os.environ, **environment}, 0
        self.start()

    def start(self):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        command = [sys.executable, "-m", *self.command]
        self.process = subprocess.Popen(command, env=self.environment, start_new_session=True, **quiet)

    def kill(self):
        os.killpg(self.process.pid, 9)
        self.process.wait()
        self.kills += 1
        self.start()

    def end(self):
        os.killpg(self.process.pid, 9)
        self.process.wait()


class People(threading.Thread):
    """File tickets one after the other; whoever gets no answer asks again, as the widget and Rasa do."""

    def __init__(self, ask, stop):
        super().__init__(daemon=True)
        self.ask, self.stop, self.confirmed, self.begun = ask, stop, {}, []
        self.pause = 0.0  # seconds after each

    def run(self):
        with httpx.Client(timeout=30, verify=trusted()) as client:
            while not self.stop.is_set():
                key = str(uuid.uuid4())
                self.begun.append(key)
                while key not in self.confirmed:
                    try:
                        self.confirmed[key] = self.ask(client, key)
                    except (httpx.HTTPError, ValueError, LookupError):
                        if self.stop.wait(0.05):
                            return
                self.stop.wait(self.pause)


def by_the_form(port):
    def ask(client, key):
        form = {"email": f"{key}@example.com", "about": "My badge is missing", "id": key}
        number = uuid.UUID(key).int
        headers = {"X-Forwarded-For": f"10.{number % 250}.{number // 251 % 250}.{number // 63001 % 250}"}
        answer = client.post(f"http://127.0.0.1:{port}/api/tickets", json=form, headers=headers)
        answer.raise_for_status()
        return answer.json()["reference"]

    return ask


def by_the_dialogue(webhook):
    def ask(client, key):
        slots = {"contact": f"{key}@example.com", "about": "My badge is missing", "ticket_reason": "requested"}
        tracker = {"sender_id": key, "slots": slots, "latest_message": {}, "events": [], "active_loop": {}}
        tracker |= {"paused": False, "followup_action": None, "latest_action_name": "ticket_form"}
        body = {"next_action": "action_open_ticket", "sender_id": key, "tracker": tracker, "domain": {}}
        key_of_rasa = {"Authorization": f"Bearer {action_key(SECRET)}"}
        answer = client.post(webhook, json={**body, "version": "3.6.21"}, headers=key_of_rasa)
        answer.raise_for_status()
        (said,) = answer.json()["responses"]
        return said["reference"]

    return ask


class Delivered:
    """Takes what the worker would send."""

    def __init__(self):
        self.mails = defaultdict(list)

    def send(self, letter):
        mail = OutgoingMail.from_json(letter.payload)
        self.mails[re.search(r"CRT-\d{4}-\d{5}", mail.subject)[0], mail.to].append(letter.id)

    def close(self):
        pass


def test_killed_while_people_file_tickets(environment, services):
    stop, chance = threading.Event(), random.Random(11)
    servers = [Server(["bot", "site"], environment), Server(["actions"], environment)]
    asks = [by_the_form(environment["SITE_PORT"]), by_the_dialogue(environment["ACTIONS_URL"])]
    people = [[People(ask, stop) for _ in range(PEOPLE)] for ask in asks]
    try:
        for one in (*people[0], *people[1]):
            one.start()
        end = time.monotonic() + LIMIT_SECONDS
        seen, aged = [0, 0], 0
        while min(server.kills for server in servers) < KILLS:
            assert time.monotonic() < end, "the servers did not come up again in time"
            stop.wait(0.02)
            if sum(len(one.confirmed) for group in people for one in group) > aged + 50:
                aged += 50
                age_tickets(services.database)
            for number, server in enumerate(servers):
                confirmed = sum(len(one.confirmed) for one in people[number])
                if server.kills < KILLS and confirmed > seen[number]:  # it is up, and at work
                    stop.wait(chance.random() * 0.2)  # the moment is what is tested
                    server.kill()
                    seen[number] = sum(len(one.confirmed) for one in people[number])
    finally:
        stop.set()
        for one in (*people[0], *people[1]):
            one.join(60)
        for server in servers:
            server.end()
    check(services, people, servers)


def check(services, people, servers):
    everybody = [one for group in people for one in group]
    confirmed = {key: reference for one in everybody for key, reference in one.confirmed.items()}
    delivered = Delivered()
    outbox = Outbox(services.database, {"mail": delivered}, bot.clock.now)
    while outbox.deliver_due("test"):
        pass
    total = services.tickets.find()[1]
    counts = [sum(len(one.confirmed) for one in group) for group in people]
    print(
        f"\n{total} tickets, confirmed by the form {counts[0]}, by the dialogue {counts[1]}; "
        f"killed: site {servers[0].kills}, actions {servers[1].kills}"
    )
    assert min(counts) >= KILLS
    assert len(set(confirmed.values())) == len(confirmed), "two people got one reference"
    for key, reference in confirmed.items():
        assert services.tickets.get(reference).contact == f"{key}@example.com"
        for address in ("certification@onestreamsoftware.com", f"{key}@example.com"):
            assert len(delivered.mails[reference, address]) == 1
    assert total <= sum(len(one.begun) for one in everybody), "asking again made a second ticket"
    assert len([mail for mail in delivered.mails.values() if mail]) == 2 * total
