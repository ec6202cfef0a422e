"""Credly's server for tests, a clock that tests move, and sources connected to both."""

import pytest

from bot.errors import SourceUnavailable
from bot.issuance.credly import Credly
from tests.servers.credly import CredlyServer

ANN, BOB, OLD = "ann@example.com", "bob@example.com", "ann.old@example.com"


class Clock:
    """Time that passes only by waiting."""

    def __init__(self):
        self.now, self.waits = 1000.0, []

    def monotonic(self):
        return self.now

    def wait(self, seconds):
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture()
def server():
    server = CredlyServer()
    yield server
    server.close()


@pytest.fixture()
def clock():
    return Clock()


@pytest.fixture()
def connect(server, clock):
    made = []

    def connect(**options):
        options = {"url": server.url, "token": server.token, "organization": server.organization} | options
        options = {"monotonic": clock.monotonic, "wait": clock.wait} | options
        where = [options.pop(name) for name in ("url", "token", "organization")]
        made.append(Credly(*where, lambda title: title.strip().lower(), **options))
        return made[-1]

    yield connect
    server.recover()
    for credly in made:
        credly.close()


@pytest.fixture()
def credly(connect):
    return connect()


def failure(credly, address=ANN):
    """What the error says when a look-up fails, as it must."""
    with pytest.raises(SourceUnavailable) as caught:
        credly.badges([address])
    return str(caught.value)
