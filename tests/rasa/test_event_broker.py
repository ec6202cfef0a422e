"""Rasa's events on RabbitMQ: all of them, in order, and nobody waits for it when it is away."""

import asyncio
import json
import os
import socket
import time
import uuid

import aio_pika
import pytest
from rasa.core.brokers.broker import EventBroker
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered

from bot.rasa import event_broker
from bot.rasa.event_broker import QueuedEventBroker
from bot.rasa.tracker_store import DatabaseTrackerStore
from tests.conftest import need

RABBITMQ_URL = os.environ.get("TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672/")
SECONDS = 60.0
WORDS = "purple-elephants-dance"


def answers(url):
    async def ask():
        await (await aio_pika.connect(url, timeout=30)).close()

    try:
        asyncio.run(ask())
    except Exception:
        return False
    return True


@pytest.fixture(scope="module")
def rabbitmq():
    need(answers(RABBITMQ_URL), "RabbitMQ")
    return RABBITMQ_URL


@pytest.fixture()
def names(rabbitmq):
    """An exchange and a queue of this test's own."""
    name = f"test-{uuid.uuid4()}"
    yield {"exchange_name": name, "queues": [name]}

    async def delete():
        connection = await aio_pika.connect(rabbitmq)
        channel = await connection.channel()
        await channel.queue_delete(name)
        await channel.exchange_delete(name)
        await connection.close()

    asyncio.run(delete())


class Proxy:
    """Passes on to RabbitMQ what comes, while it is open."""

    def __init__(self, url):
        self.target = aio_pika.connection.URL(url)
        self.open, self._writers, self._server = True, set(), None

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        self.url = str(self.target.with_host("127.0.0.1").with_port(self._server.sockets[0].getsockname()[1]))
        return self

    async def __aexit__(self, *error):
        self.shut()
        self._server.close()

    def shut(self):
        """RabbitMQ has gone, for those who are connected and those who come."""
        self.open = False
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _pass_on(self, reader, writer):
        if not self.open:
            writer.transport.abort()
            return
        there = await asyncio.open_connection(self.target.host, self.target.port or 5672)
        self._writers |= {writer, there[1]}
        await asyncio.gather(_copy(reader, there[1]), _copy(there[0], writer))


