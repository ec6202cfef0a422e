"""The counters of the rate limits that Redis keeps under a person's address; without it they last an hour at most."""

from collections.abc import Iterator

from redis import Redis
from redis.exceptions import RedisError

from bot.retention.traces import Traces

COUNTERS_SECONDS = 5.0


class LimitCounters:
    """What the package `limits` keeps under names in which an address stands."""

    def __init__(self, redis_url: str) -> None:
        """Connect lazily; "" for nowhere."""
        seconds = {"socket_timeout": COUNTERS_SECONDS, "socket_connect_timeout": COUNTERS_SECONDS}
        self._redis = Redis.from_url(redis_url, decode_responses=True, **seconds) if redis_url else None

    def erase(self, traces: Traces) -> int:
        """Delete a person's; returns how many. Where Redis does not answer `left` will say so."""
        try:
            return sum(int(self._redis.delete(name)) for name in self._names(traces)) if self._redis else 0
        except RedisError:
            return 0

    def left(self, traces: Traces) -> list[str]:
        """What is there, or that it cannot be known."""
        try:
            return ["a counter in Redis" for _ in self._names(traces)]
        except RedisError as error:
            return [f"counters in Redis, which does not answer ({type(error).__name__})"]

    def _names(self, traces: Traces) -> Iterator[str]:
        for name in self._redis.scan_iter(match="LIMITER*", count=1000) if self._redis else ():
            if traces.in_value(name):
                yield name
