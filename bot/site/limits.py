"""Rate limits, for a conversation, an address, the network around it and in all: in Redis if set up, else in here."""

import hmac
import ipaddress
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import limits
from flask import current_app, request
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError

from bot.limit import LIMITS_HIT
from bot.site.errors import Refused

LIMITS = {
    "requests of an address": "1200/minute",
    "conversations of an address": "60/minute",
    "conversations of a network": "180/minute",
    "conversations in all": "1200/minute",
    "messages of an address": "300/minute",  # a whole office may have one
    "messages of a network": "900/minute",
    "messages in all": "6000/minute",  # about what one Rasa can answer
    "messages of a conversation": "40/minute",
    "looks of a conversation": "300/minute",  # several tabs ask for news every few seconds
    "ratings of a conversation": "60/minute",
    "pages of an address": "600/minute",
    "pages of a network": "1800/minute",
    "searches of an address": "60/minute",
    "searches of a network": "180/minute",
    "searches in all": "1200/minute",
    "checks of an address": "120/minute",  # of /readyz and /metrics; readiness is found out once for all who ask
    "transcripts of an address": "20/hour",  # by mail, to an address that the conversation has proven
    "transcripts of a conversation": "3/hour",
    "transcripts in all": "600/hour",
    "sign-ins of an address": "20/minute",  # to the console: codes asked for and codes tried
    "look-ups of staff": "60/hour",  # each of up to 200 addresses
    "files of an address": "90/hour",  # tries; how many files are kept is for bot/attachments/limits.py to say
    "files of a network": "270/hour",
    "tickets of an address": "60/minute",  # tries; how many tickets are made is for bot/tickets/limits.py to say
}
IN_ALL = " in all"  # what everybody is counted in together
TOO_MANY_CALLS = "Too many messages at once. Please wait a minute."
MOST_IN_PROGRESS = 20  # messages of an address that are being answered: fewer than half of the site's threads
MOST_COUNTERS = 60_000  # in this process, of about half a kilobyte each
# While less than such a part of them is taken, who is new gets a counter: for the address, the network around it, the
# wide one around that. The wider, the longer, so that a flood from many networks ends in few counters, and nobody else.
ROOM_BY_WIDTH = (0.7, 0.8, 0.9)
SHARED_COUNTERS = 256  # counters for whoever comes when nearly all are taken
REDIS_SECONDS = 0.25
FORGET_SECONDS = 10.0
RETRY_SECONDS = 15.0
Callers = tuple[
    tuple[str, float], ...
]  # who a call may count as, ever wider, and while which part of the room is taken
log = logging.getLogger(__name__)


class Memory(MemoryStorage):
    """Counts in this process, forgets now and then what is over, and nothing before.

    The package's own starts a thread after each call, which looks through the counts of all callers.
    """

    def __init__(self, most: int = MOST_COUNTERS) -> None:
        """Nothing is counted yet; `most` is for how many counters there is room."""
        super().__init__()
        self._counting, self._swept, self._most = threading.Lock(), time.monotonic(), most

    def has_room(self, key: str, part: float) -> bool:
        """Whether something is counted already, or may be while less than a part of the room is taken."""
        return key in self.storage or len(self.storage) < part * self._most

    def incr(self, key: str, expiry: int, elastic_expiry: bool = False, amount: int = 1) -> int:
        """Count `amount` more, as the package's own; returns the count."""
        with self._counting:
            if time.monotonic() - self._swept >= FORGET_SECONDS:
                self._sweep()
            if self.get(key) == 0 or elastic_expiry:
                self.expirations[key] = time.time() + expiry
            self.storage[key] += amount
            return self.storage[key]

    def _sweep(self) -> None:
        self._swept = time.monotonic()
        for key in list(self.storage):
            self.get(key)  # which takes it out once it is over


