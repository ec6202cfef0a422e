"""Sends what waits in the outbox: lease a letter, hand it over, mark it delivered.

A letter is never lost: what a worker held when it died is taken up again once its lease has run out. It is sent twice
only if the worker died, or lost the database for long, after the other side took the letter and before it was marked;
the repeat has the same Message-ID. Any number of workers may run, each with an Outbox of its own; their clocks should
agree within seconds.

A server that takes nothing is left alone, for longer each time; its letters wait without being tried. Each kind of
letter has its server, and who delivers one kind never waits for another's.
"""

import datetime
import logging
import random
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from prometheus_client import Counter, Histogram
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.database import Database
from bot.errors import DeliveryFailed
from bot.outbox import delivery
from bot.outbox.message import Letter
from bot.outbox.store import Counts, OutboxStore
from bot.outbox.transport import Transport
from bot.telemetry.requests import in_request
from bot.telemetry.traces import span

LETTER_LEASE = datetime.timedelta(minutes=3)  # longer than connecting, sending and marking can take
LETTERS_A_ROUND = 100
MARKING_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds
GivenUp = Callable[[Letter, str], None]
LETTERS = Counter("outbox_letters", "Letters that this process handed over, or tried to", ("kind", "result"))
HAND_OVER_SECONDS = Histogram(
    "outbox_hand_over_seconds",
    "Time that handing over one letter took",
    ("kind",),
    buckets=(0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0),
)
log = logging.getLogger(__name__)


class LetterResult(Enum):
    """What came of handing over a letter."""

    DELIVERED = "delivered"
    TRIED_AGAIN = "tried_again"
    GIVEN_UP = "given_up"
    TOO_LATE = "too_late"


@dataclass
class Server:
    """How the other side of one kind of letter has behaved lately."""

    failures: int = 0
    quiet_until: datetime.datetime | None = None


