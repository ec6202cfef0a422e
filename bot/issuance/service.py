"""The use case of issuance: where a learner's credentials stand, from the training record and the issued badges."""

import datetime
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.clock import Clock
from bot.errors import SourceUnavailable
from bot.issuance.catalogue import Catalogue
from bot.issuance.record import Badge, Completion, Diagnosis, IssuingRule, Kind, Record, diagnose
from bot.issuance.sources import BadgeSource
from bot.issuance.window import Window, issuing_window

log = logging.getLogger(__name__)


class CompletionSource(Protocol):
    """Where completed trainings and exams are known."""

    def completions(self, addresses: Sequence[str]) -> list[Completion]:
        """Every completion under one of the addresses (proven, lower case); raises SourceUnavailable."""


@dataclass(frozen=True)
class Report:
    """What is found under some addresses of one person.

    `diagnoses` is never empty. `badges_known` and `completions_known` are False when that source could not be asked.
    `several_profiles`: more than one of the addresses has something, so that there may be two Credly profiles (FAQ).
    `others`: what there is, where nothing is known of the one credential that was asked for.
    """

    diagnoses: tuple[Diagnosis, ...]
    badges_known: bool
    completions_known: bool
    addresses: tuple[str, ...] = field(repr=False)  # kept out of logs
    several_profiles: bool = False
    others: "Report | None" = None

    @property
    def outcome(self) -> str:
        """The stages found, for the log of lookups."""
        return ",".join(sorted({diagnosis.stage.value for diagnosis in self.diagnoses}))


@dataclass(frozen=True)
class Claim:
    """What a learner says they completed: a credential as they named it or by its id, and the day if they said it."""

    credential: str
    completed_on: datetime.date | None = None


class Issuance:
    """Looks a learner's credentials up."""

    def __init__(
        self,
        completions: CompletionSource,
        badges: BadgeSource,
        catalogue: Catalogue,
        rule: IssuingRule,
        clock: Clock,
        zone: datetime.tzinfo,
    ) -> None:
        """`zone` decides which day it is."""
        self._completions, self._badges, self._catalogue = completions, badges, catalogue
        self.rule, self._clock, self._zone = rule, clock, zone

    def today(self) -> datetime.date:
        """The day it is for learners."""
        return today(self._clock, self._zone)

    def status(self, addresses: Sequence[str], *, credential: str = "") -> Report:
        """Where each credential stands; a source that cannot be asked is reported, not raised.

        Args:
            addresses: e-mail addresses in lower case that the asker has proven, or may look up as staff.
            credential: a title, a name or an id; only this one is told.
        """
        asked = tuple(dict.fromkeys(addresses))
        record = self._record(asked)
        report = self._report(record, asked, credential)
        if not credential or report.diagnoses[0].kind is not None:
            return report
        whole = self._report(record, asked, "")
        return replace(report, others=whole) if whole.diagnoses[0].kind is not None else report

    def _report(self, record: Record, asked: tuple[str, ...], credential: str) -> Report:
        titles = {done.credential: done.title for done in record.completions}
        titles |= {badge.credential: badge.title for badge in record.badges}
        key = self._catalogue.key_among(credential, titles)
        found = diagnose(record, self.today(), self.rule, credential=key)
        return Report(
            diagnoses=tuple(one if one.title else replace(one, title=self._title(credential)) for one in found),
            badges_known=record.badges_known,
            completions_known=record.completions_known,
            addresses=asked,
            several_profiles=len(_holders(record) & set(asked)) > 1,
        )

    def _record(self, addresses: Sequence[str]) -> Record:
        if not addresses:
            return Record()
        completions: list[Completion] = []
        badges: list[Badge] = []
        completions_known = badges_known = True
        try:
            completions = self._completions.completions(addresses)
        except SourceUnavailable:
            completions_known = False
            log.warning("the training record could not be asked")
        try:
            badges = self._badges.badges(addresses)
        except SourceUnavailable:
            badges_known = False
            log.warning("the source of badges could not be asked")
        return Record(
            tuple(self._named(completion) for completion in completions),
            tuple(replace(badge, credential=self._key(badge)) for badge in badges),
            badges_known,
            completions_known,
        )

    def _named(self, completion: Completion) -> Completion:
        """Under the catalogue's title: the training's own ("Lead Architect exam") may not tell the kind."""
        key = self._key(completion)
        known = self._catalogue.match(key)
        return replace(completion, credential=key, title=known.title if known else completion.title)

    def _key(self, item: Completion | Badge) -> str:
        """By the catalogue of today: an entry may have been added since the item was stored."""
        known = self._catalogue.match(item.credential) or self._catalogue.match(item.title)
        return known.id if known else self._catalogue.key(item.title or item.credential)

    def _title(self, credential: str) -> str:
        known = self._catalogue.match(credential)
        return known.title if known else credential.strip()


def today(clock: Clock, zone: datetime.tzinfo) -> datetime.date:
    """The day that the clock's moment falls on in a time zone."""
    return clock().astimezone(zone).date()


def claimed_window(claim: Claim, title: str, today: datetime.date, rule: IssuingRule) -> Window | None:
    """The first and last expected day of issue of a micro-credential that the learner says they completed.

    For a lookup that found nothing. None for a certification (the FAQ names no duration), without a date, and for a
    day that is still to come.

    Args:
        claim: what the learner said.
        title: the credential's title, which tells its kind.
        today: the day it is for the learner.
        rule: how long issuing takes (FAQ).
    """
    day = claim.completed_on
    if day is None or day > today or Kind.of(title) is Kind.CERTIFICATION:
        return None
    return issuing_window(day, rule.days, rule.weekday)


def _holders(record: Record) -> set[str]:
    """The addresses that have something."""
    return {c.email.lower() for c in record.completions} | {b.email.lower() for b in record.badges}