async def _copy(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.transport.abort()


async def received(url, names, count):
    """What lies in the queue, once so much is there."""
    connection = await aio_pika.connect(url)
    try:
        channel = await connection.channel()
        queue = await channel.declare_queue(names["queues"][0], durable=True)
        found, until = [], time.monotonic() + SECONDS
        while len(found) < count and time.monotonic() < until:
            message = await queue.get(fail=False)
            if message is None:
                await asyncio.sleep(0.02)
                continue
            await message.ack()
            found.append(message)
        return found
    finally:
        await connection.close()


def test_without_the_setting_nothing_is_published(monkeypatch):
    monkeypatch.delenv("RABBITMQ_URL", raising=False)
    endpoints = AvailableEndpoints.read_endpoints("endpoints.yml")
    assert asyncio.run(EventBroker.create(endpoints.event_broker)) is None


def test_what_is_said_arrives_as_rasas_own_broker_sends_it(rabbitmq, names, monkeypatch, sqlite_url):
    monkeypatch.setenv("RABBITMQ_URL", rabbitmq)
    config = AvailableEndpoints.read_endpoints("endpoints.yml").event_broker
    config.kwargs.update(names)

    async def go():
        broker = await EventBroker.create(config)
        assert isinstance(broker, QueuedEventBroker)
        store = DatabaseTrackerStore(Domain.empty(), broker, host=sqlite_url)
        for number in range(3):
            tracker = await store.get_or_create_tracker("c1")
            tracker.update(UserUttered(f"{WORDS} {number}"))
            await store.save(tracker)
        found = await received(rabbitmq, names, 4)
        await broker.close()
        store.engine.dispose()
        return found

    found = asyncio.run(go())
    events = [json.loads(one.body) for one in found]
    assert [one["event"] for one in events] == ["action", "user", "user", "user"]
    assert [one["text"] for one in events[1:]] == [f"{WORDS} {number}" for number in range(3)]
    assert {one["sender_id"] for one in events} == {"c1"}
    assert {one.delivery_mode for one in found} == {aio_pika.DeliveryMode.PERSISTENT}


def test_all_events_come_in_their_order(rabbitmq, names, monkeypatch):
    monkeypatch.setattr(event_broker, "LAST_SECONDS", SECONDS)
    count = 4 * event_broker.SENT_AT_ONCE

    async def go():
        broker = QueuedEventBroker(rabbitmq, **names)
        await broker.connect()
        for number in range(count):
            broker.publish({"number": number})
        await broker.close()
        return await received(rabbitmq, names, count)

    assert [json.loads(one.body)["number"] for one in asyncio.run(go())] == list(range(count))


def test_what_happened_while_rabbitmq_was_away_comes_afterwards(rabbitmq, names, monkeypatch, caplog):
    monkeypatch.setattr(event_broker, "RECONNECT_SECONDS", 0.1)
    caplog.set_level("INFO")

    async def go():
        async with Proxy(rabbitmq) as proxy:
            broker = QueuedEventBroker(proxy.url, **names)
            await broker.connect()
            broker.publish({"number": 0})
            before = await received(rabbitmq, names, 1)
            proxy.shut()
            for number in range(1, 4):
                broker.publish({"number": number, "text": WORDS})
                await asyncio.sleep(0.05)
            while broker.is_ready():
                await asyncio.sleep(0.02)
            proxy.open = True
            after = await received(rabbitmq, names, 3)
            await broker.close()
            return before + after

    assert [json.loads(one.body)["number"] for one in asyncio.run(go())] == [0, 1, 2, 3]
    assert "RabbitMQ takes no events" in caplog.text and "RabbitMQ takes events again; 0 were lost" in caplog.text
    assert WORDS not in caplog.text and "guest:guest" not in caplog.text


@pytest.mark.parametrize("kind", ["nobody listens", "says nothing", "refuses the password"])
def test_rasa_starts_and_answers_at_once_while_rabbitmq_is_away(kind, monkeypatch, request, caplog):
    monkeypatch.setattr(event_broker, "LAST_SECONDS", 0.3)
    if kind == "refuses the password":
        url = request.getfixturevalue("rabbitmq").replace("guest:guest", "nobody:wrong")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        if kind == "nobody listens":
            silent.close()
        monkeypatch.setenv(
            "RABBITMQ_URL", url if kind == "refuses the password" else f"amqp://a:hush@127.0.0.1:{port}/"
        )

        async def go():
            endpoints, began = AvailableEndpoints.read_endpoints("endpoints.yml"), time.monotonic()
            broker = await EventBroker.create(endpoints.event_broker)
            for number in range(100):
                broker.publish({"number": number, "text": WORDS})
            answered = time.monotonic()
            await broker.close()
            return answered - began, time.monotonic() - answered

        seconds, ending = asyncio.run(go())
        assert max(seconds, ending) < event_broker.BROKER_CONNECT_SECONDS - 1  # it has not waited for a connection
    assert WORDS not in caplog.text and "hush" not in caplog.text and "wrong" not in caplog.text


def test_what_waits_has_a_limit_and_the_oldest_goes(rabbitmq, names, monkeypatch, caplog):
    monkeypatch.setattr(event_broker, "MOST_WAITING_BYTES", 10_000)
    caplog.set_level("INFO")

    async def go():
        broker = QueuedEventBroker(rabbitmq, **names)
        for number in range(50):
            broker.publish({"number": number, "text": "x" * 1000})
        broker._is_away(OSError())
        await broker.connect()
        found = await received(rabbitmq, names, 9)
        await broker.close()
        return found

    found = [json.loads(one.body)["number"] for one in asyncio.run(go())]
    assert found == list(range(50 - len(found), 50)) and 8 <= len(found) <= 10
    assert f"{50 - len(found)} were lost" in caplog.text
