"""How many tickets may be opened, whatever the face: each sends mail to the team and to an address that was typed."""

import datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from bot.errors import TooManyTickets
from bot.limit import DAY, HOUR, Limit, longest_wait, scaled
from bot.tickets.store import tickets
from bot.tickets.ticket import TicketRequest

TICKETS_PER_CONTACT = (Limit(5, HOUR), Limit(20, DAY))  # for an address that was only typed
TICKETS_PER_NETWORK = (Limit(20, HOUR), Limit(60, DAY))  # an office may have one
TICKETS_IN_ALL = (Limit(200, HOUR),)  # does not hold for those who have proven an address: they get through a flood


def check(connection: Connection, request: TicketRequest, now: datetime.datetime, total_times: int = 1) -> None:
    """Raises TooManyTickets when another ticket would be too many; the caller is alone.

    Args:
        total_times: how many times as many tickets as usual all people together may open.
    """
    counted: list[tuple[tuple[Limit, ...], Any]] = []
    if request.contact not in request.proven:
        counted.append((TICKETS_PER_CONTACT, tickets.c.contact == request.contact))
    if request.network:
        counted.append((TICKETS_PER_NETWORK, tickets.c.network == request.network))
    if not request.proven:
        counted.append((scaled(TICKETS_IN_ALL, total_times), sql.true()))
    waits = (longest_wait(connection, most, tickets.c.created_at, which, now) for most, which in counted)
    wait = max(waits, default=0)
    if wait:
        raise TooManyTickets(wait)
