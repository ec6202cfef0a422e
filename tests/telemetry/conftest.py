"""What logs and traces are seen by: an operator's reader of lines, and a collector on loopback."""

import json

import pytest

from bot.site.app import create_app
from bot.telemetry import traces
from tests.logged import logged
from tests.servers.otlp import Collector

GIVEN = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture()
def collector():
    server = Collector()
    yield server
    server.close()


@pytest.fixture()
def traced(collector, monkeypatch):
    """This process sends its spans to the collector; called, it sends what waits and gives the collector."""
    monkeypatch.setattr(traces, "_sdk", None)
    traces.configure_traces("site", collector.url, "x-team=support, authorization=Bearer%20t")
    from bot.telemetry import otlp

    def seen():
        assert otlp._provider.force_flush(60_000)  # at the end of a process it is not waited for so long
        return collector

    yield seen
    otlp._provider.shutdown()


@pytest.fixture()
def lines():
    """What this process logs, as an operator's tools read it."""

    with logged(json.loads) as written:
        yield written


@pytest.fixture()
def proxied(services):
    """The site behind a proxy of ours."""
    object.__setattr__(services, "settings", services.settings.copy(update={"trusted_proxies": 1}))
    return create_app(services).test_client()


class Taken:
    """A mail server that takes all."""

    def send(self, letter):
        pass

    def close(self):
        pass
