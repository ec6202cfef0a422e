"""Use cases of tickets: each is one transaction with the history, the mails and the message in the conversation."""

import datetime
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy.engine import Connection

from bot.attachments import records
from bot.clock import Clock
from bot.database import Database
from bot.errors import TicketChanged, UnfilledPlaceholder, UnknownTicket
from bot.outbox.message import OutgoingMail
from bot.tickets import limits
from bot.tickets.files import with_files
from bot.tickets.mail_tables import TicketMail
from bot.tickets.mails import Mails, known_of
from bot.tickets.placeholders import MOST_WRONG, left
from bot.tickets.service_level import ServiceLevel
from bot.tickets.store import TicketStore
from bot.tickets.suggestion import suggest
from bot.tickets.ticket import (
    LEARNER,
    SYSTEM,
    State,
    Ticket,
    TicketEvent,
    TicketFilter,
    TicketRequest,
    What,
    by_mail,
    news,
    with_zeros,
    wording,
    working_days,
)

PostMail = Callable[[Connection, OutgoingMail], str]
Tell = Callable[[Connection, Ticket, TicketEvent], None]
TicketListener = Callable[[Connection, Ticket, TicketEvent], None]
CONFIRMED_UNPROVEN = 3  # confirmations a day to an address that nobody has proven
TOLD = (What.REPLIED, What.RESOLVED, What.ASKED_AGAIN, What.CLOSED)  # to the learner, in the conversation
MOST_GIVEN, GIVEN_WITHIN = 10, datetime.timedelta(hours=1)  # mails that tell a colleague what they were given
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
        level: ServiceLevel = ServiceLevel(),
        total_times: int = 1,
        never_filled: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        """Put the parts together.

        Args:
            database: one whose schema exists.
            mails: writes the mails.
            post: puts a mail into the outbox within the given transaction; returns its id.
            tell: shows an event to the learner in the conversation, within the given transaction.
            listeners: told of every event within the transaction, to announce it elsewhere.
            answered_within: how soon the team usually answers, in words; "" where that is not known.
            level: within what time the team wants to answer and to resolve.
            total_times: how many times as many tickets as usual all people together may open.
            never_filled: what canned answers have in braces that nothing fills in.
        """
        self._never_filled = never_filled
        self.level, self._total_times = level, total_times
        self.store = TicketStore(database)
        self._database, self._mails, self._post, self._tell = database, mails, post, tell
        self._clock, self.listeners, self._answered_within = clock, list(listeners), answered_within

    def open(self, request: TicketRequest) -> Ticket:
        """A ticket for a request: a new one, the one that this request has made already, or the conversation's open
        one, to which its words are added; a request that is `separate`, or is to be answered at another address, gets a
        ticket of its own. Raises TooManyTickets, EmptyText, TextTooLong.
        """
        within = self._answered_within()  # before the transaction, which would wait for itself
        said = known_of(request)  # before it too, as nobody else writes meanwhile
        with self._database.transaction() as connection:
            self.store.alone(connection)
            if made := self.store.by_key(connection, request.key):
                return made
            there = self._unresolved(connection, request)
            if there is None:
                return self._open(connection, request, within, said)
        words = wording(request.about)
        if words == there.about:
            return there
        return self.answer(there.reference, words, request.channel, key=request.key, files=request.files)

    def clock(self) -> datetime.datetime:
        """The time that tickets go by."""
        return self._clock()

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

    def of_mails(self, mails: Sequence[str]) -> Ticket | None:
        """The ticket that one of these mails is about, by their ids, the first named first."""
        with self._database.transaction() as connection:
            return self.store.of_mails(connection, list(mails))

    def about(self, mail: str) -> TicketMail | None:
        """What a mail is about, by its id."""
        with self._database.transaction() as connection:
            return self.store.mail(connection, mail)

    def remember_mail(self, mail: str, reference: str) -> None:
        """Somebody's mail became part of a ticket: what answers it does, too."""
        with self._database.transaction() as connection:
            self.store.add_mail(connection, mail, TicketMail(_spelt(reference), to_team=False))

    def knows(self, key: str) -> bool:
        """Whether a reply or an answer with this key was kept."""
        with self._database.transaction() as connection:
            return self.store.has_event(connection, key)

    def get(self, reference: str) -> Ticket:
        """One ticket; raises UnknownTicket."""
        with self._database.transaction() as connection:
            return self.known(connection, reference)

    def events(self, reference: str) -> list[TicketEvent]:
        """A ticket's history, oldest first."""
        with self._database.transaction() as connection:
            return self.store.events(connection, _spelt(reference))

    def find(self, wanted: TicketFilter = TicketFilter(), page: int = 1) -> tuple[list[Ticket], int]:
        """One page of tickets, counted from 1, and how many on all pages; at most one more than `count_to`."""
        if wanted.due_first is not None:
            wanted = replace(wanted, to_be_resolved=self.level.to_be_resolved(wanted.due_first))
        with self._database.transaction() as connection:
            return self.store.find(connection, wanted, max(1, page))

    def unanswered(self, tickets: Sequence[Ticket]) -> set[str]:
        """The references of those that wait for the team, and in which the learner has written since the team did."""
        waiting = [one.reference for one in tickets if one.waits_for_team]
        with self._database.transaction() as connection:
            return self.store.unanswered(connection, waiting)

    def counts(self) -> dict[State, int]:
        """How many tickets are in each state."""
        with self._database.transaction() as connection:
            return self.store.counts(connection)

    def asleep(self, now: datetime.datetime) -> dict[State, int]:
        """How many tickets of each state are snoozed."""
        with self._database.transaction() as connection:
            return self.store.asleep(connection, now)

    def merged(self, reference: str) -> list[Ticket]:
        """The tickets that go on in this one, oldest first."""
        with self._database.transaction() as connection:
            return self.store.merged(connection, reference)

    def undelivered(self) -> dict[What, int]:
        """How many mails about tickets did not arrive, by what became of them."""
        with self._database.transaction() as connection:
            return self.store.undelivered(connection)

    def load(self) -> tuple[dict[State, int], float]:
        """How many tickets are in each state, and for how many seconds the oldest has waited for the team."""
        with self._database.transaction() as connection:
            counts, oldest = self.store.counts(connection), self.store.oldest_untouched(connection)
        return counts, max(0.0, (self._clock() - oldest).total_seconds()) if oldest else 0.0

    def overdue(self) -> int:
        """How many tickets wait longer for an answer, or are open for longer, than the settings say."""
        now = self._clock()
        with self._database.transaction() as connection:
            return self.store.overdue(connection, now, self.level.to_be_resolved(now))

    def claim(self, reference: str, by: str, via: str, instead_of: str = "") -> Ticket:
        """Somebody of the team takes it; raises UnknownTicket, AlreadyClaimed where another has it.

        Args:
            instead_of: from whom it may be taken, "" for nobody.
        """

        def change(ticket: Ticket) -> Ticket:
            taken_over = instead_of and ticket.assigned_to == instead_of
            return (ticket.released() if taken_over else ticket).claimed(by)

        return self.change(reference, change, by, What.ASSIGNED, via)

    def release(self, reference: str, by: str, via: str) -> Ticket:
        """It is anybody's again; raises UnknownTicket."""
        return self.change(reference, lambda ticket: ticket.released(), by, What.RELEASED, via)

    def reply(
        self,
        reference: str,
        by: str,
        text: str,
        via: str,
        *,
        key: str = "",
        mailed: bool = False,
        seen: str = "",
        files: Sequence[str] = (),
        as_it_stands: Collection[str] = (),
    ) -> Ticket:
        """The team writes to the learner; the same `key` is the same reply.

        Args:
            as_it_stands: see `check_filled`.
            files: the ids of those that go with it.
            mailed: the learner has it by mail already; it is only kept and shown.
            seen: the version of the ticket that was answered, where one is known.

        Raises:
            UnknownTicket: no such ticket.
            TicketChanged: there is news since `seen`.
            EmptyText, TextTooLong: the text cannot be kept.
            UnfilledPlaceholder: see `check_filled`.
        """
        words = wording(text)
        if not mailed:
            self.check_filled(words, as_it_stands)
        return self.change(reference, lambda t: t.replied(by), by, What.REPLIED, via, words, key, mailed, seen, files)

    def check_filled(self, text: str, as_it_stands: Collection[str] = ()) -> None:
        """Raises UnfilledPlaceholder where a text to a learner has placeholders that were not filled in.

        Args:
            text: what is about to be sent.
            as_it_stands: those of them that somebody wants to send like this.
        """
        found = left(text, self._never_filled() if "{" in text else ())[:MOST_WRONG]
        if not set(found) <= set(as_it_stands):
            raise UnfilledPlaceholder(found)

    def answer(self, reference: str, text: str, via: str, *, key: str = "", files: Sequence[str] = ()) -> Ticket:
        """The learner writes to the team; a resolved ticket is open again. Raises as `reply` does.

        Args:
            files: the ids of those that came with it; what the conversation has beside them goes along.
        """
        words = wording(text)
        return self.change(reference, lambda t: t.answered(), LEARNER, What.ANSWERED, via, words, key, files=files)

    def not_delivered(self, what: What, about: TicketMail, reason: str, *, key: str) -> Ticket:
        """A mail about a ticket did not arrive; if it was the learner's, the ticket waits for the team.

        Args:
            what: GIVEN_UP or BOUNCED.
            reason: in words, shown to the team.
            key: the same is the same event.

        Raises:
            UnknownTicket: it has been deleted.
        """

        def change(ticket: Ticket) -> Ticket:
            return ticket if about.to_team else ticket.not_reached()

        text = wording(reason)
        return self.change(about.reference, change, SYSTEM, what, "mail", text, key, mailed=about.to_team)

    def note(self, reference: str, by: str, text: str, via: str) -> Ticket:
        """Something for the team alone. Raises as `reply` does."""
        return self.change(reference, lambda ticket: ticket, by, What.NOTE, via, wording(text))

    def resolve(
        self,
        reference: str,
        by: str,
        text: str = "",
        *,
        via: str,
        key: str = "",
        seen: str = "",
        files: Sequence[str] = (),
        as_it_stands: Collection[str] = (),
    ) -> Ticket:
        """Done; the learner is told, with a last word if any. Of a resolved ticket only a last word is told.

        The same `key` is the same last word. Raises as `reply` does.
        """
        words = wording(text) if text.strip() else ""
        self.check_filled(words, as_it_stands)
        return self.change(
            reference, lambda t: t.resolved(), by, What.RESOLVED, via, words, key, seen=seen, files=files
        )

    def withdraw(self, reference: str, text: str, via: str) -> Ticket:
        """The learner needs it no more; the team is told, with the learner's words if any. Raises as `reply` does."""
        words = wording(text) if text.strip() else ""
        return self.change(reference, lambda ticket: ticket.resolved(), LEARNER, What.WITHDRAWN, via, words)

    def reopen(self, reference: str, by: str, via: str) -> Ticket:
        """Not done after all."""
        return self.change(reference, lambda ticket: ticket.reopened(), by, What.REOPENED, via)

    def remind(self) -> int:
        """Remind the team of tickets that nobody touched for two working days, again and again; returns how many."""
        now, reminded = self._clock(), 0
        with self._database.transaction() as connection:
            self.store.alone(connection)
            for ticket, last in self.store.untouched(connection, now - datetime.timedelta(days=REMIND_AFTER), now):
                if working_days(last, now) >= REMIND_AFTER:
                    self.keep(connection, ticket, TicketEvent(at=now, who=SYSTEM, what=What.REMINDED))
                    self.store.reminded(connection, ticket.reference, now)
                    reminded += 1
        return reminded

    def _unresolved(self, connection: Connection, request: TicketRequest) -> Ticket | None:
        if not request.conversation_id or request.separate:
            return None
        ticket = self.store.of_conversation(connection, request.conversation_id)
        return ticket if ticket and ticket.open and ticket.contact == request.contact else None

    def _open(self, connection: Connection, request: TicketRequest, within: str, said: Mapping[str, object]) -> Ticket:
        now = self._clock()
        limits.check(connection, request, now, self._total_times)
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
            since=now,
            proven=request.proven,
            diagnosis=request.diagnosis,
            credentials=request.credentials,
            faqs=request.faqs,
            transcript=request.transcript,
        )
        ticket = replace(ticket, due_at=self.level.due(ticket))
        self.store.add(connection, ticket, request, number)
        files = records.bind(connection, request.files, reference, [request.conversation_id], "")
        team = self._send(connection, ticket, self._mails.to_team(ticket, said, files))
        confirms = self._confirms(connection, ticket)
        learner = self._send(connection, ticket, self._mails.confirmation(ticket, within)) if confirms else ""
        ticket = replace(ticket, team_thread=team, learner_thread=learner)
        opened = TicketEvent(at=now, who=LEARNER, what=What.OPENED, via=request.channel, files=files)
        self.keep(connection, ticket, opened)
        return ticket

    def _confirms(self, connection: Connection, ticket: Ticket) -> bool:
        """Whether to write to the contact: an address that was only typed is nobody's to flood."""
        since = ticket.created_at - datetime.timedelta(days=1)
        recent = [one for one in self.store.filed_by(connection, [ticket.contact]) if one.created_at > since]
        return ticket.contact_proven or len(recent) <= CONFIRMED_UNPROVEN

    def change(
        self,
        reference: str,
        change: Callable[[Ticket], Ticket],
        who: str,
        what: What,
        via: str,
        text: str = "",
        key: str = "",
        mailed: bool = False,
        seen: str = "",
        files: Sequence[str] = (),
        says_more: bool = True,
    ) -> Ticket:
        """Change one ticket in a transaction of its own, and keep what happened; nothing where nothing changes.

        Args:
            change: gives the ticket as it should be, or raises what the caller is told.
            who: a staff address, LEARNER or SYSTEM.
            key: names the event, as one that must not happen twice; "" where it may.
            mailed: see `keep`.
            seen: the version that was acted on, "" where none is known.
            files: the ids of those that go with it.
            says_more: whether a text is a change by itself, or only tells of one.

        Raises:
            UnknownTicket: no such ticket.
            TicketChanged: there is news since `seen`.
        """
        event = TicketEvent(at=self._clock(), who=who, what=what, text=text, via=via, key=key)
        with self._database.transaction() as connection:
            self.store.alone(connection)
            ticket = self.known(connection, reference)
            if key and self.store.has_event(connection, key):
                return ticket
            if seen and news(self.store.events(connection, ticket.reference), seen, who):
                raise TicketChanged(ticket.reference)
            changed = change(ticket)
            if changed == ticket and not (text and says_more):
                return ticket
            changed = self.timed(ticket, changed, event)
            theirs = self._conversations(connection, changed)
            self.keep(connection, changed, with_files(connection, changed, event, files, theirs), mailed)
            return changed

    def give(self, connection: Connection, ticket: Ticket, to: str, by: str, via: str, at: datetime.datetime) -> Ticket:
        """Somebody of the team has it from now on, whoever had it; the caller is alone, and tells them."""
        given = ticket.released().claimed(to)
        if given == ticket:
            return ticket
        what, text = (What.ASSIGNED, "") if to == by else (What.HANDED_ON, to)
        event = TicketEvent(at=at, who=by, what=what, text=text, via=via)
        given = self.timed(ticket, given, event)
        self.keep(connection, given, event)
        return given

    def tell_given(
        self, connection: Connection, given: Sequence[Ticket], to: str, by: str, at: datetime.datetime
    ) -> bool:
        """One mail to a colleague about tickets that `give` has just given; False where it would be one too many.

        Args:
            at: as in their history, by which the mails of an hour are counted.
        """
        before = self.store.times_given(connection, to, at - GIVEN_WITHIN, at)
        if before >= MOST_GIVEN:
            return False
        letter = self._post(connection, self._mails.given(given, to, by, last=before + 1 == MOST_GIVEN))
        self.store.add_mail(connection, letter, TicketMail(given[0].reference, to_team=True))
        return True

    def timed(self, before: Ticket, after: Ticket, event: TicketEvent) -> Ticket:
        """A changed ticket with the times that follow from an event."""
        turned = (before.open, before.waits_for_team) != (after.open, after.waits_for_team)
        since = event.at if turned or event.what is What.REPLIED else before.since or before.updated_at
        after = replace(after, since=since, updated_at=event.at)
        return replace(after, due_at=self.level.due(after))

    def keep(self, connection: Connection, ticket: Ticket, event: TicketEvent, mailed: bool = False) -> None:
        """Keep a changed ticket with what happened to it, and tell whom it concerns; the caller is alone.

        Args:
            event: with a key where it must not happen twice.
            mailed: whom it concerns has it by mail already.
        """
        self.store.update(connection, ticket, event)
        mail = None if mailed else self._mails.about(ticket, event)
        if mail is not None:
            self._send(connection, ticket, mail)
        if event.what in TOLD or by_mail(ticket, event):
            for conversation_id in self._conversations(connection, ticket):
                self._tell(connection, replace(ticket, conversation_id=conversation_id), event)
        for listener in self.listeners:
            listener(connection, ticket, event)

    def _send(self, connection: Connection, ticket: Ticket, mail: OutgoingMail) -> str:
        letter = self._post(connection, mail)
        self.store.add_mail(connection, letter, TicketMail(ticket.reference, to_team=mail.to != ticket.contact))
        return letter

    def _conversations(self, connection: Connection, ticket: Ticket) -> list[str]:
        """Where the learner is told: the ticket's conversation, and those of tickets of theirs merged into it.

        An address that was only typed makes nobody its owner: what is said to the learner stays out of that chat.
        """
        merged = self.store.merged(connection, ticket.reference)
        theirs = [ticket, *(one for one in merged if one.contact == ticket.contact and one.contact_proven)]
        return list(dict.fromkeys(one.conversation_id for one in theirs if one.conversation_id))

    def known(self, connection: Connection, reference: str) -> Ticket:
        """A ticket by its reference, however spelt; raises UnknownTicket."""
        ticket = self.store.get(connection, _spelt(reference))
        if ticket is None:
            raise UnknownTicket(_spelt(reference))
        return ticket


def _spelt(reference: str) -> str:
    return with_zeros(reference.strip().upper()[:20])
