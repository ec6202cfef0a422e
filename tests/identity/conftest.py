"""Identity on each kind of database, with a clock that tests move and mail that they read."""

import datetime

import pytest

from bot.identity.service import Identity

SECRET = "the site's secret key in tests, long enough"
TOKEN_SECRET = "the host site's secret in tests, long enough"
ALICE, BOB, CHARLIE = "alice@example.com", "bob@example.com", "charlie@example.com"
TABLES = {"one_time_codes", "wrong_tries", "proofs", "lookups"}


class Clock:
    """A time that only moves when told to."""

    def __init__(self):
        self.now = datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.timezone.utc)

    def __call__(self):
        return self.now

    def advance(self, **period):
        self.now += datetime.timedelta(**period)


class Mailbox:
    """Stands in for the outbox: what was sent to whom."""

    def __init__(self):
        self.mails = []

    def __call__(self, connection, address, code, expires_at):
        self.mails.append((address, code, expires_at))

    def code(self):
        """The code of the newest mail."""
        return self.mails[-1][1]

    def wrong(self, number=0):
        """A code that was never sent, another one for each number."""
        sent = {code for _, code, _ in self.mails}
        return [code for code in (f"{n:06d}" for n in range(number + len(sent) + 1)) if code not in sent][number]


@pytest.fixture()
def clock():
    return Clock()


@pytest.fixture()
def mailbox():
    return Mailbox()


@pytest.fixture()
def identity(database, mailbox, clock):
    return Identity(
        database,
        SECRET,
        mailbox,
        clock,
        proof_lifetime=datetime.timedelta(minutes=60),
        staff={"staff@example.com"},
        token_secret=TOKEN_SECRET,
    )
