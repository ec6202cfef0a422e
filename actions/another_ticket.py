"""A ticket beside the one that is open: for another matter, with words of its own."""

from dataclasses import replace

from actions.base import Reply, Say, ServiceAction, TrackerView
from actions.escalation import NO_TICKET_SLOTS, TICKET_FORM
from actions.ticket_matter import about_record, concerned, contact_of, declined, named_in, reason_of
from actions.ticket_request import ABOUT, CONTACT, REASON, SEPARATE, TOPIC
from actions.ticket_talk import OPEN, WHICH_TICKET, WORDS, own_ticket
from bot.tickets.ticket import HandoverReason
from bot.tickets.title import matter


class NewTicket(ServiceAction):
    """ "A new one please: my invoice is wrong." """

    def name(self) -> str:
        """As in domain.yml."""
        return "action_new_ticket"

    def answer(self, view: TrackerView) -> Reply:
        """The form begins with these words, or with those that were asked about, and the contact of the open one."""
        if view.form == TICKET_FORM:
            return Reply()
        ticket = own_ticket(view, OPEN)
        if ticket is None or not ticket.open:
            return Reply(slots={WORDS: None}, then="action_escalate")
        kept = str(view.slots.get(WORDS) or "") if WHICH_TICKET in view.said or not view.text else ""
        text = view.text if matter(view.text) else kept
        named = replace(view, message={**view.message, "text": text}) if named_in(text) else None
        found = concerned(named) if named else []
        known = {
            CONTACT: contact_of(view) or ticket.contact,
            ABOUT: "\n".join(one for one in (about_record(found), text) if one) or None,
            REASON: (reason_of(named) if named else HandoverReason.REQUESTED).value,
            TOPIC: declined(view),
            SEPARATE: "yes",
        }
        begins = () if known[ABOUT] else (Say("utter_ticket_begins_another", values={"reference": ticket.reference}),)
        return Reply(begins, {**NO_TICKET_SLOTS, **known}, TICKET_FORM)
