"""The processes of the kill tests: one that opens tickets as the action server does, and one that sends their mail."""

import datetime
import logging
import os
import time
from pathlib import Path

import bot.clock
from bot import worker
from bot.database import Database
from bot.errors import BotError
from bot.outbox.service import Outbox
from bot.outbox.smtp import SmtpTransport
from bot.outbox.store import OutboxStore
from bot.tickets.mails import Mails
from bot.tickets.service import Tickets
from tests.tickets.conftest import request

SENDER = "support@example.com"
LEASE = datetime.timedelta(minutes=1)


class FastClock:
    """Runs faster from a moment on that all processes agree on, so that nobody waits long for pauses and leases."""

    def __init__(self, start, speed):
        self.start, self.speed = start, speed

    def __call__(self):
        return self.start + (bot.clock.now() - self.start) * self.speed


def tickets_on(database, clock):
    store = OutboxStore(database)
    mails = Mails(SENDER, "team@example.com", "https://help.example.com")
    post = lambda connection, mail: store.add(connection, mail, clock())  # noqa: E731
    return Tickets(database, mails, post, lambda *event: None, clock)


def note(journal, *words):
    """Add a line to a file, whole or not at all."""
    file = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, (" ".join(words) + "\n").encode())
    os.close(file)


def notes(journal):
    return [line.split() for line in Path(journal).read_text().splitlines()] if Path(journal).exists() else []


def open_tickets(url, clock, journal, name, most, pace):
    """Open tickets, one after the other; a request whose answer nobody saw is made again, as the learner would."""
    tickets = tickets_on(Database(url), clock)
    number = sum(line[0] == "confirmed" and line[1].startswith(name) for line in notes(journal))
    while number < most:
        key = f"{name}-{number}"
        contact = f"{key}@example.com"
        try:
            ticket = tickets.open(request(key, contact=contact, proven=(contact,)))
        except BotError:
            continue
        note(journal, "confirmed", key, ticket.reference, str(os.getpid()))
        number += 1
        time.sleep(pace)


def send(url, clock, journal, smtp_url, patience):
    """Send what is due until SIGTERM."""
    logging.disable()
    transport = SmtpTransport(smtp_url, SENDER, timeout=patience, longest=patience)
    outbox = Outbox(Database(url), {"mail": transport}, clock, lease=LEASE, pause=lambda seconds: None)
    outbox.counts()
    note(journal, "ready", str(os.getpid()))
    worker.run_until_signalled(lambda stop: [worker.sending(outbox, stop)])
