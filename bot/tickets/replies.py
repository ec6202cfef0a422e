"""Answers by mail become part of their ticket: the team's go to the learner, the learner's to the team."""

import datetime
import hashlib
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum

from bot.clock import Clock
from bot.errors import EmptyText, MailboxUnavailable, TextTooLong, UnknownTicket
from bot.outbox.templates import line
from bot.tickets.addresses import TicketAddresses
from bot.tickets.incoming import IncomingMail, read
from bot.tickets.mailboxes import Mailbox
from bot.tickets.service import Tickets
from bot.tickets.ticket import LONGEST_WORDING, Ticket

VIA = "mail"
MAILS_A_ROUND = 50
MOST_AN_HOUR = 20  # mails to one ticket; more are machines that answer each other
log = logging.getLogger(__name__)


class Outcome(str, Enum):
    """What became of a mail; all but TAKEN are refused, and the value says why."""

    TAKEN = "taken"
    UNREADABLE = "unreadable"
    AUTOMATIC = "an automatic answer"
    NO_TICKET = "no ticket"
    STRANGER = "the sender has nothing to do with the ticket"
    EMPTY = "no words"
    TOO_MANY = "too many for one ticket"


@dataclass(frozen=True)
class Replies:
    """Reads a mailbox.

    Args:
        addresses: read the signed recipients; None when there are none, then Message-IDs alone tell the ticket.
        team: the address of the certification team; its mails, and those of `staff`, are answers by the team.
        own_letter: whether an id is one of a letter of ours, which must not come back as an answer.
        domain: of our Message-IDs.
    """

    tickets: Tickets
    mailbox: Mailbox
    addresses: TicketAddresses | None
    team: str
    staff: Collection[str]
    own_letter: Callable[[str], bool]
    domain: str
    clock: Clock

    def poll(self) -> int:
        """Take what is unread, up to a batch; returns how many mails were looked at.

        A mail is marked only after its ticket was kept. Raises MailboxUnavailable, SQLAlchemyError: what was not marked
        is read again next time.
        """
        looked_at = 0
        try:
            for mail in self.mailbox.unread(MAILS_A_ROUND):
                outcome = self.take(mail.content)
                if outcome is Outcome.TAKEN:
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

    def take(self, content: bytes) -> Outcome:
        """Add one mail to its ticket; the same mail again changes nothing."""
        try:
            mail = read(content)
        except Exception as error:  # noqa: BLE001  Python's parser fails in many ways; one mail must not stop the others
            log.warning("an incoming mail cannot be read: %s", type(error).__name__)
            return Outcome.UNREADABLE
        if mail.automatic or self._is_own(mail):
            return Outcome.AUTOMATIC
        ticket = self._ticket(mail)
        if ticket is None:
            return Outcome.NO_TICKET
        if mail.forged or not self._fits(mail, ticket):
            return Outcome.STRANGER
        return self._add(mail, ticket)

    def _add(self, mail: IncomingMail, ticket: Ticket) -> Outcome:
        key = "mail " + hashlib.sha256(f"{mail.sender} {mail.message_id}".encode()).hexdigest()
        if not self.tickets.knows(key) and self._too_many(ticket):
            return Outcome.TOO_MANY
        try:
            if mail.sender == ticket.contact:
                self.tickets.answer(ticket.reference, words(mail), VIA, key=key)
            else:
                mailed = ticket.contact in mail.recipients
                self.tickets.reply(ticket.reference, mail.sender, words(mail), VIA, key=key, mailed=mailed)
        except (EmptyText, TextTooLong):
            return Outcome.EMPTY
        return Outcome.TAKEN

    def _ticket(self, mail: IncomingMail) -> Ticket | None:
        """The ticket that a signed recipient names; else the one whose mail is answered. Never by the subject."""
        named = [found for one in mail.recipients if self.addresses and (found := self.addresses.reference(one))]
        if named:
            try:
                return self.tickets.get(named[0])
            except UnknownTicket:
                return None  # deleted since
        return self.tickets.of_letters([found for one in mail.threads if (found := self._letter(one))])

    def _fits(self, mail: IncomingMail, ticket: Ticket) -> bool:
        return mail.sender in (ticket.contact, self.team.lower()) or mail.sender in self.staff

    def _is_own(self, mail: IncomingMail) -> bool:
        letter = self._letter(mail.message_id)
        return letter is not None and self.own_letter(letter)

    def _letter(self, message_id: str) -> str | None:
        name, _, domain = message_id.strip("<>").rpartition("@")
        return name if name and domain.lower() == self.domain.lower() else None

    def _too_many(self, ticket: Ticket) -> bool:
        hour_ago = self.clock() - datetime.timedelta(hours=1)
        recent = [one for one in self.tickets.events(ticket.reference) if one.via == VIA and one.at > hour_ago]
        return len(recent) >= MOST_AN_HOUR


def words(mail: IncomingMail) -> str:
    """What the ticket keeps of a mail: its words, that they were cut, the names of its attachments."""
    notes = [line("attachments", names=mail.attachments)] if mail.attachments else []
    room = LONGEST_WORDING - sum(len(note) + 2 for note in notes) - 200
    if mail.cut or len(mail.text) > room:
        notes.insert(0, line("cut"))
    return "\n\n".join(part for part in (mail.text[:room].rstrip(), *notes) if part)
