"""Mails that came in: each is kept as it came, and the refused ones wait for a person, so that none lies unseen."""

import datetime
import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from sqlalchemy.engine import Connection

from bot.clock import Clock
from bot.database import Database
from bot.errors import UnknownMail
from bot.mail_reading.message import IncomingMail, read
from bot.mail_reading.overview import Overview, overview
from bot.outbox.message import InvalidMail, OutgoingMail
from bot.outbox.templates import line, render
from bot.tickets.addresses import TicketAddresses
from bot.tickets.mail_store import MailState, MailStore, StoredMail
from bot.tickets.mail_tables import mail_id
from bot.tickets.mail_words import beside, event_text, noted
from bot.tickets.mailed_files import MailedFiles
from bot.tickets.senders import Senders, Side
from bot.tickets.service import PostMail, Tickets
from bot.tickets.ticket import LONGEST_WORDING, Ticket, readable

TOLD_AGAIN_AFTER = datetime.timedelta(days=1)
TOLD_OF = ("no ticket", "no words", "too many")  # reasons; of others the sender may be anybody
VIA_MAIL = "mail"
OVERVIEWS_KEPT = 16


@dataclass(frozen=True)
class ReceivedMails:
    """What one can do with mails that came in.

    Args:
        post: puts a mail into the outbox within the given transaction.
        addresses: where an answer to our notice goes; None when answers go to the team.
        senders: tell whom a mail speaks for.
        files: takes over what is attached.
    """

    database: Database
    tickets: Tickets
    post: PostMail
    addresses: TicketAddresses | None
    senders: Senders
    clock: Clock
    files: MailedFiles

    @property
    def store(self) -> MailStore:
        """Where they are kept."""
        return MailStore(self.database)

    def keep(self, mail: IncomingMail, content: bytes, reference: str, key: str, *, whole: bool = True) -> None:
        """Keep a mail beside the event of its ticket that has the same key."""
        kept = self._stored(MailState.KEPT, mail, key, reference=reference, rest=beside(mail), whole=whole)
        with self.database.transaction() as connection:
            self.store.add(connection, kept, content)

    def refuse(
        self,
        mail: IncomingMail | None,
        content: bytes,
        reason: str,
        ticket: Ticket | None = None,
        *,
        whole: bool = True,
    ) -> None:
        """Put a mail aside for a person, None where it cannot be read; tell its sender where that is safe."""
        key = "refused " + hashlib.sha256(content).hexdigest()
        reference = ticket.reference if ticket else ""
        proven = mail is not None and self._is_proven(mail.sender, ticket)
        stored = self._stored(MailState.REFUSED, mail, key, reference=reference, reason=reason, whole=whole)
        with self.database.transaction() as connection:
            if mail is not None and proven and self._may_tell(connection, stored, mail):
                stored = replace(stored, told_at=stored.received_at)
            if self.store.add(connection, stored, content) and mail is not None and stored.told_at:
                self._tell(connection, stored, mail)

    def append(self, mail: IncomingMail, ticket: Ticket, text: str, key: str, content: bytes) -> Ticket:
        """Put a mail into its ticket's history, with its files, as its side says; what answers it belongs there, too.

        Args:
            text: its words.
            key: the same is the same mail, which changes nothing.
            content: all of it.

        Raises:
            EmptyText, TextTooLong: the text cannot be kept.
        """
        by_team = self.senders.side(mail.sender, ticket) is Side.TEAM
        known = self.tickets.knows(key)
        with self.files.taken(b"" if known else content, mail.sender, by_team) as files:
            if by_team:
                mailed = ticket.contact in mail.recipients
                changed = self.tickets.reply(
                    ticket.reference, mail.sender, text, VIA_MAIL, key=key, mailed=mailed, files=files
                )
            else:
                changed = self.tickets.answer(ticket.reference, text, VIA_MAIL, key=key, files=files)
        self.tickets.remember_mail(mail_id(mail.message_id), ticket.reference)
        return changed

    def waiting(self) -> list[StoredMail]:
        """The refused mails that nobody has seen to, the newest first."""
        with self.database.transaction() as connection:
            return self.store.refused(connection)

    def counts(self) -> dict[str, int]:
        """How many refused mails wait for a person, by reason."""
        with self.database.transaction() as connection:
            return self.store.counts(connection)

    def of_ticket(self, reference: str) -> dict[str, StoredMail]:
        """The mails that a ticket's events came by, by the events' keys."""
        with self.database.transaction() as connection:
            return self.store.of_ticket(connection, reference)

    def get(self, number: int) -> tuple[StoredMail, bytes]:
        """A mail and all of it as it came; raises UnknownMail."""
        with self.database.transaction() as connection:
            return self._known(connection, number), self.store.content(connection, number)

    def whole(self, number: int) -> tuple[StoredMail, Overview, int]:
        """A mail, all of its words, and how many bytes it has; raises UnknownMail."""
        with self.database.transaction() as connection:
            mail = self._known(connection, number)
        return mail, *self._overview(number, mail.key)

    @cached_property
    def _overview(self) -> Callable[[int, str], tuple[Overview, int]]:
        """Reads a mail's words and its length, and remembers those of the last few: a large one takes a second.

        What is remembered is only ever told of a mail that still is there; its key is asked for because numbers come
        again.
        """

        @lru_cache(maxsize=OVERVIEWS_KEPT)
        def of(number: int, key: str) -> tuple[Overview, int]:
            with self.database.transaction() as connection:
                content = self.store.content(connection, number)
            return overview(content), len(content)

        return of

    def _known(self, connection: Connection, number: int) -> StoredMail:
        mail = self.store.get(connection, number)
        if mail is None:
            raise UnknownMail(str(number))
        return mail

    def add_to_ticket(self, number: int, reference: str, by: str) -> Ticket:
        """Make a refused mail part of a ticket, as if it had come right, also one that was dismissed.

        Returns:
            Its ticket: another one where a colleague had added it there; a second time changes nothing.

        Raises:
            UnknownMail, UnknownTicket: there is none.
        """
        stored, content = self.get(number)
        ticket = self.tickets.get(reference)
        if stored.state is MailState.KEPT:
            return self.tickets.get(stored.reference)
        mail = None
        with suppress(Exception):  # it may be one that cannot be read; then it is added unread
            mail = read(content, self.senders.ours)
        ticket = self._added(ticket, stored, mail, content)
        with self.database.transaction() as connection:
            self.store.settle(connection, number, MailState.KEPT, by, ticket.reference)
        return ticket

    def dismiss(self, number: int, by: str) -> bool:
        """Nothing is to be done about a refused mail; False where a colleague has added it. Raises UnknownMail."""
        self.get(number)
        with self.database.transaction() as connection:
            return self.store.settle(connection, number, MailState.DISMISSED, by)

    def _added(self, ticket: Ticket, stored: StoredMail, mail: IncomingMail | None, content: bytes) -> Ticket:
        if mail is None:
            return self.tickets.answer(ticket.reference, line("unreadable"), VIA_MAIL, key=stored.key)
        text = event_text(mail) or noted(mail.rest, []) or line("unreadable")
        if self.senders.side(mail.sender, ticket) is Side.OTHER:
            text = noted(f"{line('other_sender', sender=mail.sender or '?')}\n\n{text}", [])
        return self.append(mail, ticket, text, stored.key, content)

    def _stored(
        self,
        state: MailState,
        mail: IncomingMail | None,
        key: str,
        *,
        reference: str,
        rest: str = "",
        reason: str = "",
        whole: bool,
    ) -> StoredMail:
        said = (mail.text or mail.rest)[:LONGEST_WORDING] if mail and state is MailState.REFUSED else ""
        return StoredMail(
            id=0,
            key=key,
            state=state,
            reason=reason,
            sender=readable(mail.sender) if mail else "",
            subject=readable(mail.subject) if mail else "",
            text=readable(said),
            rest=readable(rest),
            received_at=self.clock(),
            reference=reference,
            whole=whole,
        )

    def _is_proven(self, sender: str, ticket: Ticket | None) -> bool:
        known = [ticket] if ticket else self.tickets.filed_by([sender])
        return any(sender in one.proven for one in known)

    def _may_tell(self, connection: Connection, stored: StoredMail, mail: IncomingMail) -> bool:
        """Whether nothing speaks against writing to the sender, who was not told already."""
        if stored.reason not in TOLD_OF or not mail.answerable or mail.forged:
            return False
        return not self.store.told_since(connection, mail.sender, stored.received_at - TOLD_AGAIN_AFTER)

    def _tell(self, connection: Connection, stored: StoredMail, mail: IncomingMail) -> None:
        said = render("mail_refused", reason=stored.reason, reference=stored.reference)
        answers = self.addresses.of(stored.reference) if self.addresses and stored.reference else self.senders.team
        headers = {"Auto-Submitted": "auto-replied"}
        if mail.message_id.isascii() and mail.message_id.startswith("<"):
            headers["In-Reply-To"] = mail.message_id
        with suppress(InvalidMail):  # an address or an id that no mail can be sent to
            notice = OutgoingMail(
                to=mail.sender, subject=said.subject, text=said.text, html=said.html, reply_to=answers, headers=headers
            )
            self.post(connection, notice)
