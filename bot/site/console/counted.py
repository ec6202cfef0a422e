"""Figures of very many rows: what takes long to count is kept for a while, and counted anew behind the page."""

import datetime
import logging
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.clock import Clock

LONG_SECONDS = 0.25  # what is counted sooner is counted at each look
KEPT_TIMES = 20  # as long as it took: so no more than a twentieth of a core goes into it
LONGEST_KEPT_SECONDS = 900.0  # after which it is forgotten, and counted while who asks waits
MOST_KEPT_FIGURES = 32
Figure = TypeVar("Figure")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Counted(Generic[Figure]):
    """What was counted, and when where that is not now."""

    what: Figure
    at: datetime.datetime | None = None


@dataclass
class _Kept:
    what: object
    at: datetime.datetime
    counted: float  # on the clock that is never set back
    took: float
    under_way: bool = False


class CountedFigures:
    """Keeps them for one process; who asks gets what is kept at once, while it is counted anew in a thread."""

    def __init__(self, clock: Clock, seconds: Callable[[], float] = time.monotonic) -> None:
        """Keep nothing yet.

        Args:
            clock: the time, which is told with what was kept.
            seconds: on a clock that is never set back.
        """
        self._clock, self._seconds, self._guard = clock, seconds, threading.Lock()
        self._kept: dict[Hashable, _Kept] = {}
        self._forgetting = False

    def get(self, key: Hashable, count: Callable[[], Figure], long_seconds: float | None = None) -> Counted[Figure]:
        """What `count` counts; kept under `key`, which names all that it depends on but the rows, where that took long.

        Raises what `count` raises.

        Args:
            key: as said.
            count: counts.
            long_seconds: what long is; LONG_SECONDS where nothing is said.
        """
        now = self._seconds()
        with self._guard:
            self._drop_old(now)
            kept = self._kept.get(key)
            anew = kept is not None and not kept.under_way and now - kept.counted > KEPT_TIMES * kept.took
            if kept and anew:
                kept.under_way = True
        if kept is None:
            return Counted(self._count(key, count, long_seconds))
        if anew:
            threading.Thread(
                target=self._count_anew, args=(key, count, long_seconds), name="counting", daemon=True
            ).start()
        return Counted(kept.what, kept.at)  # type: ignore[arg-type]  # it was kept under this key

    def _count(self, key: Hashable, count: Callable[[], Figure], long_seconds: float | None) -> Figure:
        at, began = self._clock(), self._seconds()
        found = count()
        took = self._seconds() - began
        with self._guard:
            self._kept.pop(key, None)
            if took >= (LONG_SECONDS if long_seconds is None else long_seconds):
                self._kept[key] = _Kept(what=found, at=at, counted=self._seconds(), took=took)
                if not self._forgetting:
                    self._forgetting = True
                    self._forget_later()
                for oldest in list(self._kept)[:-MOST_KEPT_FIGURES]:
                    del self._kept[oldest]
        return found

    def _forget_old(self) -> None:
        """Also where nobody looks again: they may hold what people asked."""
        with self._guard:
            self._drop_old(self._seconds())
            self._forgetting = bool(self._kept)
        if self._forgetting:
            self._forget_later()

    def _drop_old(self, now: float) -> None:
        self._kept = {k: one for k, one in self._kept.items() if now - one.counted < LONGEST_KEPT_SECONDS}

    def _forget_later(self) -> None:
        timer = threading.Timer(LONGEST_KEPT_SECONDS / 3, self._forget_old)
        timer.daemon = True
        timer.start()

    def _count_anew(self, key: Hashable, count: Callable[[], object], long_seconds: float | None) -> None:
        try:
            self._count(key, count, long_seconds)
        except Exception as error:  # noqa: BLE001  what is kept stays; the next look tries again
            log.warning("figures cannot be counted anew: %s", type(error).__name__)
            with self._guard:
                if key in self._kept:
                    self._kept[key].under_way = False
