"""One message of a conversation after the other on several Rasa servers, also while one dies or Redis is away."""

import asyncio
import json
import time
from contextlib import asynccontextmanager

import pytest
from rasa.core.lock_store import LockError, LockStore
from rasa.core.utils import AvailableEndpoints
from redis import Redis

from bot.rasa import lock_store
from bot.rasa.lock_store import LOCK_ANSWER_SECONDS, LOCK_KEY, LOCK_RENEWAL_SECONDS, LOCK_SECONDS, SharedLockStore
from tests.servers.redis import RedisServer

TOLERANCE = 8.0  # seconds, for a machine that has other work; Rasa's own store would wait for a minute
LONGEST_WAIT = 60.0  # seconds, for what comes at once on a machine without other work


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """A Redis that other work keeps from its answer for a moment is not away."""
    monkeypatch.setattr(lock_store, "LOCK_ANSWER_SECONDS", LONGEST_WAIT)


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory):
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture()
def running_redis(redis_server):
    """One that the test may stop."""
    yield redis_server
    redis_server.stop()
    redis_server.start()


@asynccontextmanager
async def servers(url, count=2):
    stores = [SharedLockStore(redis_url=url) for _ in range(count)]
    try:
        yield stores
    finally:
        for store in stores:
            await store.close()


class Journal:
    """Who was at work when."""

    def __init__(self):
        self.inside, self.most, self.order = 0, 0, []

    async def work(self, store, name, seconds=0.05, conversation="c1"):
        async with store.lock(conversation):
            self.inside += 1
            self.most = max(self.most, self.inside)
            self.order.append(name)
            await asyncio.sleep(seconds)
            self.inside -= 1


