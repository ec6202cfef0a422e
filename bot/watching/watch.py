"""What is worth waiting for, and when there is something to tell of it: pure, today is an argument."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from bot.issuance.naming import is_named
from bot.issuance.record import Diagnosis, Stage

ON_ITS_WAY = (Stage.ISSUING_WINDOW, Stage.EXAM_PASSED, Stage.NOT_COMPLETED, Stage.OVERDUE)
_EARNED = (Stage.ISSUING_WINDOW, Stage.EXAM_PASSED)


@dataclass(frozen=True)
class CredentialWatch:
    """Somebody wants to be told of one credential; there is one for an address and a credential.

    `stage` is where it stood, `passed_after` the last day on which it could be expected.
    """

    id: str
    conversation_id: str
    email: str = field(repr=False)
    credential: str
    title: str
    stage: Stage
    passed_after: datetime.date
    created_at: datetime.datetime


class Finding(str, Enum):
    """What a look at the sources shows; all but NOTHING is told."""

    NOTHING = "nothing"
    FURTHER = "further"  # a training is completed, an exam passed: told, and still waited for
    CHANGED = "changed"
    PASSED = "passed"  # the day has passed


def wanted(diagnoses: Sequence[Diagnosis], named: Sequence[str] = (), last: str = "") -> list[Diagnosis]:
    """The credentials on their way that somebody wants to be told of.

    Args:
        diagnoses: everything known of them.
        named: credentials of the request, by id or by title in lower case; only these count if there are any.
        last: the one spoken of last; it is meant where it is on its way, otherwise all that are.
    """
    coming = [one for one in diagnoses if one.stage in ON_ITS_WAY]
    if named:
        return [one for one in coming if is_named(one, named)]
    return [one for one in coming if last and one.credential == last] or coming


def last_day(one: Diagnosis, today: datetime.date, days: int) -> datetime.date:
    """The day after which the wait counts as passed: the window's last, or in `days` days where there is none ahead."""
    if one.window and one.window[1] >= today:
        return one.window[1]
    return today + datetime.timedelta(days=days)


def finding(watch: CredentialWatch, now: Diagnosis, today: datetime.date) -> Finding:
    """What there is to tell when the sources show this now; a source that is away shows nothing."""
    if now.stage is Stage.SOURCE_UNAVAILABLE:
        return Finding.NOTHING
    if now.stage in (watch.stage, Stage.NOT_FOUND):
        return Finding.PASSED if today > watch.passed_after else Finding.NOTHING
    if now.stage is Stage.OVERDUE:
        return Finding.PASSED
    return Finding.FURTHER if watch.stage is Stage.NOT_COMPLETED and now.stage in _EARNED else Finding.CHANGED
