"""The mails about a ticket, in the words of data/mail."""

from dataclasses import dataclass
from functools import lru_cache

from bot.content.markdown import resolve_links, to_html, to_plain_text
from bot.content.responses import button_titles
from bot.outbox.message import OutgoingMail, message_id
from bot.outbox.templates import render
from bot.tickets.addresses import TicketAddresses
from bot.tickets.ticket import LEARNER, SYSTEM, Line, Ticket, TicketEvent, What

LONGEST_PARAGRAPH = 4000  # characters of one message in the transcript


@dataclass(frozen=True)
class Mails:
    """Writes mails to the team and to the learner.

    Args:
        sender: From of all mails; the Message-IDs are made of its domain.
        team: where the certification team reads.
        site: address of the site, for the link to the console.
        addresses: where answers can be read; None when they cannot.
    """

    sender: str
    team: str
    site: str
    addresses: TicketAddresses | None = None

    def to_team(self, ticket: Ticket) -> OutgoingMail:
        """The ticket itself; an answer to it goes to the learner."""
        words = render("ticket", **self._values(ticket))
        return OutgoingMail(
            to=self.team, subject=words.subject, text=words.text, html=words.html, reply_to=self._team_answers(ticket)
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
        )

    def about(self, ticket: Ticket, event: TicketEvent) -> OutgoingMail | None:
        """The mail that an event is told by; None where nobody needs one."""
        name = _BY_EVENT.get(event.what)
        if name is None:
            return None
        to_team = event.who in (LEARNER, SYSTEM)
        words = render(name, text=event.text, **self._values(ticket))
        first = ticket.team_thread if to_team else ticket.learner_thread
        thread = message_id(first, self.sender) if first else ""
        headers = {"In-Reply-To": thread, "References": thread} if thread else {}
        if event.what is not What.REMINDED:
            headers["Auto-Submitted"] = "no"  # the words of a person
        to = self.team if to_team else ticket.contact
        reply_to = self._team_answers(ticket) if to_team else self._learner_answers(ticket)
        return OutgoingMail(
            to=to, subject=words.subject, text=words.text, html=words.html, reply_to=reply_to, headers=headers
        )

    def _team_answers(self, ticket: Ticket) -> str:
        """An answer by the team goes to the learner at once, and to us to keep it."""
        return f"{ticket.contact}, {self.addresses.of(ticket.reference)}" if self.addresses else ticket.contact

    def _learner_answers(self, ticket: Ticket) -> str:
        return self.addresses.of(ticket.reference) if self.addresses else self.team

    def _values(self, ticket: Ticket) -> dict[str, object]:
        return {
            "ticket": ticket,
            "headline": ticket.title,
            "opened": f"{ticket.created_at:%Y-%m-%d %H:%M} UTC",
            "console": f"{self.site}/console/tickets/{ticket.reference}",
            "diagnosis": [to_plain_text(_line(text)) for text in ticket.diagnosis],
            "diagnosis_html": [to_html(_line(text)) for text in ticket.diagnosis],
            "transcript": [(line.role, _said(line)) for line in ticket.transcript],
            "faqs": [_titles().get(f"faq/{faq}", faq) for faq in ticket.faqs],
        }


_BY_EVENT = {
    What.REPLIED: "ticket_reply",
    What.RESOLVED: "ticket_resolved",
    What.ANSWERED: "ticket_answer",
    What.REMINDED: "ticket_reminder",
    What.WITHDRAWN: "ticket_withdrawn",
}


def _line(text: str) -> str:
    return text.removeprefix("- ").strip()


def _said(line: Line) -> str:
    plain = to_plain_text(resolve_links(line.text, {})) if line.role == "bot" else line.text
    return plain if len(plain) <= LONGEST_PARAGRAPH else plain[:LONGEST_PARAGRAPH] + " …"


@lru_cache(maxsize=1)
def _titles() -> dict[str, str]:
    return button_titles()
