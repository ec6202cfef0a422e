"""What is known about a learner's credentials, and what it means: `diagnose` is pure, today is an argument."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from bot.issuance.window import Window, issuing_window, on_or_after

_CERTIFIED = re.compile(r"\bcertifi(?:ed|cation)\b", re.IGNORECASE)


class Kind(str, Enum):
    """What a credential is; a certification has "Certified" or "Certification" in its title (FAQ)."""

    CERTIFICATION = "certification"
    MICRO_CREDENTIAL = "micro_credential"

    @classmethod
    def of(cls, title: str) -> "Kind":
        """The kind that a credential's title tells."""
        return cls.CERTIFICATION if _CERTIFIED.search(title) else cls.MICRO_CREDENTIAL


class BadgeState(str, Enum):
    """The states of an issued badge at Credly; there is no state for expired, dates tell."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REVOKED = "revoked"


class Stage(str, Enum):
    """Where a credential stands; `utter_stage_<value>` in domain.yml is the learner's sentence."""

    NOT_COMPLETED = "not_completed"
    NOT_PASSED = "not_passed"
    EXAM_PASSED = "exam_passed"
    ISSUING_WINDOW = "issuing_window"
    OVERDUE = "overdue"
    WAITING_TO_BE_CLAIMED = "waiting_to_be_claimed"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    EXPIRES_SOON = "expires_soon"
    EXPIRED = "expired"
    REVOKED = "revoked"
    NOT_FOUND = "not_found"
    SOURCE_UNAVAILABLE = "source_unavailable"


@dataclass(frozen=True)
class Completion:
    """One line of the training record. `credential` is the catalogue id, or the title in lower case."""

    email: str
    credential: str
    title: str
    percent: int | None = None
    completed_on: datetime.date | None = None
    result: str = ""  # "passed", "failed" or ""
    name: str = ""

    @property
    def achieved(self) -> bool:
        """Whether it earns the credential.

        A certification takes a passed exam: a date alone shows no result. A training takes 100% (FAQ); where the
        record has no percent, a completion date or "passed" counts.
        """
        if self.result == "failed":
            return False
        if Kind.of(self.title) is Kind.CERTIFICATION:
            return self.result == "passed" or (self.percent or 0) >= 100
        if self.percent is not None:
            return self.percent >= 100
        return self.completed_on is not None or self.result == "passed"


@dataclass(frozen=True)
class Badge:
    """One issued badge. `credential` as in Completion; `url` is its public address, once accepted."""

    id: str
    email: str
    credential: str
    title: str
    state: BadgeState
    issued_on: datetime.date
    expires_on: datetime.date | None = None
    url: str = ""
    name: str = ""
    issuer: str = ""

    def stage(self, today: datetime.date, expires_soon_days: int) -> Stage:
        """Where it stands: good through its expiry day; expired unclaimed is expired, for claiming renews nothing."""
        if self.state is BadgeState.REVOKED:
            return Stage.REVOKED
        if self.state is BadgeState.REJECTED:
            return Stage.DECLINED
        if self.expires_on and self.expires_on < today:
            return Stage.EXPIRED
        if self.state is BadgeState.PENDING:
            return Stage.WAITING_TO_BE_CLAIMED
        soon = self.expires_on and (self.expires_on - today).days <= expires_soon_days
        return Stage.EXPIRES_SOON if soon else Stage.ACCEPTED


@dataclass(frozen=True)
class Record:
    """Everything known under one or several addresses of one person.

    `badges_known` and `completions_known` are False when that source could not be asked.
    """

    completions: tuple[Completion, ...] = ()
    badges: tuple[Badge, ...] = ()
    badges_known: bool = True
    completions_known: bool = True


@dataclass(frozen=True)
class IssuingRule:
    """How long a micro-credential takes: about `days`, issued once a week on `weekday` (0 is Monday)."""

    days: int = 10
    weekday: int = 0
    expires_soon_days: int = 60


@dataclass(frozen=True)
class Diagnosis:
    """The stage of one credential with the facts that support it; None where a fact does not apply.

    `window` is the first and the last expected day of issue; while it is open, what is still to come of it.
    """

    stage: Stage
    credential: str = ""
    title: str = ""
    kind: Kind | None = None
    percent: int | None = None
    completed_on: datetime.date | None = None
    window: Window | None = None
    issued_on: datetime.date | None = None
    expires_on: datetime.date | None = None
    email: str = ""
    badge_id: str = ""
    badge_url: str = ""
    issuer: str = ""
    earlier: tuple[Badge, ...] = field(default=())
    badges_known: bool = True


TEAM_HELPS = (Stage.OVERDUE, Stage.REVOKED, Stage.DECLINED, Stage.SOURCE_UNAVAILABLE)  # and nobody else can
TEAM_TELLS = (Stage.NOT_PASSED, Stage.EXPIRES_SOON, Stage.EXPIRED)  # what to do next, which the FAQ does not say
# Somebody has something to do: these come first; the rest follows, newest first.
_ATTENTION = (Stage.OVERDUE, Stage.WAITING_TO_BE_CLAIMED, Stage.EXAM_PASSED, Stage.EXPIRES_SOON)
# Of several badges the best is told. A renewal waiting to be claimed equals one about to expire: the newer is told.
_WORTH = {Stage.ACCEPTED: 0, Stage.WAITING_TO_BE_CLAIMED: 1, Stage.EXPIRES_SOON: 1}


