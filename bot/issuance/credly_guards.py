"""What stands between the learners' questions and Credly: a circuit breaker and a short memory, both thread-safe."""

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from cachetools import TTLCache

from bot.errors import SourceUnavailable

MOST_REST_SECONDS = 300.0  # a mistaken Retry-After of a week must not switch look-ups off for a week
Value = TypeVar("Value")

logger = logging.getLogger(__name__)


class Circuit:
    """Opens after so many failures in a row; after a pause one look-up may try again, and its result decides."""

    def __init__(self, failures: int, pause_seconds: float, monotonic: Callable[[], float]) -> None:
        """Begin closed: everything passes."""
        self._most, self._pause, self._monotonic = failures, pause_seconds, monotonic
        self._lock = threading.Lock()
        self._failures = 0
        self._resumes_at: float | None = None  # None while closed
        self._probing = False

    def enter(self) -> None:
        """Ask to pass; whoever passes must call `succeeded` or `failed` once. Raises SourceUnavailable when open."""
        with self._lock:
            if self._resumes_at is None:
                return
            if self._probing or self._monotonic() < self._resumes_at:
                raise SourceUnavailable("Credly is not asked for a while, because it failed just now.")
            self._probing = True

    def succeeded(self) -> None:
        """Close: Credly answered."""
        with self._lock:
            self._failures, self._resumes_at, self._probing = 0, None, False

    def failed(self, rest_seconds: float = 0.0) -> None:
        """Count a failure; `rest_seconds`, when Credly asked for a rest of that length, opens at once."""
        with self._lock:
            self._failures, self._probing = self._failures + 1, False
            if self._failures < self._most and not rest_seconds:
                return
            pause = max(min(rest_seconds, MOST_REST_SECONDS), self._pause if self._failures >= self._most else 0.0)
            now = self._monotonic()
            self._resumes_at = max(now + pause, self._resumes_at or now)  # a late failure shortens no rest
        logger.warning("Credly is not asked for the next %.0f seconds.", pause)

    def passable(self) -> bool:
        """False while everything is refused; True again once a look-up may try."""
        with self._lock:
            return self._resumes_at is None or self._monotonic() >= self._resumes_at


class ShortMemory(Generic[Value]):
    """Keeps values for some seconds, at most so many; those not asked for the longest go first."""

    def __init__(self, seconds: float, most: int, monotonic: Callable[[], float]) -> None:
        """Begin empty."""
        self._lock = threading.Lock()
        self._kept: TTLCache[str, Value] = TTLCache(most, seconds, timer=monotonic)

    def get(self, name: str) -> Value | None:
        """The value, or None when there is none or it has become too old."""
        with self._lock:
            return self._kept.get(name)

    def put(self, name: str, value: Value) -> None:
        """Keep a value from now on."""
        with self._lock:
            self._kept[name] = value
