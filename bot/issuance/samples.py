"""Made-up learners from data/samples/learners.yml, for trying the assistant."""

import datetime
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sql
import yaml

from bot.database import Database, begin_alone
from bot.issuance.record import Badge, BadgeState, Completion, Kind
from bot.issuance.store import RECORDS_LOCK, badges, completions, write_badges, write_completions

LEARNERS = Path("data/samples/learners.yml")
BADGE_ADDRESS = "https://www.credly.com/badges/"
SAMPLE_NAMESPACE = uuid.UUID("8e2f3a52-5d0f-4d0e-9c5b-0d6f6d1c7a11")  # random: ids made from it are nobody's


def load_samples(
    database: Database,
    catalogue_key: Callable[[str], str],
    today: datetime.date,
    path: Path = LEARNERS,
    weekday: int = 0,
) -> int:
    """Put the learners into a database that has neither completions nor badges; one process does, others wait.

    Args:
        database: its schema must exist.
        catalogue_key: gives a credential's catalogue id, or its title in lower case.
        today: the day that all days in the file count from.
        path: the file.
        weekday: the day on which micro-credentials are issued, 0 is Monday.

    Returns:
        how many addresses were added; 0 when the database is not empty.
    """
    learners, issuer = read(path)
    with database.transaction() as connection:
        begin_alone(connection, RECORDS_LOCK)
        if any(connection.execute(sql.select(table).limit(1)).first() for table in (completions, badges)):
            return 0
        for learner in learners:
            write_completions(connection, list(completions_of(learner, catalogue_key, today)))
            write_badges(connection, list(badges_of(learner, catalogue_key, today, issuer, weekday)))
    return len(learners)


def read(path: Path = LEARNERS) -> tuple[list[dict[str, Any]], str]:
    """The learners as the file has them, and the issuer of their badges."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content["learners"], content["issuer"]


def completions_of(
    learner: Mapping[str, Any], catalogue_key: Callable[[str], str], today: datetime.date
) -> Iterator[Completion]:
    """A learner's training record."""
    for line in learner.get("training", ()):
        yield Completion(
            email=learner["email"],
            credential=catalogue_key(line["credential"]),
            title=line["credential"],
            percent=line["percent"],
            completed_on=_days_before(today, line.get("completed")),
            result=line.get("result", ""),
            name=learner["name"],
        )


def badges_of(
    learner: Mapping[str, Any],
    catalogue_key: Callable[[str], str],
    today: datetime.date,
    issuer: str,
    weekday: int = 0,
) -> Iterator[Badge]:
    """A learner's badges; an accepted one has a public address, micro-credentials were issued on the given weekday."""
    for badge in learner.get("badges", ()):
        state = BadgeState(badge["state"])
        number = str(uuid.uuid5(SAMPLE_NAMESPACE, f"{learner['email']} {badge['credential']} {badge['issued']}"))
        yield Badge(
            id=number,
            email=learner["email"],
            credential=catalogue_key(badge["credential"]),
            title=badge["credential"],
            state=state,
            issued_on=_issued(badge, today, weekday),
            expires_on=_days_before(today, badge.get("expires")),
            url=BADGE_ADDRESS + number if state is BadgeState.ACCEPTED else "",
            name=learner["name"],
            issuer=issuer,
        )


def _issued(badge: Mapping[str, Any], today: datetime.date, weekday: int) -> datetime.date:
    day = today - datetime.timedelta(days=badge["issued"])
    if Kind.of(badge["credential"]) is Kind.CERTIFICATION:
        return day
    return day - datetime.timedelta(days=(day.weekday() - weekday) % 7)


def _days_before(today: datetime.date, days: int | None) -> datetime.date | None:
    return None if days is None else today - datetime.timedelta(days=days)
