"""What the team does with tickets at its desk: give away, order, put off, merge. Each is one transaction."""

import datetime
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from bot.database import Database
from bot.errors import BotError, CannotMerge, InvalidTag, NotStaff, UnknownTicket
from bot.tickets.service import Tickets
from bot.tickets.store import LONGEST_TAGS
from bot.tickets.ticket import Priority, Ticket, TicketEvent, What, readable

MOST_TAGS, LONGEST_TAG = 10, 30
_BETWEEN_TAGS = re.compile(r"[\s,;]+")
_NO_TAG = re.compile(r"[^\w-]")


@dataclass(frozen=True)
class Desk:
    """Changes to tickets that the learner is not told of; who is given one by a colleague is.

    Args:
        staff: who can be given a ticket, asked at each use.
    """

    database: Database
    tickets: Tickets
    staff: Collection[str]

    def assign(self, reference: str, to: str, by: str, via: str) -> Ticket:
        """Give a ticket to a colleague, who gets a mail, or take it, whoever has it; raises UnknownTicket, NotStaff."""
        self._give([reference], to, by, via)
        return self.tickets.get(reference)

    def assign_each(self, references: Iterable[str], to: str, by: str, via: str) -> tuple[int, list[str]]:
        """Give several tickets away, of which one mail tells; returns as `each` does. Raises NotStaff."""
        failed = list[str]()
        return self._give(references, to, by, via, failed), failed

    def _give(self, references: Iterable[str], to: str, by: str, via: str, failed: list[str] | None = None) -> int:
        """How many there were; those that are not there are added to `failed`, or raise UnknownTicket without it."""
        if to not in self.staff:
            raise NotStaff(to)
        now, there, given = self.tickets.clock(), 0, list[Ticket]()
        with self.database.transaction() as connection:
            self.tickets.store.alone(connection)
            for reference in references:
                try:
                    before = self.tickets.known(connection, reference)
                except UnknownTicket:
                    if failed is None:
                        raise
                    failed.append(reference)
                    continue
                after = self.tickets.give(connection, before, to, by, via, now)
                there += 1
                if after != before and after.open:
                    given.append(after)
            if given and to != by:
                self.tickets.tell_given(connection, given, to, by, now)
        return there

    def prioritise(self, reference: str, priority: Priority, by: str, via: str) -> Ticket:
        """Say how soon it wants an answer; raises UnknownTicket."""
        words = priority.name.lower()
        return self.tickets.change(
            reference, lambda one: replace(one, priority=priority), by, What.PRIORITISED, via, words, says_more=False
        )

    def tag(self, reference: str, tags: Iterable[str], by: str, via: str) -> Ticket:
        """Give it exactly these tags, as `tags_of` makes them; raises UnknownTicket."""
        wanted = tuple(tags)
        words = ", ".join(wanted)
        return self.tickets.change(
            reference, lambda one: replace(one, tags=wanted), by, What.TAGGED, via, words, says_more=False
        )

    def add_tags(self, reference: str, tags: Iterable[str], by: str, via: str) -> Ticket:
        """Give it these tags beside those that it has; raises UnknownTicket, InvalidTag where they are too many."""
        return self.tag(reference, fitting_tags([*self.tickets.get(reference).tags, *tags]), by, via)

    def retag(self, reference: str, was: Collection[str], wanted: Collection[str], by: str, via: str) -> Ticket:
        """Change its tags as somebody changed those that they saw; raises UnknownTicket, InvalidTag."""
        left = [one for one in self.tickets.get(reference).tags if one in wanted or one not in was]
        added = [one for one in wanted if one not in was]
        return self.tag(reference, fitting_tags([*left, *added]), by, via)

    def snooze(self, reference: str, until: datetime.datetime | None, by: str, via: str, day: str = "") -> Ticket:
        """Put it off until a moment, whose day is told in the history; None brings it back. Raises UnknownTicket."""

        def change(one: Ticket) -> Ticket:
            return replace(one, snoozed_until=until) if one.open else one

        return self.tickets.change(reference, change, by, What.SNOOZED, via, day, says_more=False)

    def merge(self, reference: str, into: str, by: str, via: str) -> Ticket:
        """Let a duplicate go on in another ticket, which is returned: mails and answers to either come there.

        The duplicate keeps its history, its mails and its transcript, which are shown with those of the other.

        Raises:
            UnknownTicket: one of them.
            CannotMerge: they are the same.
        """
        tickets, store = self.tickets, self.tickets.store
        now = tickets.clock()
        with self.database.transaction() as connection:
            store.alone(connection)
            duplicate, kept = tickets.known(connection, reference), tickets.known(connection, into)
            if duplicate.reference == kept.reference:
                raise CannotMerge
            for one in (*store.merged(connection, duplicate.reference), duplicate):
                store.update(connection, replace(one, merged_into=kept.reference))
            told = TicketEvent(at=now, who=by, what=What.MERGED, text=kept.reference, via=via)
            gone = replace(duplicate.resolved(), merged_into=kept.reference, others=())
            tickets.keep(connection, tickets.timed(duplicate, gone, told), told)
            joined = _joined(kept, duplicate)
            news = replace(told, text=duplicate.reference)
            joined = tickets.timed(kept, joined, news)
            tickets.keep(connection, joined, news)
        return joined

    def each(self, references: Iterable[str], do: Callable[[str], object]) -> tuple[int, list[str]]:
        """Do something with several tickets; with how many it was done, and with which it was not possible."""
        done, failed = 0, list[str]()
        for reference in references:
            try:
                do(reference)
                done += 1
            except BotError:
                failed.append(reference)
        return done, failed

    def tags(self) -> list[str]:
        """All tags that tickets have, by name."""
        with self.database.transaction() as connection:
            return self.tickets.store.tags(connection)


def tags_of(text: str) -> tuple[str, ...]:
    """The tags that somebody typed, with blanks or commas between: small letters, digits and hyphens, each once.

    Raises InvalidTag where one has other characters or is too long, or there are too many.
    """
    return fitting_tags(word.removeprefix("#") for word in _BETWEEN_TAGS.split(readable(text).strip().lower()) if word)


def fitting_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Each once, in order; raises InvalidTag."""
    found = tuple(dict.fromkeys(tags))
    wrong = any(not tag or len(tag) > LONGEST_TAG or _NO_TAG.search(tag) for tag in found)
    if wrong or len(found) > MOST_TAGS or len(" ".join(found)) > LONGEST_TAGS - 2:
        raise InvalidTag
    return found


def _joined(kept: Ticket, duplicate: Ticket) -> Ticket:
    """The ticket that stays, with what the other knew of its learner; it waits for the team where either did."""
    others = {*kept.others, *duplicate.addresses} - {kept.contact, *kept.proven}
    joined = kept.answered() if duplicate.waits_for_team and kept.open else kept
    return replace(
        joined.reopened() if duplicate.open else joined,
        others=tuple(sorted(others)),
        tags=tuple(dict.fromkeys([*kept.tags, *duplicate.tags]))[:MOST_TAGS],
        priority=max(kept.priority, duplicate.priority),
        assigned_to=kept.assigned_to or duplicate.assigned_to,
    )
