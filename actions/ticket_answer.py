"""Something more for the team, to a ticket that is there already."""

from actions.base import Reply, Say, ServiceAction, Turn
from actions.escalation import LEAVES
from actions.services import services

FORM, ANSWER = "ticket_answer_form", "ticket_answer"
ASKS_AGAIN = ("affirm", "escalate", "inform")  # as buttons: the form that they want is open


class AddToTicket(ServiceAction):
    """Something more for the team."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_add_to_ticket"

    def answer(self, turn: Turn) -> Reply:
        """Ask what; without a ticket the ticket form begins."""
        ticket = services().tickets.of_conversation(turn.conversation_id)
        return Reply(slots={ANSWER: None}, then=FORM if ticket else "action_escalate")


class ValidateTicketAnswerForm(ServiceAction):
    """Takes whatever is typed."""

    def name(self) -> str:
        """As Rasa's forms want it."""
        return f"validate_{FORM}"

    def answer(self, turn: Turn) -> Reply:
        """A button is no text for the team."""
        if not turn.requested or turn.intent in LEAVES:
            return Reply()
        if turn.text:
            return Reply(slots={ANSWER: turn.text})
        return Reply(slots={ANSWER: None}) if turn.intent in ASKS_AGAIN else Reply()


class PassOn(ServiceAction):
    """The learner's addition goes to the ticket."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_pass_on"

    def answer(self, turn: Turn) -> Reply:
        """To the newest ticket of this conversation."""
        ticket = services().tickets.of_conversation(turn.conversation_id)
        text = str(turn.slots.get(ANSWER) or "")
        if ticket is None or not text:
            return Reply(slots={ANSWER: None}, then="action_escalate")
        services().tickets.answer(ticket.reference, text, turn.channel)
        return Reply((Say("utter_ticket_added", values={"reference": ticket.reference}),), {ANSWER: None})