class Outbox:
    """What one can do with the outbox, but for adding to it: that is `store.add`, in the caller's transaction."""

    def __init__(
        self,
        database: Database,
        transports: Mapping[str, Transport],
        clock: Clock,
        lease: datetime.timedelta = LETTER_LEASE,
        pause: Callable[[float], None] = time.sleep,
        given_up: GivenUp = lambda letter, reason: None,
    ) -> None:
        """Put the parts together.

        Args:
            transports: by kind of letter; letters of other kinds are left to other workers.
            lease: must be longer than a transport can take for one letter.
            pause: waits some seconds.
            given_up: told of a letter before it is marked as given up, with the reason; perhaps twice.
        """
        self.store = OutboxStore(database)
        self._transports, self._clock, self._lease, self._pause = transports, clock, lease, pause
        self._given_up = given_up
        self._servers: dict[str, Server] = {}

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of letters that can be delivered here, each by a server of its own."""
        return tuple(self._transports)

    def tell_given_up(self, given_up: GivenUp) -> None:
        """Tell somebody of the letters that are given up from now on."""
        self._given_up = given_up

    def use_transport(self, kind: str, transport: Transport) -> None:
        """Hand letters of a kind over to another transport from now on."""
        self._transports = {**self._transports, kind: transport}

    def deliver_due(
        self, worker: str, stop: threading.Event | None = None, kinds: Collection[str] | None = None
    ) -> int:
        """Send due letters, one after the other, until none is left, a batch is full or `stop` is set.

        Args:
            worker: an id that no other worker has, at most 100 characters.
            kinds: those to send, all if None. Each kind may have a thread of its own.

        Returns:
            How many were delivered.
        """
        delivered, wanted = 0, self.kinds if kinds is None else kinds
        try:
            for _ in range(LETTERS_A_ROUND):
                if stop is not None and stop.is_set():
                    break
                open_kinds = [kind for kind in wanted if not self._quiet_for(kind)]
                letters = self.store.claim(self._clock(), worker, 1, self._lease, open_kinds) if open_kinds else []
                if not letters:
                    break
                delivered += self.deliver(letters[0], worker)
        finally:
            for kind in wanted:
                self._transports[kind].close()
        return delivered

    def seconds_to_next(self, most: float, kinds: Collection[str] | None = None) -> float:
        """Seconds until a letter can be tried, 0 if one can, `most` if there is none so soon."""
        now, soonest = self._clock(), most
        for kind in self.kinds if kinds is None else kinds:
            due = self.store.next_due(now, [kind])
            if due is not None:
                soonest = min(soonest, max(0.0, (due - now).total_seconds(), self._quiet_for(kind)))
        return soonest

    def requeue(self, letter_id: str | None = None) -> int:
        """Try dead letters for another day: one of them, or all; returns how many."""
        return self.store.requeue(self._clock(), letter_id)

    def counts(self) -> Counts:
        """How much waits, since when, and how much was given up."""
        return self.store.counts(self._clock())

    def counts_by_kind(self) -> dict[str, Counts]:
        """The same for each kind of letter, those that can be delivered here in any case."""
        return {**dict.fromkeys(self.kinds, Counts(0, 0.0, 0, 0)), **self.store.counts_by_kind(self._clock())}

    def deliver(self, letter: Letter, worker: str) -> bool:
        """Hand over one letter that this worker holds; whether it is out. Otherwise it is tried again later."""
        name = f"send {letter.kind}"
        with in_request(letter.request_id), span(name, "consumer", {}, link=letter.trace_parent) as traced:
            result = self._delivered(letter, worker)
            LETTERS.labels(letter.kind, result.value).inc()
            traced.set_attribute("outbox.result", result.value)
        return result is LetterResult.DELIVERED

    def _delivered(self, letter: Letter, worker: str) -> LetterResult:
        if delivery.is_expired(letter, self._clock()):
            self.store.dead(letter, worker, self._clock(), "too late", wipe=True)
            log.warning("%s %s was not sent in time and is dropped", letter.kind, letter.id)
            return LetterResult.TOO_LATE
        began = time.perf_counter()
        problem = self._hand_over(letter)
        seconds = time.perf_counter() - began
        HAND_OVER_SECONDS.labels(letter.kind).observe(seconds)
        self._note(letter.kind, problem)
        if problem is None:
            self._mark_delivered(letter)
            fields = {"kind": letter.kind, "letter": letter.id, "tries": letter.tries}
            log.info("sent", extra={"fields": {**fields, "milliseconds": round(seconds * 1000, 1)}})
            return LetterResult.DELIVERED
        return self._put_back(letter, worker, problem)

    def _hand_over(self, letter: Letter) -> DeliveryFailed | None:
        try:
            self._transports[letter.kind].send(letter)
        except DeliveryFailed as error:
            return error
        except Exception as error:  # noqa: BLE001  a fault of ours with one letter must not hold up the others
            return DeliveryFailed(type(error).__name__)
        return None

    def _quiet_for(self, kind: str) -> float:
        """Seconds for which the server of a kind is still left alone."""
        until = self._servers.get(kind, Server()).quiet_until
        return max(0.0, (until - self._clock()).total_seconds()) if until else 0.0

    def _note(self, kind: str, problem: DeliveryFailed | None) -> None:
        """Leave a server alone that takes nothing; it is well again once it says anything about a single letter."""
        before = self._servers.get(kind, Server())
        if problem is None or not problem.server:
            self._servers[kind] = Server()
            if before.failures:
                log.info("%s: the server answers again", kind)
            return
        failures, pause = before.failures + 1, delivery.quiet(before.failures + 1)
        self._servers[kind] = Server(failures, self._clock() + pause)
        log.warning("%s: the server is left alone for %.0f s: %s", kind, pause.total_seconds(), problem)

    def _mark_delivered(self, letter: Letter) -> None:
        """Mark with patience: the letter is out, and would go out again."""
        for seconds in MARKING_PAUSES:
            try:
                return self.store.delivered(letter, self._clock())
            except SQLAlchemyError as error:
                log.warning("%s %s is sent, but not marked yet: %s", letter.kind, letter.id, type(error).__name__)
                self._pause(seconds)
        return self.store.delivered(letter, self._clock())

    def _put_back(self, letter: Letter, worker: str, problem: DeliveryFailed) -> LetterResult:
        now, reason = self._clock(), str(problem)
        due = None if problem.permanent else delivery.next_try(letter, now, random.random())  # noqa: S311
        if due is None:
            self._given_up(letter, reason)
            self.store.dead(letter, worker, now, reason, wipe=letter.secret)
            log.error("%s %s is given up after %d tries: %s", letter.kind, letter.id, letter.tries, reason)
            return LetterResult.GIVEN_UP
        asked = min(datetime.timedelta(seconds=problem.retry_after), delivery.FURTHEST_DUE)
        due = max(due, now + asked)
        self.store.failed(letter, worker, due, reason)
        log.warning("%s %s failed and is tried again at %s: %s", letter.kind, letter.id, due, reason)
        return LetterResult.TRIED_AGAIN
