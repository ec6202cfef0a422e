"""Staff look several learners up at once: in the background, as that may take long, and each address logged."""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence

from bot.errors import BotError
from bot.identity.service import Identity
from bot.issuance.service import Issuance
from bot.lookups.kept import KeptLookups
from bot.lookups.lookup import StaffLookup
from bot.lookups.table import Found

LOOKUPS_AT_ONCE, LOOKUPS_WAITING = 2, 8  # Credly is asked address by address
LONGEST_LOOKUP = 300.0  # seconds
SHARED_EVERY = 1.0  # seconds between two looks that other sites get at what was found so far
log = logging.getLogger(__name__)


class TooManyLookups(BotError):
    """Raised when too many look-ups are waiting already."""


Then = Callable[[StaffLookup], None]


class StaffLookups:
    """Looks learners up for staff; the caller has made sure who asks."""

    def __init__(
        self,
        issuance: Issuance,
        identity: Identity,
        redis_url: str = "",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Put the parts together; with `redis_url` other sites show the results, too."""
        self._issuance, self._identity, self._monotonic = issuance, identity, monotonic
        self._room = threading.BoundedSemaphore(LOOKUPS_AT_ONCE + LOOKUPS_WAITING)
        self._turn = threading.BoundedSemaphore(LOOKUPS_AT_ONCE)
        self._kept = KeptLookups(redis_url, monotonic)

    def begin(
        self,
        asker: str,
        addresses: Sequence[str],
        channel: str,
        *,
        place: str = "",
        credential: str = "",
        unusable: Sequence[str] = (),
        then: Then | None = None,
    ) -> StaffLookup:
        """Begin to look addresses up; wait for `ended`, or come back with the number.

        Args:
            asker: who looks, for the log.
            addresses: normalised.
            channel: "console" or "slack".
            place: the conversation in which it was asked, for the log.
            credential: only this one.
            unusable: what of the input was no address, kept beside.
            then: told when it has ended.

        Raises:
            TooManyLookups: others are waiting.
        """
        number = secrets.token_urlsafe(12)
        lookup = StaffLookup(
            number=number, asker=asker, addresses=tuple(addresses), credential=credential, unusable=tuple(unusable)
        )
        if not self._room.acquire(blocking=False):
            raise TooManyLookups
        self._kept.keep(lookup)
        work = threading.Thread(
            target=self._run, args=(lookup, channel, place or f"lookup {number}", then), name="lookup", daemon=True
        )
        work.start()  # a daemon: nobody who stops the site waits for it
        return lookup

    def get(self, number: str, asker: str) -> StaffLookup | None:
        """A look-up that is still kept, for the one who asked only."""
        lookup = self._kept.get(number)
        return lookup if lookup and lookup.asker == asker else None

    def _run(self, lookup: StaffLookup, channel: str, place: str, then: Then | None) -> None:
        try:
            with self._turn:
                self._look(lookup, channel, place)
        except Exception as error:
            lookup.stopped = True
            log.error("a look-up of staff failed: %s", type(error).__name__, exc_info=error)
        finally:
            self._room.release()
            self._end(lookup)
        if then:
            then(lookup)

    def _end(self, lookup: StaffLookup) -> None:
        lookup.done = True
        try:
            self._kept.keep(lookup)  # first, as the next page may come to another site
        finally:
            lookup.ended.set()

    def _look(self, lookup: StaffLookup, channel: str, place: str) -> None:
        shared = begun = self._monotonic()
        for address in lookup.addresses:
            now = self._monotonic()
            if now > begun + LONGEST_LOOKUP:
                lookup.stopped = True
                return
            if now > shared + SHARED_EVERY:
                self._kept.keep(lookup)
                shared = now
            report = self._issuance.status([address], credential=lookup.credential)
            self._identity.log_lookup(place, channel, lookup.asker, address, rights="staff", outcome=report.outcome)
            lookup.found.append(Found.of(address, report))  # shown only once it is logged
