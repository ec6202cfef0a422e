"""The mails about a ticket, in the words of data/mail."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.attachments.attachment import Attachment
from bot.content.markdown import resolve_links, to_html, to_plain_text
from bot.content.responses import button_titles
from bot.outbox.message import Enclosure, OutgoingMail, message_id, parse_address
from bot.outbox.templates import render
from bot.tickets.addresses import TicketAddresses
from bot.tickets.ticket import LEARNER, SYSTEM, Line, Ticket, TicketEvent, TicketRequest, What

LONGEST_PARAGRAPH = 4000  # characters of one message in the transcript


@dataclass(frozen=True)
class Mails:
    """Writes mails to the team and to the learner.

    Args:
        sender: From of all mails; the Message-IDs are made of its domain.
        team: where the certification team reads.
        site: address of the site, for the link to the console.
        addresses: where answers go that become part of their ticket; None where there is no such place.
        answers_read: whether somebody reads there.
        most_enclosed: bytes of the files that go with a mail; of what does not fit the mail says so.
    """

    sender: str
    team: str
    site: str
    addresses: TicketAddresses | None = None
    answers_read: bool = False
    most_enclosed: int = 0

    def to_team(
        self, ticket: Ticket, known: Mapping[str, object] | None = None, files: Sequence[Attachment] = ()
    ) -> OutgoingMail:
        """The ticket itself; an answer to it goes to the learner.

        Args:
            ticket: which.
            known: what `known_of` said of its request, None to find it out now.
            files: those that came with it.
        """
        enclosed = self._enclosed(files)
        words = render("ticket", **self._values(ticket, files, enclosed), **(known or known_of(ticket)))
        return OutgoingMail(
            to=self.team,
            subject=words.subject,
            text=words.text,
            html=words.html,
            reply_to=self._team_answers(ticket),
            enclosures=enclosed,
        )

    def confirmation(self, ticket: Ticket, within: str = "") -> OutgoingMail:
        """To the learner: that the ticket is there, what happens next, and within what time where that is known."""
        words = render("ticket_confirmation", within=within, **self._values(ticket))
        return OutgoingMail(
            to=ticket.contact,
            subject=words.subject,
            text=words.text,
            html=words.html,
            reply_to=self._learner_answers(ticket),
            bounces_to=self._returns(ticket),
        )

    def about(self, ticket: Ticket, event: TicketEvent) -> OutgoingMail | None:
        """The mail that an event is told by; None where nobody needs one."""
        name = _BY_EVENT.get(event.what)
        if name is None:
            return None
        to_team = event.who in (LEARNER, SYSTEM) and event.what not in _TO_LEARNER
        enclosed = self._enclosed(event.files)
        words = render(name, text=event.text, to_team=to_team, **self._values(ticket, event.files, enclosed))
        first = ticket.team_thread if to_team else ticket.learner_thread
        thread = message_id(first, self.sender) if first else ""
        headers = {"In-Reply-To": thread, "References": thread} if thread else {}
        if event.who != SYSTEM:
            headers["Auto-Submitted"] = "no"  # the words of a person
        to = self.team if to_team else ticket.contact
        reply_to = self._team_answers(ticket) if to_team else self._learner_answers(ticket)
        return OutgoingMail(
            to=to,
            subject=words.subject,
            text=words.text,
            html=words.html,
            reply_to=reply_to,
            headers=headers,
            bounces_to="" if to_team else self._returns(ticket),
            enclosures=enclosed,
        )

    def given(self, tickets: Sequence[Ticket], to: str, by: str, *, last: bool = False) -> OutgoingMail:
        """To somebody of the team: what a colleague has given to them; an answer goes to the colleague.

        Args:
            last: no such mail comes for some time, whatever they are given.
        """
        listed = [(one, f"{self.site}/console/tickets/{one.reference}", _moment(one.due_at)) for one in tickets]
        words = render("tickets_given", by=by, listed=listed, last=last, mine=f"{self.site}/console/?owner=me")
        return OutgoingMail(to=to, subject=words.subject, text=words.text, html=words.html, reply_to=by)

    def _enclosed(self, files: Sequence[Attachment]) -> tuple[Enclosure, ...]:
        """As many as fit, the first ones first."""
        enclosed: list[Enclosure] = []
        room = self.most_enclosed
        for file in files:
            if file.size <= room:
                room -= file.size
                enclosed.append(Enclosure(file.id, file.name, file.kind.value))
        return tuple(enclosed)

    def _team_answers(self, ticket: Ticket) -> str:
        """An answer by the team goes to the learner at once, and to us to keep it."""
        return f"{ticket.contact}, {self.addresses.of(ticket.reference)}" if self.addresses else ticket.contact

    def _learner_answers(self, ticket: Ticket) -> str:
        return self.addresses.of(ticket.reference) if self.addresses else self.team

    def _returns(self, ticket: Ticket) -> str:
        """Where a mail to the learner that is not delivered is reported: where answers are read.

        Only within the sender's own domain: elsewhere SPF would speak for the other one, and DMARC count it as forged.
        """
        if self.addresses is None:
            return ""
        ours, theirs = (parse_address("From", one).domain.lower() for one in (self.sender, self.addresses.address))
        aligned = ours == theirs or theirs.endswith(f".{ours}") or ours.endswith(f".{theirs}")
        return self.addresses.of(ticket.reference) if aligned else ""

    def _values(
        self, ticket: Ticket, files: Sequence[Attachment] = (), enclosed: Sequence[Enclosure] = ()
    ) -> dict[str, object]:
        there = {one.key for one in enclosed}
        return {
            "ticket": ticket,
            "answers_read": self.answers_read,
            "site": self.site,
            "team": self.team,
            "headline": ticket.title,
            "opened": _moment(ticket.created_at),
            "console": f"{self.site}/console/tickets/{ticket.reference}",
            "faqs": [button_titles().get(f"faq/{faq}", faq) for faq in ticket.faqs],
            "in_chat": bool(ticket.conversation_id) and ticket.channel != "slack",  # where files are shown, too
            "left_out": [f"{file.name} ({file.size_words})" for file in files if file.id not in there],
        }


def known_of(request: TicketRequest | Ticket) -> Mapping[str, object]:
    """Record and conversation as the mail to the team tells them.

    A long conversation takes a while, so this is done before the transaction that writes the mail.
    """
    return {
        "diagnosis": [to_plain_text(_line(text)) for text in request.diagnosis],
        "diagnosis_html": [to_html(_line(text)) for text in request.diagnosis],
        "transcript": [(line.role, words_of(line)) for line in request.transcript],
    }


_BY_EVENT = {
    What.REPLIED: "ticket_reply",
    What.RESOLVED: "ticket_resolved",
    What.ANSWERED: "ticket_answer",
    What.REMINDED: "ticket_reminder",
    What.ASKED_AGAIN: "ticket_asked_again",
    What.CLOSED: "ticket_closed",
    What.WITHDRAWN: "ticket_withdrawn",
    What.GIVEN_UP: "ticket_not_delivered",
    What.BOUNCED: "ticket_not_delivered",
}


_TO_LEARNER = (What.ASKED_AGAIN, What.CLOSED)  # by itself


def _moment(at: datetime.datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else ""


def _line(text: str) -> str:
    return text.removeprefix("- ").strip()


def words_of(line: Line) -> str:
    """A line of a transcript as mails show it: plain, and not without end."""
    plain = to_plain_text(resolve_links(line.text, {})) if line.role == "bot" else line.text
    return plain if len(plain) <= LONGEST_PARAGRAPH else plain[:LONGEST_PARAGRAPH] + " …"
