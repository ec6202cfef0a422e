"""Sends what waits in the outbox: lease a letter, hand it over, mark it delivered.

A letter is never lost: what a worker held when it died is taken up again once its lease has run out. It is sent twice
only if the worker died, or lost the database for long, after the other side took the letter and before it was marked;
the repeat has the same Message-ID. Any number of workers may run, each with an Outbox of its own; their clocks should
agree within seconds.
"""

import datetime
import logging
import random
import threading
import time
from collections.abc import Callable, Mapping

from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.database import Database
from bot.errors import DeliveryFailed
from bot.outbox import delivery
from bot.outbox.message import Letter
from bot.outbox.store import Counts, OutboxStore
from bot.outbox.transport import Transport

LETTER_LEASE = datetime.timedelta(minutes=3)  # longer than connecting, sending and marking can take
LETTERS_A_ROUND = 100
MARKING_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds
log = logging.getLogger(__name__)


class Outbox:
    """What one can do with the outbox, but for adding to it: that is `store.add`, in the caller's transaction."""

    def __init__(
        self,
        database: Database,
        transports: Mapping[str, Transport],
        clock: Clock,
        lease: datetime.timedelta = LETTER_LEASE,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Put the parts together.

        Args:
            transports: by kind of letter; letters of other kinds are left to other workers.
            lease: must be longer than a transport can take for one letter.
            pause: waits some seconds.
        """
        self.store = OutboxStore(database)
        self._transports, self._clock, self._lease, self._pause = transports, clock, lease, pause

    def deliver_due(self, worker: str, stop: threading.Event | None = None) -> int:
        """Send due letters, one after the other, until none is left, a batch is full or `stop` is set.

        Args:
            worker: an id that no other worker has, at most 100 characters.

        Returns:
            How many were delivered.
        """
        delivered = 0
        try:
            for _ in range(LETTERS_A_ROUND):
                if stop is not None and stop.is_set():
                    break
                letters = self.store.claim(self._clock(), worker, 1, self._lease, self._transports)
                if not letters:
                    break
                delivered += self.deliver(letters[0], worker)
        finally:
            for transport in self._transports.values():
                transport.close()
        return delivered

    def seconds_to_next(self, most: float) -> float:
        """Seconds until the next letter is due, 0 if one is, `most` if there is none so soon."""
        now = self._clock()
        due = self.store.next_due(now, self._transports)
        return most if due is None else min(most, max(0.0, (due - now).total_seconds()))

    def requeue(self, letter_id: str | None = None) -> int:
        """Try dead letters for another day: one of them, or all; returns how many."""
        return self.store.requeue(self._clock(), letter_id)

    def counts(self) -> Counts:
        """How much waits, since when, and how much was given up."""
        return self.store.counts(self._clock())

    def deliver(self, letter: Letter, worker: str) -> bool:
        """Hand over one letter that this worker holds; whether it is out. Otherwise it is tried again later."""
        if delivery.is_expired(letter, self._clock()):
            self.store.dead(letter, worker, self._clock(), "too late", wipe=True)
            log.warning("%s %s was not sent in time and is dropped", letter.kind, letter.id)
            return False
        problem = self._hand_over(letter)
        if problem is None:
            self._mark_delivered(letter)
        else:
            self._put_back(letter, worker, problem)
        return problem is None

    def _hand_over(self, letter: Letter) -> DeliveryFailed | None:
        try:
            self._transports[letter.kind].send(letter)
        except DeliveryFailed as error:
            return error
        except Exception as error:  # noqa: BLE001  a fault of ours with one letter must not hold up the others
            return DeliveryFailed(type(error).__name__)
        return None

    def _mark_delivered(self, letter: Letter) -> None:
        """Mark with patience: the letter is out, and would go out again."""
        for seconds in MARKING_PAUSES:
            try:
                return self.store.delivered(letter, self._clock())
            except SQLAlchemyError as error:
                log.warning("%s %s is sent, but not marked yet: %s", letter.kind, letter.id, type(error).__name__)
                self._pause(seconds)
        return self.store.delivered(letter, self._clock())

    def _put_back(self, letter: Letter, worker: str, problem: DeliveryFailed) -> None:
        now, reason = self._clock(), str(problem)
        due = None if problem.permanent else delivery.next_try(letter, now, random.random())  # noqa: S311
        if due is None:
            self.store.dead(letter, worker, now, reason, wipe=letter.secret)
            log.error("%s %s is given up after %d tries: %s", letter.kind, letter.id, letter.tries, reason)
        else:
            due = max(due, now + datetime.timedelta(seconds=problem.retry_after))
            self.store.failed(letter, worker, due, reason)
            log.warning("%s %s failed and is tried again at %s: %s", letter.kind, letter.id, due, reason)
