"""Badges as Credly knows them, behind the same interface as the local ones.

What is known of Credly's API comes from its pages on authorization tokens, badge templates and issued badges
(https://api.youracclaim.com/docs, https://api.credly.com/docs). Two points are not documented, and the code is safe
either way: what an unknown filter does (each result is checked, see `credly_payload.belongs_to`), and whether
`recipient_email_all` takes several addresses (each is asked for by itself, and remembered by itself).
"""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime

from bot.issuance.credly_guards import Circuit, ShortMemory
from bot.issuance.credly_http import CredlyFailed, CredlyHttp
from bot.issuance.credly_payload import read_badges
from bot.issuance.record import Badge

FILTER_SYNTAX = ("|", ",", "::")
LOOK_UPS_AT_ONCE = 16
MOST_REMEMBERED = 1000

logger = logging.getLogger(__name__)


class Credly:
    """A BadgeSource that asks Credly; may be used from many threads."""

    def __init__(
        self,
        api_url: str,
        token: str,
        organization_id: str,
        key: Callable[[str], str],
        *,
        timeout_seconds: float = 5.0,
        deadline_seconds: float = 8.0,
        tries: int = 3,
        max_pages: int = 10,
        cache_seconds: float = 60.0,
        failures_to_open: int = 3,
        pause_seconds: float = 30.0,
        monotonic: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """Make ready; nothing is asked yet.

        Args:
            api_url: such as https://api.credly.com/v1.
            token: an authorization token; read rights are enough. Credly's tokens expire after 180 days.
            organization_id: the issuer's.
            key: maps a badge template's name to the credential's key.
            timeout_seconds: for each phase of a request: connecting (at most 2), sending, each wait for data.
            deadline_seconds: for a whole look-up, retries and pauses included; nobody waits longer.
            tries: how often one request is made on 429, 5xx and broken connections.
            max_pages: of 50 badges for one address; with more, the answer is not believed.
            cache_seconds: how long the badges of an address are remembered.
            failures_to_open: look-ups in a row that fail before Credly is left alone.
            pause_seconds: for how long it is then left alone.
            monotonic: the clock, in seconds.
            wait: sleeps for so many seconds.
        """
        self._http = CredlyHttp(
            api_url,
            token,
            organization_id,
            timeout_seconds=timeout_seconds,
            tries=tries,
            max_pages=max_pages,
            monotonic=monotonic,
            wait=wait,
        )
        self._key, self._deadline_seconds, self._monotonic = key, deadline_seconds, monotonic
        self._circuit = Circuit(failures_to_open, pause_seconds, monotonic)
        self._memory: ShortMemory[tuple[Badge, ...]] = ShortMemory(cache_seconds, MOST_REMEMBERED, monotonic)
        self._threads = ThreadPoolExecutor(LOOK_UPS_AT_ONCE, thread_name_prefix="credly")

    def badges(self, addresses: Sequence[str]) -> list[Badge]:
        """Every badge that is evidently of one of the addresses, newest first; [] if none.

        Args:
            addresses: proven e-mail addresses in lower case.

        Raises:
            SourceUnavailable: Credly cannot be asked, refuses, or gives no usable answer in time.
        """
        found = {address: self._memory.get(address) for address in addresses}
        missing = [address for address, known in found.items() if known is None]
        if missing:
            found.update(self._look_up(missing))
        every = {badge.id: badge for known in found.values() for badge in known or ()}
        return sorted(every.values(), key=lambda badge: (badge.issued_on, badge.id), reverse=True)

    def ready(self) -> bool:
        """Whether look-ups are let through to Credly; False while it is left alone after failures."""
        return self._circuit.passable()

    def close(self) -> None:
        """Refuse new look-ups, wait for those under way (at most the deadline), close the connections."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._http.close()

    def _look_up(self, addresses: list[str]) -> dict[str, tuple[Badge, ...]]:
        if any(mark in address for address in addresses for mark in FILTER_SYNTAX):
            raise CredlyFailed("An address holds characters that Credly's filter cannot express.")
        self._circuit.enter()
        try:
            entries = self._in_time(addresses)
        except CredlyFailed as error:
            logger.warning("Credly look-up failed: %s", error)
            if error.outage:
                self._circuit.failed(error.rest_seconds)
            else:
                self._circuit.succeeded()
            raise
        except BaseException:
            self._circuit.failed()
            raise
        self._circuit.succeeded()
        return {address: self._remembered(address, entries[address]) for address in addresses}

    def _in_time(self, addresses: list[str]) -> dict[str, list[object]]:
        """The entries of each address, or CredlyFailed at the deadline.

        In a thread of its own, because the time-outs of httpx cannot cut short a slow name server or an answer
        that comes byte by byte.
        """
        until = self._monotonic() + self._deadline_seconds
        try:
            asked = self._threads.submit(lambda: {address: self._http.issued(address, until) for address in addresses})
        except RuntimeError:
            raise CredlyFailed("Credly's source is closed.") from None
        try:
            return asked.result(self._deadline_seconds)
        except NotInTime:
            asked.cancel()
            raise CredlyFailed("Credly did not answer in time.") from None
        except CancelledError:
            raise CredlyFailed("Credly's source is closed.") from None

    def _remembered(self, address: str, entries: list[object]) -> tuple[Badge, ...]:
        badges, others, unreadable = read_badges(entries, address, self._key)
        if others:
            logger.warning("Credly sent %d badges that are not evidently of the address asked for; left out.", others)
        if unreadable:
            logger.warning("Credly sent %d entries that cannot be read; left out.", unreadable)
        self._memory.put(address, badges)
        return badges
