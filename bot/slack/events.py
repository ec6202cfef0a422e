"""Events wait here between acknowledgement and work: kept in the database first, then done by a few threads."""

import datetime
import json
import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any

from bot.clock import Clock
from bot.slack.store import MOST_TRIES, EventStore
from bot.telemetry.requests import id_of, in_request, request_id
from bot.telemetry.traces import span

EVENT_THREADS = 4  # each waits for Rasa most of the time
MOST_WAITING_EVENTS = 1000  # in memory; what comes beyond it waits in the database
EVENT_LEASE = datetime.timedelta(minutes=2)  # longer than an answer can take
SWEEP_SECONDS = 15.0
GIVE_WAY_SECONDS = 1.0
log = logging.getLogger(__name__)


class Pool:
    """Threads that do work later, with a limit to what may wait."""

    def __init__(self, name: str, threads: int, waiting: int) -> None:
        """No thread is started before there is work."""
        self._room = threading.BoundedSemaphore(threads + waiting)
        self._executor = ThreadPoolExecutor(threads, name)

    def submit(self, work: Callable[..., None], *given: Any) -> bool:
        """Do it later, as part of the same request; False when too much is waiting already."""
        if not self._room.acquire(blocking=False):
            return False
        try:
            self._executor.submit(copy_context().run, self._run, work, *given)
        except RuntimeError:  # it is being closed
            self._room.release()
            return False
        return True

    def close(self) -> None:
        """Finish what has begun, forget the rest."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _run(self, work: Callable[..., None], *given: Any) -> None:
        try:
            with in_request(request_id.get() or id_of("")), span("work for Slack"):  # Socket Mode gives none
                work(*given)
        except Exception as error:
            log.error("work for Slack failed: %s", type(error).__name__, exc_info=error)
        finally:
            self._room.release()


class Precedence:
    """Lets those wait who have time while others are in a hurry, but for no longer than a second."""

    def __init__(self) -> None:
        """Nobody is in a hurry."""
        self._hurrying, self._changed = 0, threading.Condition()

    @contextmanager
    def hurry(self) -> Iterator[None]:
        """Go first."""
        with self._changed:
            self._hurrying += 1
        try:
            yield
        finally:
            with self._changed:
                self._hurrying -= 1
                self._changed.notify_all()

    def give_way(self) -> None:
        """Wait for those in a hurry."""
        with self._changed:
            self._changed.wait_for(lambda: not self._hurrying, GIVE_WAY_SECONDS)


class EventQueue:
    """Takes events and does each once, whatever process it came to and however often."""

    def __init__(
        self,
        store: EventStore,
        work: Callable[[dict[str, Any]], None],
        clock: Clock,
        hold: datetime.timedelta = EVENT_LEASE,
    ) -> None:
        """Put the parts together; `work` does one event."""
        self._store, self._work, self._clock, self._hold = store, work, clock, hold
        self._holder = secrets.token_hex(16)
        self._pool = Pool("slack-events", EVENT_THREADS, MOST_WAITING_EVENTS)
        self._stop = threading.Event()
        self._precedence = Precedence()  # acknowledging; on SQLite everybody who writes waits for each other

    def take(self, body: dict[str, Any]) -> bool:
        """Keep an event and do it soon; False when it came before. When this returns it can be acknowledged.

        Raises:
            SQLAlchemyError: it could not be kept; Slack will send it again.
        """
        event_id = str(body["event_id"])[:64]
        with self._precedence.hurry():
            new = self._store.keep(event_id, json.dumps(body), self._holder, self._clock(), self._hold)
        if not new:
            return False
        self._pool.submit(self._do, event_id, body, 0)
        return True

    def start(self) -> None:
        """From now on, look for events left behind by a process that has died."""
        threading.Thread(target=self._sweep, name="slack-sweep", daemon=True).start()

    def sweep(self) -> None:
        """Do what was left behind, and delete what is old."""
        for event in self._store.take_over(self._holder, self._clock(), self._hold, MOST_WAITING_EVENTS):
            if event.tries < MOST_TRIES:
                self._pool.submit(self._do, event.id, json.loads(event.body), event.tries)
            else:  # the process died each time, perhaps of this event
                log.error("an event from Slack was begun %d times and never ended; it is left", event.tries)
                self._store.done(event.id, self._clock())
        self._store.delete_old(self._clock())

    def close(self) -> None:
        """Finish what has begun; the rest waits in the database."""
        self._stop.set()
        self._pool.close()

    def _do(self, event_id: str, body: dict[str, Any], tries: int) -> None:
        with in_request(event_id):  # the same at every try, whatever process it comes to
            self._do_once(event_id, body, tries)

    def _do_once(self, event_id: str, body: dict[str, Any], tries: int) -> None:
        self._precedence.give_way()
        if not self._store.start(event_id, self._holder, tries, self._clock(), self._hold):
            return
        try:
            self._work(body)
        except Exception as error:
            log.error("an event from Slack failed: %s", type(error).__name__, exc_info=error)
            if tries + 1 < MOST_TRIES:
                return  # the next sweep after its hold tries it again
        self._store.done(event_id, self._clock())

    def _sweep(self) -> None:
        while not self._stop.wait(SWEEP_SECONDS):
            try:
                self.sweep()
            except Exception as error:  # noqa: BLE001  the database may be away
                log.warning("events left behind cannot be looked for: %s", type(error).__name__)
