"""A database with its schema, an outbox with a clock that tests set, and a mail server on loopback."""

import datetime

import pytest

from bot.outbox.maildir import MaildirTransport
from bot.outbox.message import OutgoingMail
from bot.outbox.service import Outbox
from bot.outbox.smtp import SmtpTransport
from bot.outbox.store import OutboxStore
from tests.servers.smtp import SmtpServer

SENDER = "Credential support <support@example.com>"
NOON = datetime.datetime(2026, 3, 2, 12, 0, 0, tzinfo=datetime.timezone.utc)


def mail(to="alice@example.com", subject="Hello", **more):
    return OutgoingMail(to, subject, "Plain words\n", "<p>Rich words</p>\n", **more)


def words(message, kind):
    """The content of a message: "plain" or "html"."""
    return message.get_body((kind,)).get_content().replace("\r\n", "\n")


class Clock:
    """Stands still until told to move."""

    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now

    def advance(self, **amount):
        self.now += datetime.timedelta(**amount)


@pytest.fixture()
def clock():
    return Clock()


@pytest.fixture()
def store(database):
    return OutboxStore(database)


@pytest.fixture()
def add(database, store, clock):
    """Adds mails in a transaction of its own; returns the last one's id."""

    def add(*mails):
        with database.transaction() as connection:
            return [store.add(connection, one, clock()) for one in mails][-1]

    return add


@pytest.fixture()
def smtp_server():
    server = SmtpServer()
    yield server
    server.close()


@pytest.fixture()
def smtp(smtp_server):
    transport = SmtpTransport(smtp_server.url, SENDER, timeout=30, longest=30)
    yield transport
    transport.close()


@pytest.fixture()
def outbox(database, smtp, clock):
    return Outbox(database, {"mail": smtp}, clock, pause=lambda seconds: None)


@pytest.fixture()
def maildir(tmp_path):
    return MaildirTransport(tmp_path / "var" / "mail", SENDER)
