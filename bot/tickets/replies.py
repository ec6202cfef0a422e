"""Answers by mail become part of their ticket: the team's go to the learner, the learner's to the team."""

import datetime
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from bot.clock import Clock
from bot.database import DATABASE_TROUBLE
from bot.errors import EmptyText, MailboxUnavailable, StoreUnavailable, TextTooLong, UnknownTicket
from bot.mail_reading.message import IncomingMail, read
from bot.tickets import bounces
from bot.tickets.addresses import TicketAddresses
from bot.tickets.inbox import Inbox
from bot.tickets.mail_tables import mail_id
from bot.tickets.mail_words import event_text, key_of
from bot.tickets.mailboxes import Mailbox
from bot.tickets.received import VIA_MAIL, ReceivedMails
from bot.tickets.senders import Senders, Side
from bot.tickets.service import Tickets
from bot.tickets.ticket import Ticket

MAILS_A_ROUND = 50
MOST_AN_HOUR = 20  # mails to one ticket; more are machines that answer each other
log = logging.getLogger(__name__)


class Outcome(str, Enum):
    """What became of a mail; all but TAKEN and BOUNCE are refused, and the value says why."""

    TAKEN = "taken"
    BOUNCE = "the report that a mail did not arrive"
    UNREADABLE = "unreadable"
    AUTOMATIC = "automatic"
    NO_TICKET = "no ticket"
    STRANGER = "stranger"
    FORGED = "forged"
    EMPTY = "no words"
    TOO_MANY = "too many"


