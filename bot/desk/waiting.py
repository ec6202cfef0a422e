"""What happens to tickets by themselves: the learner is asked again, silence closes them, their day comes."""

import datetime
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from bot.clock import Clock
from bot.database import Database
from bot.outbox.templates import line
from bot.tickets.service import Tickets
from bot.tickets.ticket import SYSTEM, Ticket, TicketEvent, What


@dataclass(frozen=True)
class WaitingTickets:
    """Looks after tickets that wait for the learner, and those that are snoozed.

    Args:
        days: so many days after the team's last words a ticket closes; 0 for never.
        zone: in which days are named.
    """

    database: Database
    tickets: Tickets
    clock: Clock
    days: int
    zone: ZoneInfo

    def look(self) -> int:
        """Do what is due now; returns how many tickets have changed."""
        with self.database.transaction() as connection:
            self.tickets.store.alone(connection)
            return self._wake(connection) + (self._close(connection) if self.days else 0)

    def _wake(self, connection: Connection) -> int:
        """A ticket whose day has come is the team's again, whoever it waited for."""
        woken = self.tickets.store.woken(connection, self.clock())
        for ticket in woken:
            self._keep(connection, ticket, ticket.woken(), What.SNOOZED)
        return len(woken)

    def _close(self, connection: Connection) -> int:
        """After half of the time the learner is asked again, once; at its end the ticket closes."""
        now, whole = self.clock(), datetime.timedelta(days=self.days)
        changed = 0
        for ticket, asked in self.tickets.store.silent(connection, now - whole / 2):
            since = ticket.since or ticket.updated_at
            if not asked:
                self._ask_again(connection, ticket)
            elif now - since >= whole:
                self._keep(connection, ticket, ticket.resolved(), What.CLOSED, self._line("silence_closes", since))
            else:
                continue
            changed += 1
        return changed

    def _ask_again(self, connection: Connection, ticket: Ticket) -> None:
        """Half of the time is left from now on, however late this comes: nobody is asked and closed on one day."""
        now, half = self.clock(), datetime.timedelta(days=self.days) / 2
        ticket = replace(ticket, since=max(ticket.since or ticket.updated_at, now - half))
        words = self._line("silence_asks", now + half)
        event = TicketEvent(at=now, who=SYSTEM, what=What.ASKED_AGAIN, text=words)
        self.tickets.keep(connection, ticket, event)
        self.tickets.store.reminded(connection, ticket.reference, now)

    def _keep(self, connection: Connection, before: Ticket, after: Ticket, what: What, text: str = "") -> None:
        event = TicketEvent(at=self.clock(), who=SYSTEM, what=what, text=text)
        self.tickets.keep(connection, self.tickets.timed(before, after, event), event)

    def _line(self, name: str, moment: datetime.datetime) -> str:
        there = moment.astimezone(self.zone)
        return line(name, day=f"{there.day} {there:%B}")
