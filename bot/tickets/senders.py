"""Whose side of a ticket somebody who writes a mail is on: decided here alone, however the mail came in."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from bot.tickets.ticket import Ticket


class Side(str, Enum):
    """Whom a mail speaks for."""

    LEARNER = "learner"
    TEAM = "team"
    OTHER = "other"


@dataclass(frozen=True)
class Senders:
    """Knows the team's side; each ticket knows its learner's.

    Args:
        team: the address of the certification team.
        staff: the people of the team, in small letters.
        own: the other addresses that we write from, in small letters.
    """

    team: str
    staff: Collection[str]
    own: Collection[str] = ()

    @property
    def ours(self) -> frozenset[str]:
        """All addresses that our side writes from."""
        return frozenset({self.team.lower(), *self.staff, *self.own})

    def side(self, sender: str, ticket: Ticket) -> Side:
        """Whom a sender, in small letters, speaks for in a ticket.

        Its contact, and whoever has proven another address of the same person, is its learner, on the staff or not: at
        worst the team reads a word of its own, where the other way round one of the learner's would be mailed out as
        the team's.
        """
        if sender and sender in ticket.addresses:
            return Side.LEARNER
        return Side.TEAM if sender == self.team.lower() or sender in self.staff else Side.OTHER
