"""Says of turns that are being answered that their process lives, so that those of one that has died end soon."""

import logging
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)


class Renewal:
    """Renews what is in hand, in a thread that lives as long as there is anything."""

    def __init__(self, renew: Callable[[Collection[str]], None], every: float) -> None:
        """Nothing is in hand.

        Args:
            renew: is told the ids of what has been in hand for a while.
            every: seconds between two renewals; what is done sooner is never renewed.
        """
        self._renew, self._every = renew, every
        self._guard, self._wait = threading.Lock(), threading.Event()
        self._held: set[str] = set()
        self._running = False

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Renew this for as long as the block takes."""
        with self._guard:
            self._held.add(name)
            if not self._running:
                self._running = True
                threading.Thread(target=self._go_on, name="turns", daemon=True).start()
        try:
            yield
        finally:
            with self._guard:
                self._held.discard(name)

    def _go_on(self) -> None:
        before: set[str] = set()
        while True:
            self._wait.wait(self._every)
            with self._guard:
                self._running = bool(self._held)
                if not self._running:
                    return
                due, before = self._held & before, set(self._held)
            if due:
                self._try(due)

    def _try(self, due: set[str]) -> None:
        try:
            self._renew(due)
        except Exception as error:  # noqa: BLE001  the database may be away for a moment
            log.warning("turns could not be renewed: %s", type(error).__name__)