class Limiter:
    """Counts calls. Where Redis does not answer, this process counts by itself until it does."""

    def __init__(
        self,
        redis_url: str = "",
        rates: Mapping[str, str] = LIMITS,
        clock: Callable[[], float] = time.monotonic,
        total_times: int = 1,
        most_counters: int = MOST_COUNTERS,
    ) -> None:
        """Connect lazily.

        Args:
            redis_url: where all processes count together; "" for this process alone.
            rates: how often each kind of call may happen, as the package `limits` writes it.
            clock: seconds on a clock that is never set back.
            total_times: how many times as often calls are let through that are counted in all.
            most_counters: how many are counted one by one in this process; who comes then is counted with others.
        """
        self._items = {name: _item(rate, total_times if name.endswith(IN_ALL) else 1) for name, rate in rates.items()}
        self._memory = Memory(most_counters)  # the strategies refer to their storage weakly
        self._alone = FixedWindowRateLimiter(self._memory)
        self._redis = RedisStorage(redis_url, **_timeouts()) if redis_url else None
        self._together = FixedWindowRateLimiter(self._redis) if self._redis else None
        self._clock, self._away_until, self._guard = clock, 0.0, threading.Lock()

    def check(self, name: str, who: str) -> None:
        """Count a call; raises Refused (429), with the seconds to wait, above the limit of its kind."""
        self._check(name, ((who, 1.0),))

    def check_caller(self, what: str, address: str | None) -> None:
        """Count a call by its address, by the network around that, and in all, as far as there are limits for it.

        A call that one of them refuses does not count for the wider ones, so that nobody uses them up alone; where a
        wider one has nothing left it is not counted at all, so that a flood makes no new counters. Raises Refused as
        `check` does.

        Args:
            what: the kind of call, such as "messages".
            address: the caller's IP address.
        """
        near, wider, widest = zip(
            (network(address), around(address), wide_network(address)), ROOM_BY_WIDTH, strict=True
        )
        callers = (
            (f"{what} of an address", (near, wider, widest)),
            (f"{what} of a network", (wider, widest)),
            (f"{what}{IN_ALL}", (("", 1.0),)),
        )
        known = [(name, who) for name, who in callers if name in self._items]
        for name, who in reversed(known[1:]):
            self._check(name, who, counts=False)
        for name, who in known:
            self._check(name, who)

    def _check(self, name: str, callers: Callers, counts: bool = True) -> None:
        item = self._items[name]
        wait = self._ask(lambda limiter: _count(limiter, item, name, self._counted_as(limiter, name, callers), counts))
        if wait is not None:
            LIMITS_HIT.labels(name).inc()
            raise Refused(429, "too_many", TOO_MANY_CALLS, retry_after=wait)

    def _counted_as(self, limiter: FixedWindowRateLimiter, name: str, callers: Callers) -> str:
        """As whom a call counts: as itself, or, where this process is short of room, together with others."""
        if limiter is not self._alone:
            return callers[0][0]
        keys = ((who, self._items[name].key_for(name, who), part) for who, part in callers)
        alone = next((who for who, key, part in keys if self._memory.has_room(key, part)), None)
        # Which of them is another in each process, so nobody can choose whose room to use up.
        return f"one of many, {hash(callers[-1][0]) % SHARED_COUNTERS}" if alone is None else alone

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


class InProgress:
    """Counts the calls of each caller that are being answered, in this process."""

    def __init__(self, most: int = MOST_IN_PROGRESS) -> None:
        """Nobody is being answered; `most` is how many calls of one caller may be."""
        self._most, self._counts, self._guard = most, Counter[str](), threading.Lock()

    @contextmanager
    def one_of(self, who: str) -> Iterator[None]:
        """Count a call for as long as the block takes; raises Refused (429) above the limit."""
        with self._guard:
            if self._counts[who] >= self._most:
                LIMITS_HIT.labels("calls in progress").inc()
                raise Refused(429, "too_many", TOO_MANY_CALLS, retry_after=1)
            self._counts[who] += 1
        try:
            yield
        finally:
            with self._guard:
                self._counts[who] -= 1
                if not self._counts[who]:
                    del self._counts[who]


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


def around(address: str | None) -> str:
    """The wider network that one customer or data centre may have: of IPv4 the first 24 bits, of IPv6 the first 48."""
    return _within(network(address), 24, 48)


def wide_network(address: str | None) -> str:
    """The network that one provider may have: of IPv4 the first 16 bits, of IPv6 the first 32."""
    return _within(around(address), 16, 32)


def _within(near: str, bits: int, bits_of_six: int) -> str:
    """The network around a nearer one, by its first bits: so many of IPv4, so many of IPv6."""
    if near == "unknown":
        return near
    wide = ipaddress.ip_network(near)
    return str(wide.supernet(new_prefix=bits if wide.version == 4 else bits_of_six))


def caller() -> str:
    """What stands for the network of this request wherever it is kept: a keyed hash, from which it cannot be read."""
    key = str(current_app.secret_key).encode()
    return hmac.digest(key, f"network {network(request.remote_addr)}".encode(), "sha256").hex()


def _item(rate: str, times: int) -> limits.RateLimitItem:
    item = limits.parse(rate)
    return type(item)(item.amount * times, item.multiples)


def _count(
    limiter: FixedWindowRateLimiter, item: limits.RateLimitItem, name: str, who: str, counts: bool
) -> int | None:
    """Count a call, or only look; the seconds to wait where there have been too many."""
    if limiter.hit(item, name, who) if counts else limiter.test(item, name, who):
        return None
    left = limiter.get_window_stats(item, name, who)[0] - time.time()
    if left > item.get_expiry() + 1:  # the clock was set back: a minute would last for hours
        limiter.clear(item, name, who)
        return None
    return max(1, min(int(left) + 1, item.get_expiry()))


def _timeouts() -> dict[str, Any]:
    return {"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS}
