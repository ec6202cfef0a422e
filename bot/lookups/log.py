"""Who looked at whose record: the log that identity keeps, read for those who may see it."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sql

from bot.database import Database
from bot.identity.store import lookups

LOG_PAGE_LENGTH = 50
LONGEST_OUTCOME = lookups.c.outcome.type.length  # where it is cut off
BY_STAFF = ("staff", "none")  # rights; "none" is a try that was refused


@dataclass(frozen=True)
class LoggedLookup:
    """Somebody looked at a record, or tried to; `outcome` are stages with commas between, or why it was refused."""

    at: datetime.datetime
    asker: str = field(repr=False)
    subject: str = field(repr=False)
    channel: str
    rights: str
    outcome: str

    @property
    def stages(self) -> list[str]:
        """The stages that were shown; "…" for what the log has no room for."""
        found = self.outcome.split(",")
        return [*found[:-1], "…"] if len(self.outcome) >= LONGEST_OUTCOME else found


def read_log(
    database: Database, *, who: str = "", staff_only: bool = True, page: int = 1
) -> tuple[Sequence[LoggedLookup], int]:
    """One page of the log, newest first, counted from 1, and how many there are on all.

    Args:
        who: an address that looked or was looked at; "" for all.
        staff_only: without people who looked at their own record.
    """
    these: Any = sql.true()
    if staff_only:
        these &= lookups.c.rights.in_(BY_STAFF)
    if who:
        these &= (lookups.c.asker == who) | (lookups.c.subject == who)
    query = lookups.select().where(these).order_by(lookups.c.at.desc(), lookups.c.id.desc())
    with database.transaction() as connection:
        total = connection.execute(sql.select(sql.func.count()).select_from(lookups).where(these)).scalar() or 0
        rows = connection.execute(query.limit(LOG_PAGE_LENGTH).offset(LOG_PAGE_LENGTH * (page - 1))).all()
    found = [
        LoggedLookup(
            at=row.at,
            asker=row.asker,
            subject=row.subject,
            channel=row.channel,
            rights=row.rights,
            outcome=row.outcome,
        )
        for row in rows
    ]
    return found, int(total)
