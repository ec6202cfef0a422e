"""The server as `python -m bot site` runs it: who sends slowly harms nobody, and stopping loses no answer."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import httpx
import pytest
from waitress.adjustments import Adjustments
from waitress.server import BaseWSGIServer

from bench.machine import free_port
from bot.site import server
from bot.site.server import MOST_CONNECTIONS, MOST_OF_AN_ADDRESS, REQUEST_SECONDS, SLOWEST_BYTES, Channel, ProxyChannel
from tests.conftest import SECRET

SLOW = 40  # connections
STARTED = 240.0  # seconds within which a process must have started
ANSWERED = 15.0  # seconds; after REQUEST_SECONDS even those who send slowly would be out of the way
PATIENCE = 60.0  # seconds, for what comes by itself
HEAD = b"POST /api/messages HTTP/1.1\r\nHost: site\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n"


@pytest.fixture()
def site(tmp_path, rasa):
    """The address of the real server, and its process."""
    port = free_port()
    environment = {
        **os.environ,
        "SITE_SECRET_KEY": SECRET,
        "SITE_PORT": str(port),
        "DATABASE_URL": f"sqlite:///{tmp_path}/bot.db",
        "RASA_URL": rasa.url,
        "ACTIONS_URL": f"{rasa.url}/webhook",
    }
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([sys.executable, "-m", "bot", "site"], env=environment, **quiet)
    address, end = f"http://127.0.0.1:{port}", time.monotonic() + STARTED
    while time.monotonic() < end:
        try:
            httpx.get(f"{address}/healthz", timeout=1)
            break
        except httpx.HTTPError:
            assert process.poll() is None
            time.sleep(0.05)
    yield address, process
    process.kill()
    process.wait()


@pytest.fixture()
def slow(site):
    """Connections that send a byte now and then: half of them of a head, half of a body."""
    port = int(site[0].rpartition(":")[2])
    connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(SLOW)]
    for number, connection in enumerate(connections):
        connection.sendall(HEAD + (b"\r\n{" if number % 2 else b""))
    stop = threading.Event()

    def drip():
        while not stop.wait(0.2):
            for connection in connections:
                with contextlib.suppress(OSError):  # cut off, where the test takes so long
                    connection.send(b"x")

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    yield connections
    stop.set()
    thread.join()
    for connection in connections:
        connection.close()


def test_forty_connections_that_send_slowly_stop_nobody(site, slow):
    address, _ = site
    with httpx.Client(base_url=address, timeout=ANSWERED) as learner:
        assert learner.get("/healthz").status_code == 200
        assert learner.post("/api/conversations").status_code == 201
        answer = learner.post("/api/messages", json={"text": "What is Credly?"})
        assert answer.json()["messages"][0]["text"] == "You said: What is Credly?"


def test_an_answer_that_is_on_its_way_arrives_although_the_site_is_stopped(site, rasa):
    address, process = site
    asked, go_on, answers = threading.Event(), threading.Event(), []
    with httpx.Client(base_url=address, timeout=PATIENCE) as learner:
        learner.post("/api/conversations")

        def answer(body):
            asked.set()
            go_on.wait(PATIENCE)
            return [{"text": "Here it is", "buttons": [], "utterance": "utter_x"}]

        rasa.answer = answer
        asking = threading.Thread(target=lambda: answers.append(learner.post("/api/messages", json={"text": "hi"})))
        asking.start()
        assert asked.wait(PATIENCE)
        process.send_signal(signal.SIGTERM)
        go_on.set()
        asking.join(PATIENCE)
    assert answers[0].json()["messages"][0]["text"] == "Here it is"
    assert process.wait(PATIENCE) == 0


@pytest.fixture()
def connect(monkeypatch):
    """A connection to a server that is not running, at a time that stands still: `connect.now` is that time."""
    adjustments = Adjustments(channel_timeout=REQUEST_SECONDS)
    fake = SimpleNamespace(active_channels={}, adj=adjustments, add_task=lambda task: None)
    pairs, clock = [], SimpleNamespace(now=1000.0)
    monkeypatch.setattr(server, "time", SimpleNamespace(monotonic=lambda: clock.now))

    def connect(address="192.0.2.1", kind=Channel):
        pairs.append(socket.socketpair())
        channel = kind(fake, pairs[-1][0], (address, 40000 + len(pairs)), adjustments, map={})
        channel.creation_time = channel.last_activity = channel._since = clock.now
        return channel

    def is_closed(channel):
        BaseWSGIServer.maintenance(SimpleNamespace(adj=adjustments, active_channels={0: channel}), clock.now)
        return channel.will_close

    connect.clock, connect.is_closed = clock, is_closed
    yield connect
    for pair in pairs:
        for end in pair:
            end.close()


def receive(connect, channel, data):
    """What arrives, as the loop hands it over."""
    channel.last_activity = connect.clock.now
    channel.received(data)


@pytest.mark.parametrize("drop", [b"x", b"\r\n", b"GET / HTTP/1.1\r\n"])
def test_who_sends_a_byte_now_and_then_is_cut_off(connect, drop):
    channel = connect()
    for _ in range(REQUEST_SECONDS // 5 + 1):
        receive(connect, channel, drop[:1] if drop != b"\r\n" else drop)
        connect.clock.now += 5
    assert connect.is_closed(channel)


def test_a_slow_phone_may_take_longer_for_much(connect):
    channel = connect()
    receive(connect, channel, HEAD.replace(b"4000", b"900000") + b"\r\n")
    for _ in range(REQUEST_SECONDS):
        connect.clock.now += 2
        receive(connect, channel, b"x" * 2 * SLOWEST_BYTES)
        assert not connect.is_closed(channel)


def test_a_whole_request_begins_a_new_time(connect):
    channel = connect()
    connect.clock.now += REQUEST_SECONDS - 1
    receive(connect, channel, b"GET /healthz HTTP/1.1\r\nHost: site\r\n\r\n")
    channel.requests.clear()  # answered
    connect.clock.now += REQUEST_SECONDS - 1
    assert not connect.is_closed(channel)
    connect.clock.now += 2
    assert connect.is_closed(channel)


def test_one_address_does_not_get_all_connections(connect):
    kept = [connect() for _ in range(MOST_OF_AN_ADDRESS)]
    assert not any(channel.will_close for channel in kept)
    assert connect().will_close and not connect("192.0.2.2").will_close


def test_a_proxy_does(connect):
    assert not any(connect(kind=ProxyChannel).will_close for _ in range(MOST_OF_AN_ADDRESS + 1))
    assert ProxyChannel.most == MOST_CONNECTIONS


SET_CLOCK = """
import sys, time
set_by, real = [0.0], time.time
time.time = lambda: real() + set_by[0]
from bot.site import server
server.REQUEST_SECONDS, server.CLEANUP_SECONDS = 4, 0.5

def app(environ, start_response):
    set_by[0] = float(environ["QUERY_STRING"] or set_by[0])
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]

server.serve(app, "127.0.0.1", int(sys.argv[1]))
"""


@pytest.fixture()
def settable():
    """The address of a server that sets its clock by as many seconds as it is told."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-W", "ignore", "-c", SET_CLOCK, str(port)])
    end = time.monotonic() + STARTED
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            assert process.poll() is None
            time.sleep(0.05)
    yield port
    process.kill()
    process.wait()


@pytest.mark.parametrize("jump", ["-172800", "172800"])
def test_a_clock_that_jumps_neither_keeps_idle_connections_nor_ends_busy_ones(settable, jump):
    asking = f"GET /?{jump} HTTP/1.1\r\nHost: site\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", settable), timeout=PATIENCE) as connection:
        for _ in range(3):
            connection.sendall(asking)
            answer = b""
            while not answer.endswith(b"ok"):
                answer += (part := connection.recv(4096))
                assert part, "the connection was ended"
            time.sleep(0.5)
        assert connection.recv(4096) == b""  # it is closed once it was idle for long enough
