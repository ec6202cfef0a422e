"""The learners of a played conversation: what the training record and Credly know of them."""

import datetime
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.bootstrap import Services
from bot.issuance.record import Badge, BadgeState, Completion
from bot.issuance.store import write_badges, write_completions

BADGE_STATES = {
    "issued_pending": BadgeState.PENDING,
    "accepted": BadgeState.ACCEPTED,
    "expired": BadgeState.ACCEPTED,
    "revoked": BadgeState.REVOKED,
    "declined": BadgeState.REJECTED,
}
ISSUED_DAYS_AGO = 20  # where a record does not say
EARNED_BEFORE = 8  # days between completing and issuing
EXPIRED_DAYS_AGO = 30


def put_in(services: Services, learners: Sequence[Mapping[str, Any]]) -> None:
    """Add learners to the records; days are counted from today."""
    today = services.issuance.today()
    with services.database.transaction() as connection:
        for learner in learners:
            write_completions(connection, list(_completions(services, learner, today)))
            write_badges(connection, list(_badges(services, learner, today)))


def _completions(services: Services, learner: Mapping[str, Any], today: datetime.date) -> Iterator[Completion]:
    for record in learner.get("records") or []:
        certification = record.get("type") == "certification"
        percent = record.get("percent", 100)
        earned = record.get("earned_days_ago", (record.get("issued_days_ago") or ISSUED_DAYS_AGO) + EARNED_BEFORE)
        yield Completion(
            email=learner["email"].lower(),
            credential=services.catalogue.key(record["title"]),
            title=record["title"],
            percent=percent,
            completed_on=today - datetime.timedelta(days=earned) if percent == 100 else None,
            result=record.get("result", "passed" if certification and percent == 100 else ""),
            name=learner.get("name", ""),
        )


def _badges(services: Services, learner: Mapping[str, Any], today: datetime.date) -> Iterator[Badge]:
    for record in learner.get("records") or []:
        state = BADGE_STATES.get(record.get("state", ""))
        if state is None:
            continue
        expires = record.get("expires_in_days", -EXPIRED_DAYS_AGO if record["state"] == "expired" else None)
        issued = record.get(
            "issued_days_ago", max(1, record.get("earned_days_ago", ISSUED_DAYS_AGO + 8) - EARNED_BEFORE)
        )
        number = str(uuid.uuid4())
        yield Badge(
            id=number,
            email=learner["email"].lower(),
            credential=services.catalogue.key(record["title"]),
            title=record["title"],
            state=state,
            issued_on=today - datetime.timedelta(days=issued),
            expires_on=None if expires is None else today + datetime.timedelta(days=expires),
            url=f"https://www.credly.com/badges/{number}" if state is BadgeState.ACCEPTED else "",
            name=learner.get("name", ""),
            issuer="OneStream Software",
        )