def diagnose(record: Record, today: datetime.date, rule: IssuingRule, *, credential: str = "") -> list[Diagnosis]:
    """Where each credential of a learner stands, what needs attention first, else newest first; never empty.

    Args:
        record: completions and badges, in any order; those with the same `credential` belong together.
        today: the day it is for the learner.
        rule: how long issuing takes (FAQ).
        credential: as in Completion; only this one is told.
    """
    keys = {c.credential for c in record.completions} | {b.credential for b in record.badges}
    found = [_one(key, record, today, rule) for key in keys if credential in ("", key)]
    if not found:
        known = record.badges_known and record.completions_known
        found = [Diagnosis(stage=Stage.NOT_FOUND if known else Stage.SOURCE_UNAVAILABLE, credential=credential)]
    return [replace(one, badges_known=record.badges_known) for one in sorted(found, key=_reading_order)]


def is_recent(one: Diagnosis, today: datetime.date, rule: IssuingRule) -> bool:
    """Whether it was achieved so few days ago that nothing can be late about it, nor for the team to look into."""
    return one.completed_on is not None and (today - one.completed_on).days <= rule.days


def _one(key: str, record: Record, today: datetime.date, rule: IssuingRule) -> Diagnosis:
    """A badge that is held is told; else an achievement newer than every badge; else the badge; else an attempt."""
    soon = rule.expires_soon_days
    badges = sorted({b for b in record.badges if b.credential == key}, key=lambda b: _best_first(b, today, soon))
    completions = [completion for completion in record.completions if completion.credential == key]
    held = bool(badges) and badges[0].stage(today, soon) in _WORTH
    achieved = [c for c in completions if c.achieved and (not badges or _day(c) > badges[0].issued_on)]
    if achieved and not held:  # the first: doing a training again does not start the wait anew
        first = min(achieved, key=lambda c: (c.completed_on is None, _day(c), repr(c)))
        return _by_achievement(first, badges, today, rule, record.badges_known)
    if badges:
        return _by_badge(badges, today, soon)
    attempt = max(completions, key=_latest)
    return _by_completion(Stage.NOT_PASSED if attempt.result == "failed" else Stage.NOT_COMPLETED, attempt)


def _by_badge(badges: Sequence[Badge], today: datetime.date, soon: int) -> Diagnosis:
    badge = badges[0]
    return Diagnosis(
        stage=badge.stage(today, soon),
        credential=badge.credential,
        title=badge.title,
        kind=Kind.of(badge.title),
        issued_on=badge.issued_on,
        expires_on=badge.expires_on,
        email=badge.email,
        badge_id=badge.id,
        badge_url=badge.url,
        issuer=badge.issuer,
        earlier=tuple(badges[1:]),
    )


def _by_achievement(
    done: Completion, badges: Sequence[Badge], today: datetime.date, rule: IssuingRule, badges_known: bool
) -> Diagnosis:
    training = Kind.of(done.title) is Kind.MICRO_CREDENTIAL
    window = issuing_window(done.completed_on, rule.days, rule.weekday) if training and done.completed_on else None
    if not badges_known:
        stage = Stage.SOURCE_UNAVAILABLE
    elif not training:
        stage = Stage.EXAM_PASSED  # the FAQ names no duration for certifications, so they are never overdue
    else:  # without a date nobody can say that it is late
        stage = Stage.OVERDUE if window and today > window[1] else Stage.ISSUING_WINDOW
    if window and stage is Stage.ISSUING_WINDOW:
        window = max(window[0], on_or_after(today, rule.weekday)), window[1]  # a day that has passed is no forecast
    return replace(_by_completion(stage, done), window=window, earlier=tuple(badges))


def _by_completion(stage: Stage, it: Completion) -> Diagnosis:
    return Diagnosis(
        stage=stage,
        credential=it.credential,
        title=it.title,
        kind=Kind.of(it.title),
        percent=it.percent,
        completed_on=it.completed_on,
        email=it.email,
    )


def _day(completion: Completion) -> datetime.date:
    return completion.completed_on or datetime.date.min


# Orders. Each ends with the whole item, so that the order of the input never matters.
def _best_first(badge: Badge, today: datetime.date, soon: int) -> tuple[int, int, str]:
    return _WORTH.get(badge.stage(today, soon), len(_WORTH)), -badge.issued_on.toordinal(), repr(badge)


def _latest(completion: Completion) -> tuple[bool, datetime.date, int, str]:
    """What has no date and no result is still under way, and so the latest."""
    under_way = completion.completed_on is None and not completion.result
    return under_way, _day(completion), completion.percent or 0, repr(completion)


def _reading_order(diagnosis: Diagnosis) -> tuple[int, int, str]:
    urgent = _ATTENTION.index(diagnosis.stage) if diagnosis.stage in _ATTENTION else len(_ATTENTION)
    day = diagnosis.issued_on or diagnosis.completed_on or datetime.date.min
    return urgent, -day.toordinal(), diagnosis.credential
