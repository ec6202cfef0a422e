"""What a learner says about a ticket that is there: words for the team, more of it, withdrawing, not solved."""

from collections.abc import Collection

from actions.base import Reply, Say, ServiceAction, TrackerView
from actions.services import services
from bot.tickets.matter import belongs, only_says_where, wants_another
from bot.tickets.ticket import State, Ticket

OPEN = (State.NEW, State.ASSIGNED, State.WAITING, State.REOPENED)
WHICH_TICKET = "utter_ticket_which"
WORDS = "ticket_words"  # the slot with words of which it was asked whether they are for a new ticket


def own_ticket(view: TrackerView, states: Collection[State] = ()) -> Ticket | None:
    """The ticket of this conversation that is meant: the one named, else one in these states, else the newest.

    Of several that could be meant it is the one that the words speak of.
    """
    mine = services().tickets.all_of_conversation(view.conversation_id)
    named = [one for one in mine if one.reference in view.text.upper()]
    fitting = named or [one for one in mine if one.state in states] or mine
    return next((one for one in fitting if belongs(view.text, one.about)), fitting[0] if fitting else None)


def words_for(view: TrackerView) -> str:
    """What is for the team: the words that were asked about, where this answers it, and what is said besides."""
    kept = str(view.slots.get(WORDS) or "") if WHICH_TICKET in view.said or not view.text else ""
    own = view.text if not kept or (view.intent != "affirm" and not only_says_where(view.text)) else ""
    return "\n".join(one for one in (kept, own) if one)


class ForTeam(ServiceAction):
    """The answer to what the team wrote: it goes to the ticket."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_for_team"

    def answer(self, view: TrackerView) -> Reply:
        """Passed on, and said so, with a way back; not what is said to be another matter."""
        ticket = own_ticket(view, (State.WAITING,))
        if ticket is None:
            return Reply(then="action_escalate")
        if wants_another(view.text):
            return Reply(then="action_new_ticket")
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
        """Kept with the ticket; without one, or for another matter, a ticket begins with these words."""
        ticket, words = own_ticket(view, OPEN), words_for(view)
        if ticket is None or not words:
            return Reply(then="action_escalate")
        if ticket.open and wants_another(view.text):
            return Reply(then="action_new_ticket")
        services().tickets.answer(ticket.reference, words, view.channel)
        return Reply((Say("utter_ticket_detail_added", values={"reference": ticket.reference}),), {WORDS: None})


class WithdrawTicket(ServiceAction):
    """ "I found it, you can close my ticket." """

    def name(self) -> str:
        """As in domain.yml."""
        return "action_withdraw_ticket"

    def answer(self, view: TrackerView) -> Reply:
        """Closed by the learner, with their words."""
        ticket = own_ticket(view, OPEN)
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
        ticket = own_ticket(view, (State.RESOLVED,))
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
