"""Staff look several learners up at once: in the background, as that may take long, and each address logged."""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cachetools import TTLCache

from bot.errors import BotError
from bot.identity.service import Identity
from bot.issuance.service import Issuance
from bot.lookups.table import Found

LOOKUPS_AT_ONCE, LOOKUPS_WAITING = 2, 8  # Credly is asked address by address
KEPT_SECONDS, MOST_LOOKUPS_KEPT = 30 * 60, 200  # results lie in memory only: nothing is to be erased after them
LONGEST_LOOKUP = 300.0  # seconds
log = logging.getLogger(__name__)


class TooManyLookups(BotError):
    """Raised when too many look-ups are waiting already."""


@dataclass
class StaffLookup:
    """One look-up of several addresses: what was found so far, and what of the input was no address."""

    number: str
    asker: str = field(repr=False)
    addresses: tuple[str, ...] = field(repr=False)
    credential: str = ""
    unusable: tuple[str, ...] = field(default=(), repr=False)
    found: list[Found] = field(default_factory=list, repr=False)
    stopped: bool = False  # it took too long, or failed; what was found stays
    ended: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def done(self) -> bool:
        """Whether nothing more will be found."""
        return self.ended.is_set()


Then = Callable[[StaffLookup], None]


class StaffLookups:
    """Looks learners up for staff; the caller has made sure who asks."""

    def __init__(self, issuance: Issuance, identity: Identity, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Put the parts together."""
        self._issuance, self._identity, self._monotonic = issuance, identity, monotonic
        self._room = threading.BoundedSemaphore(LOOKUPS_AT_ONCE + LOOKUPS_WAITING)
        self._turn = threading.BoundedSemaphore(LOOKUPS_AT_ONCE)
        self._guard = threading.Lock()
        self._kept: TTLCache[str, StaffLookup] = TTLCache(MOST_LOOKUPS_KEPT, KEPT_SECONDS, timer=monotonic)

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
        with self._guard:
            self._kept[number] = lookup
        work = threading.Thread(
            target=self._run, args=(lookup, channel, place or f"lookup {number}", then), name="lookup", daemon=True
        )
        work.start()  # a daemon: nobody who stops the site waits for it
        return lookup

    def get(self, number: str, asker: str) -> StaffLookup | None:
        """A look-up that is still kept, for the one who asked only."""
        with self._guard:
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
            lookup.ended.set()
        if then:
            then(lookup)

    def _look(self, lookup: StaffLookup, channel: str, place: str) -> None:
        until = self._monotonic() + LONGEST_LOOKUP
        for address in lookup.addresses:
            if self._monotonic() > until:
                lookup.stopped = True
                return
            report = self._issuance.status([address], credential=lookup.credential)
            self._identity.log_lookup(place, channel, lookup.asker, address, rights="staff", outcome=report.outcome)
            lookup.found.append(Found.of(address, report))  # shown only once it is logged