def test_endpoints_yml_names_it_and_rasa_makes_it(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    made = LockStore.create(AvailableEndpoints.read_endpoints("endpoints.yml").lock_store)
    assert isinstance(made, SharedLockStore) and made._redis is not None


@pytest.mark.parametrize("begin_at_once", [True, False])
def test_two_servers_never_have_a_conversation_in_hand_together(redis_server, begin_at_once):
    journal = Journal()

    async def go():
        async with servers(redis_server.url, 4) as stores:
            tasks = []
            for number in range(24):
                tasks.append(asyncio.create_task(journal.work(stores[number % 4], number, 0.01)))
                await asyncio.sleep(0 if begin_at_once else 0.005)
            await asyncio.gather(*tasks)

    asyncio.run(go())
    assert journal.most == 1 and sorted(journal.order) == list(range(24))
    assert Redis.from_url(redis_server.url).keys(f"{LOCK_KEY}*") == []


def test_within_a_server_messages_keep_their_order_with_redis_and_without(redis_server):
    for url in (redis_server.url, ""):
        journal = Journal()

        async def go(url=url, journal=journal):
            async with servers(url, 1) as (store,):
                await asyncio.gather(*(journal.work(store, number, 0.01) for number in range(8)))

        asyncio.run(go())
        assert journal.order == list(range(8)) and journal.most == 1


def test_other_conversations_do_not_wait(redis_server):
    async def go():
        async with servers(redis_server.url) as (one, other), one.lock("c1"):
            await asyncio.wait_for(Journal().work(other, 2, 0, "c2"), LONGEST_WAIT)

    asyncio.run(go())


def test_what_takes_longer_than_the_lock_is_renewed(redis_server, monkeypatch):
    monkeypatch.setattr(lock_store, "LOCK_RENEWAL_SECONDS", 0.05)
    journal, left = Journal(), []

    async def go():
        async with servers(redis_server.url) as (one, other):
            async with one.lock("c1"):
                short = asyncio.create_task(journal.work(other, "short"))
                for _ in range(3):
                    left.append(await renewed("c1"))
                assert journal.order == []
            await asyncio.wait_for(short, LONGEST_WAIT)

    async def renewed(conversation):
        """Milliseconds that the lock has left just after it was renewed."""
        with Redis.from_url(redis_server.url) as client:
            before = client.pttl(LOCK_KEY + conversation)
            while (now := client.pttl(LOCK_KEY + conversation)) <= before:
                assert now > 0
                before = now
                await asyncio.sleep(0.001)
            return now

    asyncio.run(asyncio.wait_for(go(), 2 * LONGEST_WAIT))
    assert journal.order == ["short"] and min(left) > LOCK_SECONDS * 1000 / 2


def test_a_server_that_died_holds_a_conversation_up_for_seconds_only(redis_server):
    """Its lock stays in Redis as it was: nobody renews it and nobody gives it back."""
    assert LOCK_SECONDS <= 5 and LOCK_RENEWAL_SECONDS <= LOCK_SECONDS / 3

    async def go():
        async with servers(redis_server.url) as (died, other):
            assert await died._take("c2")
            began = time.monotonic()
            async with other.lock("c2"):
                return time.monotonic() - began

    assert LOCK_SECONDS - 0.5 < asyncio.run(go()) < LOCK_SECONDS + TOLERANCE


def test_who_waits_too_long_is_told(redis_server, monkeypatch):
    async def go():
        async with servers(redis_server.url) as (one, other):
            async with one.lock("c3"):
                with monkeypatch.context() as patch, pytest.raises(LockError):
                    patch.setattr(lock_store, "LONGEST_LOCKED", 0.2)
                    async with other.lock("c3"):
                        pass
            async with other.lock("c3"):  # and whoever comes later does not stand behind that one
                return True

    assert asyncio.run(go())


@pytest.mark.parametrize("conversation", ["4f1c", "a:b c", "ü"])
def test_while_redis_is_away_people_are_answered_and_the_log_says_so_once(running_redis, caplog, conversation):
    running_redis.stop()

    async def go():
        began = time.monotonic()
        async with servers(running_redis.url, 1) as (store,):
            for _ in range(20):
                async with store.lock(conversation):
                    pass
        return time.monotonic() - began

    assert asyncio.run(go()) < TOLERANCE
    assert [one.levelname for one in caplog.records if "Redis does not answer" in one.message] == ["WARNING"]
    assert conversation not in caplog.text


def test_a_redis_that_is_there_but_silent_holds_nobody_up_for_long(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(lock_store, "LOCK_ANSWER_SECONDS", LOCK_ANSWER_SECONDS)
    asked = []

    async def go():
        async def take(*streams):
            asked.append(streams)
            await asyncio.sleep(60)

        silent = await asyncio.start_server(take, "127.0.0.1", 0)
        port = silent.sockets[0].getsockname()[1]
        async with servers(f"redis://127.0.0.1:{port}/0", 1) as (store,):
            for _ in range(5):
                async with store.lock("c1"):
                    pass

    asyncio.run(asyncio.wait_for(go(), LONGEST_WAIT))
    assert len(asked) == 1 and LOCK_ANSWER_SECONDS <= 0.5
    assert "Redis does not answer" in caplog.text


def test_a_redis_that_goes_while_a_message_is_in_hand_loses_nothing(running_redis, caplog):
    async def go():
        async with servers(running_redis.url, 1) as (store,):
            async with store.lock("c1"):
                running_redis.stop()
            async with store.lock("c1"):
                return True

    assert asyncio.run(go())


def test_when_redis_is_back_the_servers_lock_together_again(running_redis, caplog, monkeypatch):
    monkeypatch.setattr(lock_store, "LOCK_RETRY_SECONDS", 0.2)
    caplog.set_level("INFO")
    journal = Journal()

    async def go():
        async with servers(running_redis.url) as (one, other):
            running_redis.stop()
            for store in (one, other):
                async with store.lock("c1"):
                    pass
            running_redis.start()
            await asyncio.sleep(0.3)
            await asyncio.gather(*(journal.work(store, 0, 0.05) for store in (one, other) * 4))

    asyncio.run(go())
    assert journal.most == 1 and "Redis answers again" in caplog.text


def test_nothing_is_kept_of_a_conversation_but_its_name_for_seconds(redis_server):
    async def go():
        async with servers(redis_server.url, 1) as (store,), store.lock("c9"):
            with Redis.from_url(redis_server.url, decode_responses=True) as client:
                return client.keys(), client.ttl(f"{LOCK_KEY}c9"), json.dumps(client.get(f"{LOCK_KEY}c9"))

    keys, seconds, value = asyncio.run(go())
    assert keys == [f"{LOCK_KEY}c9"] and 0 <= seconds <= LOCK_SECONDS and len(value) < 50
