""" "What about my ticket?": answered to who filed it, in the same conversation or by a proven address."""

from actions.base import Reply, Say, ServiceAction, TrackerView
from actions.identity import ISSUANCE_FORM, NO_IDENTITY_SLOTS
from actions.services import services
from bot.content.responses import render
from bot.issuance.wording import date
from bot.tickets.ticket import Ticket

SHOWN = 5


class TicketStatus(ServiceAction):
    """The state of the learner's own tickets."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_ticket_status"

    def answer(self, view: TrackerView) -> Reply:
        """Without a ticket to show, an address can be proven."""
        found = own_tickets(view)
        if found:
            return tell(found)
        if services().identity.proven(view.conversation_id):
            return Reply((Say("utter_ticket_none"),))
        return Reply((Say("utter_ticket_prove"),), {**NO_IDENTITY_SLOTS, "wanted": "ticket_status"}, ISSUANCE_FORM)


def own_tickets(view: TrackerView) -> list[Ticket]:
    """Those of this conversation and of its proven addresses, newest first."""
    tickets, proven = services().tickets, services().identity.proven(view.conversation_id)
    found = tickets.filed_by(proven) if proven else []
    known = {ticket.reference for ticket in found}
    found += [one for one in tickets.all_of_conversation(view.conversation_id) if one.reference not in known]
    return sorted(found, key=lambda ticket: ticket.created_at, reverse=True)


def tell(found: list[Ticket]) -> Reply:
    """One line a ticket."""
    lines = "\n".join(f"- {sentence(ticket)}" for ticket in found[:SHOWN])
    return Reply((Say("utter_ticket_list", values={"list": lines}),), {"wanted": None})


def sentence(ticket: Ticket) -> str:
    """Where a ticket stands."""
    values = {
        "reference": ticket.reference,
        "opened": date(ticket.created_at.date()),
        "changed": date(ticket.updated_at.date()),
    }
    return render(f"utter_ticket_state_{ticket.state.value}", values)
