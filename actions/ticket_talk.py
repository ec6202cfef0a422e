"""What a learner says about a ticket that is there: words for the team, more of it, withdrawing, not solved."""

from actions.base import Reply, Say, ServiceAction, TrackerView
from actions.services import services
from bot.tickets.ticket import State, Ticket


def own_ticket(view: TrackerView) -> Ticket | None:
    """The ticket of this conversation, if there is one."""
    return services().tickets.of_conversation(view.conversation_id)


class ForTeam(ServiceAction):
    """The answer to what the team wrote: it goes to the ticket."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_for_team"

    def answer(self, view: TrackerView) -> Reply:
        """Passed on, and said so, with a way back."""
        ticket = own_ticket(view)
        if ticket is None:
            return Reply(then="action_escalate")
        if not view.text:
            return Reply(then="action_add_to_ticket")
        services().tickets.answer(ticket.reference, view.text, view.channel)
        return Reply((Say("utter_team_passed_on", values={"reference": ticket.reference}),))


class AddDetail(ServiceAction):
    """Something more for a ticket that was sent."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_add_detail"

    def answer(self, view: TrackerView) -> Reply:
        """Kept with the ticket; without one, a ticket begins with these words."""
        ticket = own_ticket(view)
        if ticket is None or not view.text:
            return Reply(then="action_escalate")
        services().tickets.answer(ticket.reference, view.text, view.channel)
        return Reply((Say("utter_ticket_detail_added", values={"reference": ticket.reference}),))


class WithdrawTicket(ServiceAction):
    """ "I found it, you can close my ticket." """

    def name(self) -> str:
        """As in domain.yml."""
        return "action_withdraw_ticket"

    def answer(self, view: TrackerView) -> Reply:
        """Closed by the learner, with their words."""
        ticket = own_ticket(view)
        if ticket is None:
            return Reply((Say("utter_ticket_unknown"),))
        values = {"reference": ticket.reference}
        if not ticket.open:
            return Reply((Say("utter_ticket_withdrawn_already", values=values),))
        services().tickets.withdraw(ticket.reference, view.text, view.channel)
        return Reply((Say("utter_ticket_withdrawn", values=values),))


class NotSolved(ServiceAction):
    """Resolved or answered, but the problem is still there."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_not_solved"

    def answer(self, view: TrackerView) -> Reply:
        """The ticket is open again."""
        ticket = own_ticket(view)
        if ticket is None:
            return Reply(then="action_not_helped")
        services().tickets.answer(ticket.reference, view.text or "Still not solved.", view.channel)
        opened = ticket.state is State.RESOLVED
        return Reply(
            (
                Say(
                    "utter_ticket_reopened" if opened else "utter_team_passed_on",
                    values={"reference": ticket.reference},
                ),
            )
        )


class ForAssistant(ServiceAction):
    """ "No, that was for you": the words before were no answer to the team."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_for_assistant"

    def answer(self, view: TrackerView) -> list[Say]:
        """Ask for it again."""
        return [Say("utter_for_assistant")]
