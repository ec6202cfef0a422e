"""Where results of look-ups lie for half an hour: in Redis where several sites show them, else in this process."""

import json
import logging
import threading
from collections.abc import Callable
from typing import Any

from cachetools import TTLCache
from pydantic import parse_obj_as
from pydantic.json import pydantic_encoder
from redis import Redis
from redis.exceptions import RedisError

from bot.lookups.lookup import StaffLookup
from bot.lookups.table import Found

KEPT_SECONDS, MOST_LOOKUPS_KEPT = 30 * 60, 200  # nothing is to be erased after them
LOOKUP_KEY = "lookup:"  # what their names in Redis begin with
SHARED_LOOKUP_SECONDS = 1.0  # a result of 200 addresses has some 100 KB
log = logging.getLogger(__name__)


class KeptLookups:
    """Results by their numbers. Where Redis does not answer, those of this process alone are known."""

    def __init__(self, redis_url: str, monotonic: Callable[[], float]) -> None:
        """Connect lazily; `redis_url` is "" for this process alone, `monotonic` tells seconds."""
        self._guard = threading.Lock()
        self._own: TTLCache[str, StaffLookup] = TTLCache(MOST_LOOKUPS_KEPT, KEPT_SECONDS, timer=monotonic)
        seconds = {"socket_timeout": SHARED_LOOKUP_SECONDS, "socket_connect_timeout": SHARED_LOOKUP_SECONDS}
        self._redis = Redis.from_url(redis_url, decode_responses=True, **seconds) if redis_url else None

    def keep(self, lookup: StaffLookup) -> None:
        """Keep how it stands now."""
        with self._guard:
            self._own[lookup.number] = lookup
        if self._redis is None:
            return
        try:
            self._redis.set(LOOKUP_KEY + lookup.number, _written(lookup), ex=KEPT_SECONDS)
        except RedisError as error:
            log.warning("Redis does not answer (%s): a look-up is shown by this site alone", type(error).__name__)

    def get(self, number: str) -> StaffLookup | None:
        """As it was kept last; None where it is gone."""
        with self._guard:
            own = self._own.get(number)
        if own is not None or self._redis is None:
            return own
        try:
            written = self._redis.get(LOOKUP_KEY + number)
        except RedisError as error:
            log.warning("Redis does not answer (%s): look-ups of other sites are not found", type(error).__name__)
            return None
        return _read(written) if written else None


def _written(lookup: StaffLookup) -> str:
    values = {name: value for name, value in vars(lookup).items() if name != "ended"}
    return json.dumps({**values, "found": list(lookup.found)}, default=pydantic_encoder, ensure_ascii=False)


def _read(written: str) -> StaffLookup:
    values: dict[str, Any] = json.loads(written)
    for name in ("addresses", "unusable"):
        values[name] = tuple(values[name])
    return StaffLookup(**{**values, "found": parse_obj_as(list[Found], values["found"])})
