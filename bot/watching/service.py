"""Use cases of watching: begin, stop, and tell once what has changed; each is one transaction."""

import datetime
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.engine import Connection

from bot.clock import Clock
from bot.issuance.naming import is_named
from bot.issuance.record import Diagnosis, Stage
from bot.issuance.service import Issuance
from bot.watching.news import News
from bot.watching.stop_links import StopLinks
from bot.watching.store import WatchStore, watches
from bot.watching.watch import CredentialWatch, Finding, finding, last_day, wanted

CHECK_SECONDS = 3600.0  # from one look at the sources to the next
AWAY_SECONDS = 300.0  # that a source which could not be asked is left alone
WATCHES_A_ROUND = 20
ROUND_SECONDS = 5.0  # after which no further watch is begun with: mail waits meanwhile
JUST_CHECKED = datetime.timedelta(seconds=CHECK_SECONDS * 0.9)  # the next round may come a little early
TellNews = Callable[[Connection, News], None]


@dataclass(frozen=True)
class Begun:
    """What became of a request to be told.

    `begun` and `known` are the watches that it has begun, and those that there were. Without any, `settled` are the
    credentials that were asked for and are not on their way; `sources_known` is False when that could not be found out.
    """

    begun: tuple[CredentialWatch, ...] = ()
    known: tuple[CredentialWatch, ...] = ()
    settled: tuple[Diagnosis, ...] = ()
    sources_known: bool = True

    @property
    def nothing(self) -> bool:
        """Whether nothing is on its way, as far as the sources say, and nothing else was asked for."""
        return self.sources_known and not (self.begun or self.known or self.settled)


@dataclass(frozen=True)
class Round:
    """How many watches were looked at and told of, and in how many seconds the next round is due."""

    checked: int
    told: int
    pause: float


class Watching:
    """What one can do with watches, whatever the face."""

    def __init__(
        self, store: WatchStore, issuance: Issuance, links: StopLinks, tell: TellNews, clock: Clock, *, days: int
    ) -> None:
        """Put the parts together.

        Args:
            store: on a database whose schema exists.
            issuance: knows where a credential stands.
            links: to stop.
            tell: writes mail and message of news within the given transaction.
            clock: gives the time now.
            days: after how many a wait without an expected day counts as passed.
        """
        self.store = store
        self._issuance, self._links, self._tell, self._clock, self._days = issuance, links, tell, clock, days

    def begin(self, conversation_id: str, addresses: Sequence[str], named: Sequence[str] = (), last: str = "") -> Begun:
        """Tell this conversation, and the address that it is kept under, what becomes of what is on its way.

        Args:
            addresses: proven by the conversation.
            named, last: which credentials, see `watch.wanted`.
        """
        report = self._issuance.status(addresses)
        chosen = [one for one in wanted(report.diagnoses, named, last) if one.email in report.addresses]
        begun: list[CredentialWatch] = []
        known: list[CredentialWatch] = []
        if not chosen:
            asked = named or ([last] if last else [])
            settled = tuple(one for one in report.diagnoses if is_named(one, asked))
            return Begun(settled=settled, sources_known=report.badges_known and report.completions_known)
        watched = [self._watch(conversation_id, one) for one in chosen]
        with self.store.database.transaction() as connection:
            for watch in sorted(watched, key=lambda one: (one.email, one.credential)):  # nobody waits in a circle
                new = self.store.add(connection, watch, self._links.address_hash(watch.email))
                (begun if new else known).append(watch)
        return Begun(tuple(begun), tuple(known))

    def of_conversation(self, conversation_id: str) -> list[CredentialWatch]:
        """What is told to a conversation, oldest first."""
        return self.store.find(watches.c.conversation_id == conversation_id)

    def stop(self, conversation_id: str, addresses: Sequence[str], named: Sequence[str] = ()) -> int:
        """End the watches of a conversation and of its proven addresses; returns how many.

        Args:
            named: only these credentials, by id or by title in lower case, if any of them is watched.
        """
        mine = (watches.c.conversation_id == conversation_id) | watches.c.email.in_(list(addresses))
        found = self.store.find(mine)
        meant = [one for one in found if one.credential in named or one.title.lower() in named] or found
        return self.store.delete(watches.c.id.in_([one.id for one in meant]))

    def is_waiting(self, token: str) -> bool:
        """Whether a link has anything to stop; raises InvalidToken for a forged one."""
        return bool(self.store.find(self._of_link(token)))

    def stop_by_link(self, token: str) -> int:
        """End all watches of the link's address; returns how many. Raises InvalidToken for a forged one."""
        return self.store.delete(self._of_link(token))

    def check_some(self) -> Round:
        """Ask the sources about the watches that are due, and tell what has changed; ends early when one is away."""
        checked = told = 0
        until = time.monotonic() + ROUND_SECONDS
        while checked < WATCHES_A_ROUND and time.monotonic() < until:
            now = self._clock()
            watch = self.store.claim(now, now - JUST_CHECKED)
            if watch is None:
                return Round(checked, told, CHECK_SECONDS)
            found = self._look(watch)
            if found is None:
                return Round(checked + 1, told, AWAY_SECONDS)
            checked, told = checked + 1, told + self._consider(watch, found)
        return Round(checked, told, 0.0)

    def _of_link(self, token: str) -> Any:
        """The condition for the watches of a link's address, whichever of the site's keys they were begun under."""
        hashed = self._links.read(token)
        if not self._links.of_several_keys:
            return watches.c.address_hash == hashed
        return watches.c.email.in_(self._links.meant(hashed, self.store.addresses()))

    def _watch(self, conversation_id: str, one: Diagnosis) -> CredentialWatch:
        return CredentialWatch(
            id=str(uuid.uuid4()),
            conversation_id=conversation_id,
            email=one.email,
            credential=one.credential,
            title=one.title,
            stage=one.stage,
            passed_after=last_day(one, self._issuance.today(), self._days),
            created_at=self._clock(),
        )

    def _look(self, watch: CredentialWatch) -> Diagnosis | None:
        """Where it stands, without any transaction: a source may take its time. None when one cannot be asked."""
        report = self._issuance.status([watch.email], credential=watch.credential)
        if not (report.badges_known and report.completions_known):
            return None
        found = report.diagnoses[0]
        return replace(found, title=watch.title) if found.stage is Stage.NOT_FOUND else found

    def _consider(self, watch: CredentialWatch, found: Diagnosis) -> bool:
        """Tell and end the watch, or wait on from where it stands now: whoever changes the row is who tells."""
        today = self._issuance.today()
        result = finding(watch, found, today)
        if result is Finding.NOTHING:
            return False
        with self.store.database.transaction() as connection:
            if result is Finding.FURTHER:
                mine = self.store.move(connection, watch, found.stage, last_day(found, today, self._days))
            else:
                mine = self.store.end(connection, watch)
            if mine:
                self._tell(connection, News(watch, result, found))
        return mine
