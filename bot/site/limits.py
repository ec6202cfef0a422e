"""Rate limits, for each conversation and each address: in Redis where it is set up, else in this process."""

import ipaddress
import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import limits
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError

from bot.site.errors import Refused

LIMITS = {
    "requests of an address": "1200/minute",
    "conversations of an address": "60/minute",
    "messages of an address": "300/minute",  # a whole office may have one
    "messages of a conversation": "40/minute",
    "looks of a conversation": "300/minute",  # several tabs ask for news every few seconds
    "ratings of a conversation": "60/minute",
    "sign-ins of an address": "20/minute",  # to the console: codes asked for and codes tried
    "tickets of an address": "20/hour",
    "tickets of a contact": "5/hour",
}
REDIS_SECONDS = 0.25
RETRY_SECONDS = 15.0
log = logging.getLogger(__name__)


class Limiter:
    """Counts calls. Where Redis does not answer, this process counts by itself until it does."""

    def __init__(
        self, redis_url: str = "", rates: Mapping[str, str] = LIMITS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Connect lazily.

        Args:
            redis_url: where all processes count together; "" for this process alone.
            rates: how often each kind of call may happen, as the package `limits` writes it.
            clock: seconds on a clock that is never set back.
        """
        self._items = {name: limits.parse(rate) for name, rate in rates.items()}
        self._memory = MemoryStorage()  # the strategies refer to their storage weakly
        self._alone = FixedWindowRateLimiter(self._memory)
        self._redis = RedisStorage(redis_url, **_timeouts()) if redis_url else None
        self._together = FixedWindowRateLimiter(self._redis) if self._redis else None
        self._clock, self._away_until, self._guard = clock, 0.0, threading.Lock()

    def check(self, name: str, who: str) -> None:
        """Count a call; raises Refused (429), with the seconds to wait, above the limit of its kind."""
        item = self._items[name]
        wait = self._ask(lambda limiter: None if limiter.hit(item, name, who) else _wait(limiter, item, name, who))
        if wait is not None:
            raise Refused(429, "too_many", "Too many messages at once. Please wait a minute.", retry_after=wait)

    def _ask(self, question: Callable[[FixedWindowRateLimiter], int | None]) -> int | None:
        if self._together is None or self._clock() < self._away_until:
            return question(self._alone)
        try:
            answer = question(self._together)
        except RedisError as error:
            self._is_away(error)
            return question(self._alone)
        if self._away_until:
            self._is_back()
        return answer

    def _is_away(self, error: RedisError) -> None:
        with self._guard:
            first, self._away_until = not self._away_until, self._clock() + RETRY_SECONDS
        if first:
            log.warning("Redis does not answer (%s): each process limits by itself meanwhile", type(error).__name__)

    def _is_back(self) -> None:
        with self._guard:
            was_away, self._away_until = bool(self._away_until), 0.0
        if was_away:
            log.info("Redis answers again")


def network(address: str | None) -> str:
    """What counts as one address: of IPv6 the first 64 bits, because each customer has as many as that."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped or ipaddress.ip_network(f"{parsed}/64", strict=False))
    return str(parsed)


def _wait(limiter: FixedWindowRateLimiter, item: limits.RateLimitItem, *who: str) -> int:
    reset, _ = limiter.get_window_stats(item, *who)
    return max(1, min(int(reset - time.time()) + 1, item.get_expiry()))


def _timeouts() -> dict[str, Any]:
    return {"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS}
