"""Within what working time the team wants to answer and to resolve."""

import datetime
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.tickets.ticket import Priority, Ticket
from bot.working_hours import ALL_DAY_ON_WEEKDAYS, WorkingHours, WorkingTime

FACTORS = {Priority.HIGH: 0.5, Priority.NORMAL: 1.0, Priority.LOW: 2.0}  # of the time to answer


@dataclass(frozen=True)
class ServiceLevel:
    """What the settings say of it, and when the team works."""

    answer_within: WorkingTime = WorkingTime(2, "day")
    resolve_within: WorkingTime = WorkingTime(5, "day")
    hours: WorkingHours = ALL_DAY_ON_WEEKDAYS
    zone: ZoneInfo = ZoneInfo("UTC")

    def due(self, ticket: Ticket) -> datetime.datetime | None:
        """When the team's answer is due; None where it is not the team's turn."""
        if not ticket.waits_for_team:
            return None
        since = max(filter(None, (ticket.since or ticket.updated_at, ticket.snoozed_until)))
        return self.hours.after(since, self.to_answer(ticket.priority), self.zone)

    def to_answer(self, priority: Priority = Priority.NORMAL) -> datetime.timedelta:
        """The working time for an answer."""
        return self.answer_within.within(self.hours) * FACTORS[priority]

    def to_resolve(self) -> datetime.timedelta:
        """The working time until a ticket is resolved."""
        return self.resolve_within.within(self.hours)

    def resolution_due(self, ticket: Ticket) -> datetime.datetime | None:
        """When a ticket is to be resolved, whoever's turn it is; None where it is."""
        return self.hours.after(ticket.created_at, self.to_resolve(), self.zone) if ticket.open else None

    def to_be_resolved(self, now: datetime.datetime) -> datetime.datetime:
        """What was opened before this moment and is not resolved now is overdue."""
        return self.hours.before(now, self.to_resolve(), self.zone)

    def worked(self, since: datetime.datetime, until: datetime.datetime) -> datetime.timedelta:
        """How much working time lies between two moments."""
        return self.hours.between(since, until, self.zone)
