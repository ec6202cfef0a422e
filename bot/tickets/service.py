"""Use cases of tickets: each is one transaction with the history, the mails and the message in the conversation."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy.engine import Connection

from bot.clock import Clock
from bot.database import Database
from bot.errors import UnknownTicket
from bot.outbox.message import OutgoingMail
from bot.tickets.mails import Mails
from bot.tickets.store import TicketStore
from bot.tickets.ticket import (
    LEARNER,
    SYSTEM,
    State,
    Ticket,
    TicketEvent,
    TicketFilter,
    TicketRequest,
    What,
    suggest,
    wording,
    working_days,
)

PostMail = Callable[[Connection, OutgoingMail], str]
Tell = Callable[[Connection, Ticket, TicketEvent], None]
TicketListener = Callable[[Connection, Ticket, TicketEvent], None]
CONFIRMED_UNPROVEN = 3  # confirmations a day to an address that nobody has proven
REMIND_AFTER = 2  # working days that nobody touched a ticket


class Tickets:
    """What one can do with tickets, whatever the face."""

    def __init__(
        self,
        database: Database,
        mails: Mails,
        post: PostMail,
        tell: Tell,
        clock: Clock,
        listeners: Sequence[TicketListener] = (),
        answered_within: Callable[[], str] = str,
    ) -> None:
        """Put the parts together.

        Args:
            database: one whose schema exists.
            mails: writes the mails.
            post: puts a mail into the outbox within the given transaction; returns its id.
            tell: shows an event to the learner in the conversation, within the given transaction.
            listeners: told of every event within the transaction, to announce it elsewhere.
            answered_within: how soon the team usually answers, in words; "" where that is not known.
        """
        self.store = TicketStore(database)
        self._database, self._mails, self._post, self._tell = database, mails, post, tell
        self._clock, self.listeners, self._answered_within = clock, list(listeners), answered_within

    def open(self, request: TicketRequest) -> Ticket:
        """A ticket for a request: a new one, the one that this request has made already, or the conversation's open
        one; a request that is `separate` gets a ticket of its own.
        """
        within = self._answered_within()  # before the transaction, which would wait for itself
        with self._database.transaction() as connection:
            self.store.alone(connection)
            known = self.store.by_key(connection, request.key) or self._unresolved(connection, request)
            return known or self._open(connection, request, within)

    def of_conversation(self, conversation_id: str) -> Ticket | None:
        """The newest ticket of a conversation."""
        with self._database.transaction() as connection:
            return self.store.of_conversation(connection, conversation_id)

    def all_of_conversation(self, conversation_id: str) -> list[Ticket]:
        """All tickets of a conversation, newest first."""
        with self._database.transaction() as connection:
            return self.store.all_of_conversation(connection, conversation_id)

    def filed_by(self, addresses: Sequence[str]) -> list[Ticket]:
        """The tickets of a contact; the caller has made sure that the addresses are proven."""
        with self._database.transaction() as connection:
            return self.store.filed_by(connection, list(addresses))

    def of_letters(self, letters: Sequence[str]) -> Ticket | None:
        """The ticket that one of these letters opened, the first named first."""
        with self._database.transaction() as connection:
            return self.store.of_letters(connection, list(letters))

    def knows(self, key: str) -> bool:
        """Whether a reply or an answer with this key was kept."""
        with self._database.transaction() as connection:
            return self.store.has_event(connection, key)

    def get(self, reference: str) -> Ticket:
        """One ticket; raises UnknownTicket."""
        with self._database.transaction() as connection:
            return self._known(connection, reference)

    def events(self, reference: str) -> list[TicketEvent]:
        """A ticket's history, oldest first."""
        with self._database.transaction() as connection:
            return self.store.events(connection, _spelt(reference))

    def find(self, wanted: TicketFilter = TicketFilter(), page: int = 1) -> tuple[list[Ticket], int]:
        """One page of tickets, counted from 1, and how many there are on all pages."""
        with self._database.transaction() as connection:
            return self.store.find(connection, wanted, max(1, page))

    def counts(self) -> dict[State, int]:
        """How many tickets are in each state."""
        with self._database.transaction() as connection:
            return self.store.counts(connection)

    def load(self) -> tuple[dict[State, int], float]:
        """How many tickets are in each state, and for how many seconds the oldest has waited for the team."""
        with self._database.transaction() as connection:
            counts, oldest = self.store.counts(connection), self.store.oldest_untouched(connection)
        return counts, max(0.0, (self._clock() - oldest).total_seconds()) if oldest else 0.0

    def reopened_since(self, moment: datetime.datetime) -> int:
        """How many times a resolved ticket was opened again since a moment."""
        with self._database.transaction() as connection:
            return self.store.reopened_since(connection, moment)

    def claim(self, reference: str, by: str, via: str) -> Ticket:
        """Somebody of the team takes it; raises UnknownTicket, AlreadyClaimed."""
        return self._change(reference, lambda ticket: ticket.claimed(by), by, What.ASSIGNED, via)

    def release(self, reference: str, by: str, via: str) -> Ticket:
        """It is anybody's again; raises UnknownTicket."""
        return self._change(reference, lambda ticket: ticket.released(), by, What.RELEASED, via)

    def reply(self, reference: str, by: str, text: str, via: str, *, key: str = "", mailed: bool = False) -> Ticket:
        """The team writes to the learner; the same `key` is the same reply.

        Args:
            mailed: the learner has it by mail already; it is only kept and shown.

        Raises:
            UnknownTicket: no such ticket.
            EmptyText, TextTooLong: the text cannot be kept.
        """
        return self._change(reference, lambda t: t.replied(by), by, What.REPLIED, via, wording(text), key, mailed)

    def answer(self, reference: str, text: str, via: str, *, key: str = "") -> Ticket:
        """The learner writes to the team; a resolved ticket is open again. Raises as `reply` does."""
        return self._change(reference, lambda t: t.answered(), LEARNER, What.ANSWERED, via, wording(text), key)

    def note(self, reference: str, by: str, text: str, via: str) -> Ticket:
        """Something for the team alone. Raises as `reply` does."""
        return self._change(reference, lambda ticket: ticket, by, What.NOTE, via, wording(text))

    def resolve(self, reference: str, by: str, text: str = "", *, via: str) -> Ticket:
        """Done; the learner is told, with a last word if any. A resolved ticket stays as it is."""
        words = wording(text) if text.strip() else ""
        return self._change(reference, lambda ticket: ticket.resolved(), by, What.RESOLVED, via, words)

    def withdraw(self, reference: str, text: str, via: str) -> Ticket:
        """The learner needs it no more; the team is told, with the learner's words if any. Raises as `reply` does."""
        words = wording(text) if text.strip() else ""
        return self._change(reference, lambda ticket: ticket.resolved(), LEARNER, What.WITHDRAWN, via, words)

    def reopen(self, reference: str, by: str, via: str) -> Ticket:
        """Not done after all."""
        return self._change(reference, lambda ticket: ticket.reopened(), by, What.REOPENED, via)

    def remind(self) -> int:
        """Remind the team of tickets that nobody touched for two working days, once each; returns how many."""
        now, reminded = self._clock(), 0
        with self._database.transaction() as connection:
            self.store.alone(connection)
            for ticket in self.store.untouched(connection, now - datetime.timedelta(days=REMIND_AFTER)):
                if working_days(ticket.updated_at, now) >= REMIND_AFTER:
                    self._keep(connection, ticket, TicketEvent(at=now, who=SYSTEM, what=What.REMINDED))
                    self.store.reminded(connection, ticket.reference, now)
                    reminded += 1
        return reminded

    def _unresolved(self, connection: Connection, request: TicketRequest) -> Ticket | None:
        if not request.conversation_id or request.separate:
            return None
        ticket = self.store.of_conversation(connection, request.conversation_id)
        return ticket if ticket and ticket.open else None

    def _open(self, connection: Connection, request: TicketRequest, within: str) -> Ticket:
        now = self._clock()
        reference, number = self.store.next_reference(connection, now.year)
        ticket = Ticket(
            reference=reference,
            state=State.NEW,
            contact=request.contact,
            about=wording(request.about),
            reason=request.reason,
            suggested_action=suggest(request),
            conversation_id=request.conversation_id,
            channel=request.channel,
            created_at=now,
            updated_at=now,
            proven=request.proven,
            diagnosis=request.diagnosis,
            credentials=request.credentials,
            faqs=request.faqs,
            transcript=request.transcript,
        )
        self.store.add(connection, ticket, request, number)
        team = self._post(connection, self._mails.to_team(ticket))
        confirms = self._confirms(connection, ticket)
        learner = self._post(connection, self._mails.confirmation(ticket, within)) if confirms else ""
        ticket = replace(ticket, team_thread=team, learner_thread=learner)
        self._keep(connection, ticket, TicketEvent(at=now, who=LEARNER, what=What.OPENED, via=request.channel))
        return ticket

    def _confirms(self, connection: Connection, ticket: Ticket) -> bool:
        """Whether to write to the contact: an address that was only typed is nobody's to flood."""
        since = ticket.created_at - datetime.timedelta(days=1)
        recent = [one for one in self.store.filed_by(connection, [ticket.contact]) if one.created_at > since]
        return ticket.contact_proven or len(recent) <= CONFIRMED_UNPROVEN

    def _change(
        self,
        reference: str,
        change: Callable[[Ticket], Ticket],
        who: str,
        what: What,
        via: str,
        text: str = "",
        key: str = "",
        mailed: bool = False,
    ) -> Ticket:
        now = self._clock()
        with self._database.transaction() as connection:
            self.store.alone(connection)
            ticket = self._known(connection, reference)
            if key and self.store.has_event(connection, key):
                return ticket
            changed = change(ticket)
            if changed == ticket and not text:
                return ticket
            changed = replace(changed, updated_at=now)
            self._keep(connection, changed, TicketEvent(at=now, who=who, what=what, text=text, via=via), key, mailed)
            return changed

    def _keep(
        self, connection: Connection, ticket: Ticket, event: TicketEvent, key: str = "", mailed: bool = False
    ) -> None:
        self.store.update(connection, ticket)
        self.store.add_event(connection, ticket.reference, event, key)
        mail = None if mailed else self._mails.about(ticket, event)
        if mail is not None:
            self._post(connection, mail)
        if event.what in (What.REPLIED, What.RESOLVED) and ticket.conversation_id:
            self._tell(connection, ticket, event)
        for listener in self.listeners:
            listener(connection, ticket, event)

    def _known(self, connection: Connection, reference: str) -> Ticket:
        ticket = self.store.get(connection, _spelt(reference))
        if ticket is None:
            raise UnknownTicket(_spelt(reference))
        return ticket


def _spelt(reference: str) -> str:
    return reference.strip().upper()[:20]
