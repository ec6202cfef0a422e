"""Something more for the team, to a ticket that is there already."""

from actions.base import Reply, Say, ServiceAction, TrackerView
from actions.escalation import LEAVES_TICKET_FORM
from actions.services import services
from actions.ticket_talk import own_ticket
from bot.tickets.ticket import State

TICKET_ANSWER_FORM, TICKET_ANSWER = "ticket_answer_form", "ticket_answer"
ASKS_AGAIN = ("affirm", "escalate", "inform")  # as buttons: the form that they want is open


class AddToTicket(ServiceAction):
    """Something more for the team."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_add_to_ticket"

    def answer(self, view: TrackerView) -> Reply:
        """Ask what; without a ticket the ticket form begins."""
        ticket = services().tickets.of_conversation(view.conversation_id)
        return Reply(slots={TICKET_ANSWER: None}, then=TICKET_ANSWER_FORM if ticket else "action_escalate")


class ValidateTicketAnswerForm(ServiceAction):
    """Takes whatever is typed."""

    def name(self) -> str:
        """As Rasa's forms want it."""
        return f"validate_{TICKET_ANSWER_FORM}"

    def answer(self, view: TrackerView) -> Reply:
        """A button is no text for the team."""
        if not view.requested or view.intent in LEAVES_TICKET_FORM:
            return Reply()
        if view.text:
            return Reply(slots={TICKET_ANSWER: view.text})
        return Reply(slots={TICKET_ANSWER: None}) if view.intent in ASKS_AGAIN else Reply()


class PassOn(ServiceAction):
    """The learner's addition goes to the ticket."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_pass_on"

    def answer(self, view: TrackerView) -> Reply:
        """To the ticket in which the team waits for it, else the newest of this conversation."""
        ticket = own_ticket(view, (State.WAITING,))
        text = str(view.slots.get(TICKET_ANSWER) or "")
        if ticket is None or not text:
            return Reply(slots={TICKET_ANSWER: None}, then="action_escalate")
        services().tickets.answer(ticket.reference, text, view.channel)
        return Reply((Say("utter_ticket_added", values={"reference": ticket.reference}),), {TICKET_ANSWER: None})