@dataclass(frozen=True)
class Replies:
    """Reads a mailbox.

    Args:
        received: keeps each mail as it came, and tells senders of refused ones.
        addresses: read the signed recipients; None when there are none, then Message-IDs alone tell the ticket.
        senders: tell whom a mail speaks for.
        server: the receiving server whose findings about forged senders count; "" for the last one.
        own_letter: whether an id is one of a letter of ours, which must not come back as an answer.
        domain: of our Message-IDs.
    """

    tickets: Tickets
    received: ReceivedMails
    mailbox: Mailbox
    addresses: TicketAddresses | None
    senders: Senders
    server: str
    own_letter: Callable[[str], bool]
    domain: str
    clock: Clock
    inbox: Inbox

    def poll(self) -> int:
        """Take what is unread, up to a batch; returns how many mails were looked at.

        A mail is marked only after it was kept. Raises MailboxUnavailable, SQLAlchemyError: what was not marked is read
        again next time.
        """
        looked_at = 0
        try:
            with self.inbox.looked_at():
                for mail in self.mailbox.unread(MAILS_A_ROUND):
                    outcome = self._taken(mail.content, mail.whole)
                    if outcome in (Outcome.TAKEN, Outcome.BOUNCE):
                        self.mailbox.read(mail)
                    else:
                        self.mailbox.refuse(mail)
                        log.warning("an incoming mail was refused: %s", outcome.value)
                    looked_at += 1
        except MailboxUnavailable as error:
            log.warning("%s", error)
            raise
        finally:
            self.mailbox.close()
        return looked_at

    def _taken(self, content: bytes, whole: bool) -> Outcome:
        """As `take`; a mail that we cannot deal with is put aside as it came, and holds up no other one."""
        try:
            return self.take(content, whole)
        except (*DATABASE_TROUBLE, OSError, StoreUnavailable, UnknownTicket):  # no fault of the mail: it is read again
            raise
        except Exception as error:
            log.error("an incoming mail could not be dealt with: %s", type(error).__name__, exc_info=error)
            self.received.refuse(None, content, Outcome.UNREADABLE.value, whole=whole)
            return Outcome.UNREADABLE

    def take(self, content: bytes, whole: bool = True) -> Outcome:
        """Add one mail to its ticket, or put it aside for a person; the same mail again changes nothing.

        Args:
            whole: whether the content is all of it.
        """
        if self._reports_a_loss(content):
            return Outcome.BOUNCE
        try:
            mail = read(content, self.senders.ours, self.server)
        except Exception as error:  # noqa: BLE001  Python's parser fails in many ways; one mail must not stop the others
            log.warning("an incoming mail cannot be read: %s", type(error).__name__)
            self.received.refuse(None, content, Outcome.UNREADABLE.value, whole=whole)
            return Outcome.UNREADABLE
        if mail.automatic or self._is_own(mail):
            return self._refused(Outcome.AUTOMATIC, mail, content, whole)
        ticket = self._ticket(mail)
        if ticket is None:
            return self._refused(Outcome.NO_TICKET, mail, content, whole)
        outcome = self._check(mail, ticket) or self._add(mail, ticket, content)
        if outcome is not Outcome.TAKEN:
            return self._refused(outcome, mail, content, whole, ticket)
        self.received.keep(mail, content, ticket.reference, key_of(mail), whole=whole)
        return outcome

    def _refused(
        self, outcome: Outcome, mail: IncomingMail, content: bytes, whole: bool, ticket: Ticket | None = None
    ) -> Outcome:
        self.received.refuse(mail, content, outcome.value, ticket, whole=whole)
        return outcome

    def _check(self, mail: IncomingMail, ticket: Ticket) -> Outcome | None:
        if mail.forged:
            return Outcome.FORGED
        return Outcome.STRANGER if self.senders.side(mail.sender, ticket) is Side.OTHER else None

    def _reports_a_loss(self, content: bytes) -> bool:
        """Whether it was the report that a ticket's mail did not arrive, which its ticket has now."""
        report = bounces.read(content)
        found = report and bounces.subject_of(report, self.tickets, self.addresses, self._letter)
        if not report or not found:
            return False
        about, key = found
        try:
            if not self.tickets.knows(key) and self._too_many(self.tickets.get(about.reference)):
                return False
            bounces.keep(report, self.tickets, about, key)
        except UnknownTicket:
            return False  # deleted since
        return True

    def _add(self, mail: IncomingMail, ticket: Ticket, content: bytes) -> Outcome:
        key = key_of(mail)
        if not self.tickets.knows(key) and self._too_many(ticket):
            return Outcome.TOO_MANY
        try:
            self.received.append(mail, ticket, event_text(mail), key, content)
        except (EmptyText, TextTooLong):
            return Outcome.EMPTY
        return Outcome.TAKEN

    def _ticket(self, mail: IncomingMail) -> Ticket | None:
        """The ticket that a signed recipient names; else the one whose mail is answered; else see `_by_subject`."""
        named = [found for one in mail.recipients if self.addresses and (found := self.addresses.reference(one))]
        if named:
            try:
                return self.tickets.get(named[0])
            except UnknownTicket:
                return None  # deleted since
        answered = [self._letter(one) or mail_id(one) for one in mail.threads]
        return self.tickets.of_mails(answered) or self._by_subject(mail)

    def _by_subject(self, mail: IncomingMail) -> Ticket | None:
        """The ticket whose reference stands in the subject, for its learner alone: references can be guessed.

        So a plain answer arrives when the team wrote from a mail program that kept neither our address nor our thread.
        """
        named = {found.upper() for found in re.findall(r"(?i)\bCRT-[0-9]{4}-[0-9]{5,9}\b", mail.subject[:500])}
        if len(named) != 1:
            return None
        try:
            ticket = self.tickets.get(named.pop())
        except UnknownTicket:
            return None
        return ticket if self.senders.side(mail.sender, ticket) is Side.LEARNER else None

    def _is_own(self, mail: IncomingMail) -> bool:
        letter = self._letter(mail.message_id)
        return letter is not None and self.own_letter(letter)

    def _letter(self, message_id: str) -> str | None:
        name, _, domain = message_id.strip("<>").rpartition("@")
        return name if name and domain.lower() == self.domain.lower() else None

    def _too_many(self, ticket: Ticket) -> bool:
        hour_ago = self.clock() - datetime.timedelta(hours=1)
        recent = [one for one in self.tickets.events(ticket.reference) if one.via == VIA_MAIL and one.at > hour_ago]
        return len(recent) >= MOST_AN_HOUR
