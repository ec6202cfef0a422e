"""Rate limits: by whom they count, what a person hears, and Redis that comes and goes."""

import logging
import threading
import time

import pytest

from bot.site.app import create_app
from bot.site.errors import Refused
from bot.site.limits import LIMITS, SHARED_COUNTERS, Limiter, network
from tests.servers.redis import RedisServer

RATES = {"calls": "3/minute"}


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """A Redis that other work keeps from its answer for a moment is not away."""
    monkeypatch.setattr("bot.site.limits.REDIS_SECONDS", 60.0)


@pytest.fixture()
def redis_server(tmp_path):
    server = RedisServer(tmp_path)
    yield server
    server.stop()


def passed(limiter, who="jane", calls=5):
    """How many of some calls were let through."""
    count = 0
    for _ in range(calls):
        try:
            limiter.check("calls", who)
            count += 1
        except Refused as refused:
            assert refused.status == 429 and 1 <= refused.retry_after <= 60
    return count


def test_each_is_counted_alone():
    limiter = Limiter(rates=RATES)
    assert [passed(limiter, "jane"), passed(limiter, "joe"), passed(limiter, "jane")] == [3, 3, 0]


def test_counting_starts_no_thread_for_a_call(monkeypatch):
    limiter, started = Limiter(rates={"calls": "1000/second"}), []
    monkeypatch.setattr(threading.Thread, "start", started.append)
    for number in range(50):
        passed(limiter, f"caller {number}", calls=2)
    assert not started


def test_callers_who_are_long_gone_are_forgotten(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    limiter = Limiter(rates=RATES)
    for number in range(50):
        passed(limiter, f"caller {number}", calls=1)
    now[0] += 70
    passed(limiter, "jane", calls=1)
    assert len(limiter._memory.storage) == 1 and passed(limiter, "caller 7") == 3


def test_processes_count_together_in_redis(redis_server):
    one, other = (Limiter(redis_server.url, RATES) for _ in range(2))
    assert [passed(one), passed(other)] == [3, 0]


def test_without_redis_each_process_counts_alone_and_says_so_once(redis_server, caplog):
    now = [0.0]
    limiter = Limiter(redis_server.url, RATES, clock=lambda: now[0])
    assert passed(limiter, calls=2) == 2
    redis_server.stop()
    with caplog.at_level(logging.INFO, "bot"):
        assert passed(limiter) == 3
        now[0] += 3600
        assert passed(limiter) == 0
        assert len(caplog.records) == 1 and "Redis" in caplog.text
        redis_server.start()
        now[0] += 3600
        assert passed(limiter) == 3
        assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_a_redis_that_was_never_there_does_not_keep_the_site_from_starting():
    assert passed(Limiter("redis://127.0.0.1:1/0", RATES)) == 3


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        (None, "unknown"),
        ("\x00", "unknown"),
    ],
)
def test_an_ipv6_customer_counts_as_one_address(address, counted):
    assert network(address) == counted


@pytest.mark.parametrize(
    ("limit", "method", "path"),
    [
        ("requests of an address", "GET", "/api/messages"),
        ("conversations of an address", "POST", "/api/conversations"),
        ("conversations of an address", "POST", "/api/conversations/restart"),
        ("messages of a conversation", "POST", "/api/messages"),
        ("messages of an address", "POST", "/api/messages"),
        ("looks of a conversation", "GET", "/api/messages"),
    ],
)
def test_each_call_is_limited_and_says_when_to_come_back(services, limit, method, path):
    client = create_app(services, {**LIMITS, limit: "4/minute"}).test_client()
    client.post("/api/conversations")
    codes = []
    for _ in range(5):
        answer = client.open(path, method=method, json={"text": "hi"} if path == "/api/messages" else None)
        codes.append(answer.status_code)
    assert 200 <= codes[0] < 300 and codes[-1] == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert answer.get_json()["error"]["code"] == "too_many"


def test_what_a_proxy_says_counts_only_where_it_is_trusted(settings, services):
    import dataclasses

    rates = {**LIMITS, "conversations of an address": "2/minute"}
    addresses = [{"X-Forwarded-For": f"192.0.2.{number}"} for number in range(4)]

    def codes(trusted):
        changed = dataclasses.replace(services, settings=settings.copy(update={"trusted_proxies": trusted}))
        client = create_app(changed, rates).test_client()
        return [client.post("/api/conversations", headers=one).status_code for one in addresses]

    assert codes(0) == [201, 201, 429, 429]
    assert codes(1) == [201] * 4


def test_a_flood_from_ever_new_networks_fills_no_memory_and_costs_nobody_else_anything():
    """One provider's 32 bits hold 65,536 networks of 65,536 customers each."""
    limiter = Limiter(rates={"calls of an address": "3/minute"}, most_counters=1000)

    def lets_through(address, calls=5):
        return sum(not is_refused(limiter, address) for _ in range(calls))

    assert lets_through("192.0.2.7") == 3
    flood = [lets_through(f"2001:db8:{number % 300:x}:{number:x}::1", calls=1) for number in range(20_000)]
    assert len(limiter._memory.storage) <= 1000
    assert sum(flood) < 1500 and sum(flood[-5000:]) == 0
    assert lets_through("192.0.2.7") == 0, "who was counted is forgotten"
    assert [lets_through(address) for address in ("198.51.100.7", "2001:db9:1:2::3")] == [3, 3]


def test_where_even_the_widest_networks_are_too_many_the_rest_is_counted_together():
    limiter = Limiter(rates={"calls of an address": "3/minute", "calls": "3/minute"}, most_counters=100)
    passed_by = [not is_refused(limiter, f"{number // 250}.{number % 250}.0.1") for number in range(20_000)]
    assert len(limiter._memory.storage) <= 100 + SHARED_COUNTERS and sum(passed_by) <= 100 + 3 * SHARED_COUNTERS
    assert passed(limiter, "a conversation") == 3, "there is room for what is no network"


def test_who_is_refused_by_the_network_around_is_not_counted_alone():
    limiter = Limiter(rates={"calls of an address": "3/minute", "calls of a network": "5/minute"})
    assert sum(not is_refused(limiter, f"2001:db8:1:{number:x}::1") for number in range(1000)) == 5
    assert len(limiter._memory.storage) == 6


def is_refused(limiter, address):
    try:
        limiter.check_caller("calls", address)
    except Refused as refused:
        assert refused.status == 429
        return True
    return False
