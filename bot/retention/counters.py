"""What Redis keeps of a person: counters of the rate limits for an hour, results of look-ups and chats with drafts."""

from collections.abc import Iterator

from redis import Redis
from redis.exceptions import RedisError

from bot.lookups.kept import LOOKUP_KEY
from bot.retention.traces import Traces

COUNTERS_SECONDS = 5.0
# Whose contents are searched, not their names. The second are of bot/rasa/preview.py.
WITH_CONTENTS = {f"{LOOKUP_KEY}*": "a look-up", "preview:tracker:*": "a chat with a draft"}


class LimitCounters:
    """What the package `limits` keeps under names in which an address stands, and what is kept for minutes."""

    def __init__(self, redis_url: str) -> None:
        """Connect lazily; "" for nowhere."""
        seconds = {"socket_timeout": COUNTERS_SECONDS, "socket_connect_timeout": COUNTERS_SECONDS}
        self._redis = Redis.from_url(redis_url, decode_responses=True, **seconds) if redis_url else None

    def erase(self, traces: Traces) -> int:
        """Delete a person's; returns how many. Where Redis does not answer `left` will say so."""
        try:
            return sum(int(self._redis.delete(name)) for name, _ in self._found(traces)) if self._redis else 0
        except RedisError:
            return 0

    def left(self, traces: Traces) -> list[str]:
        """What is there, or that it cannot be known."""
        try:
            return [f"{what} in Redis" for _, what in self._found(traces)]
        except RedisError as error:
            return [f"counters in Redis, which does not answer ({type(error).__name__})"]

    def _found(self, traces: Traces) -> Iterator[tuple[str, str]]:
        if self._redis is None:
            return
        for name in self._redis.scan_iter(match="LIMITER*", count=1000):
            if traces.in_value(name):
                yield name, "a counter"
        for pattern, what in WITH_CONTENTS.items():
            for name in self._redis.scan_iter(match=pattern, count=1000):
                if traces.in_value(self._redis.get(name) or ""):
                    yield name, what
