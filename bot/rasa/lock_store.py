"""One message of a conversation after the other, over all Rasa servers that share the Redis of REDIS_URL.

Rasa's own RedisLockStore reads a conversation's tickets, adds one and writes them back: two servers that do so at once
get the same ticket. A ticket of a server that has died counts for a minute, and each of its calls may hold up the
server for ten seconds (rasa/core/lock_store.py). Here redis-py's lock is taken in one step, is renewed while the server
lives, and is done without while Redis is away.
"""

import asyncio
import logging
import time
from contextlib import asynccontextmanager, suppress
from typing import Any, AsyncGenerator, Optional

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore, LockError
from redis.asyncio import Redis
from redis.asyncio.lock import Lock
from redis.exceptions import LockNotOwnedError, RedisError

from bot.settings import Settings

LOCK_SECONDS = 4.0  # how long the lock of a server that has died stays
LOCK_RENEWAL_SECONDS = 1.0
LONGEST_LOCKED = 12.0  # seconds that a message waits for another server; the site waits for 15
LOCK_LOOK_SECONDS = 0.04  # between two looks whether it is free
LOCK_ANSWER_SECONDS = 0.25  # for an answer of Redis
LOCK_RETRY_SECONDS = 15.0  # until it is asked again where there was none
LOCK_KEY = "rasa:lock:"
log = logging.getLogger(__name__)


class SharedLockStore(InMemoryLockStore):
    """Rasa's tickets within the server, and a lock in Redis among servers; for endpoints.yml."""

    def __init__(self, endpoint_config: Optional[Any] = None, redis_url: Optional[str] = None) -> None:
        """Connect lazily.

        Args:
            endpoint_config: what stands in endpoints.yml, which Rasa hands over; nothing of it is used.
            redis_url: instead of the setting REDIS_URL; "" for this server alone.
        """
        super().__init__()
        url = Settings.load().redis_url if redis_url is None else redis_url
        wait = {"socket_timeout": LOCK_ANSWER_SECONDS, "socket_connect_timeout": LOCK_ANSWER_SECONDS}
        self._redis: Optional[Any] = Redis.from_url(url, **wait) if url else None
        self._away_until = 0.0

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = LOCK_LOOK_SECONDS,
    ) -> AsyncGenerator[TicketLock, None]:
        """Hold a conversation; raises LockError when another server does so for too long."""
        async with super().lock(conversation_id, lock_lifetime, wait_time_in_seconds) as ticket:
            held = await self._take(conversation_id)
            renewing = asyncio.get_running_loop().create_task(_renew(held)) if held else None
            try:
                yield ticket
            finally:
                if held and renewing:
                    renewing.cancel()
                    await self._give_back(held)

    async def close(self) -> None:
        """Close the connections to Redis."""
        if self._redis is not None:
            await self._redis.close()

    async def _take(self, conversation_id: str) -> Optional[Lock]:
        """The lock; None where there is no Redis, or it does not answer."""
        if self._redis is None or time.monotonic() < self._away_until:
            return None
        lock: Lock = self._redis.lock(
            LOCK_KEY + conversation_id, timeout=LOCK_SECONDS, sleep=LOCK_LOOK_SECONDS, blocking_timeout=LONGEST_LOCKED
        )
        try:
            free = await lock.acquire()
        except (RedisError, OSError) as error:
            self._is_away(error)
            return None
        if self._away_until:
            self._away_until = 0.0
            log.info("Redis answers again: the servers lock conversations together")
        if not free:
            raise LockError("another server has this conversation in hand")
        return lock

    async def _give_back(self, lock: Lock) -> None:
        try:
            await lock.release()
        except LockNotOwnedError:
            log.warning("a conversation was in hand for longer than its lock held")
        except (RedisError, OSError) as error:  # it ends by itself
            self._is_away(error)

    def _is_away(self, error: Exception) -> None:
        if not self._away_until:
            log.warning("Redis does not answer (%s): each server locks conversations by itself", type(error).__name__)
        self._away_until = time.monotonic() + LOCK_RETRY_SECONDS


async def _renew(lock: Lock) -> None:
    """For as long as this server lives and works on it."""
    while True:
        await asyncio.sleep(LOCK_RENEWAL_SECONDS)
        with suppress(RedisError, OSError):  # the next one may succeed; who has lost it notices at the end
            await lock.reacquire()
