"""The form that makes a ticket: what is known is filled in, the rest is asked, and the learner has the last word."""

from dataclasses import replace

from actions.base import Reply, Say, ServiceAction, TrackerView
from actions.identity import duration
from actions.services import services
from actions.ticket_matter import about_of, about_record, concerned, contact_of, declined, reason_of
from actions.ticket_request import ABOUT, CONTACT, REASON, SEPARATE, TOPIC, request
from actions.ticket_talk import OPEN, WHICH_TICKET, WORDS, own_ticket
from bot.content.kinds import ResponseKind, asks, kind_of
from bot.content.markdown import escape_markdown
from bot.errors import TooManyTickets
from bot.identity.address import corrected, names_slip, normalised, without
from bot.tickets.matter import (
    addressed_to_team,
    asks_where_to_write,
    belongs,
    put_anew,
    says_what,
    wants_another,
)
from bot.tickets.ticket import State, Ticket

TICKET_FORM = "ticket_form"
CONFIRMED_SLOT, SHOWN_SLOT = "confirmed", "summary_shown"
NO_TICKET_SLOTS = dict.fromkeys((CONTACT, ABOUT, CONFIRMED_SLOT, REASON, TOPIC, SEPARATE, SHOWN_SLOT, WORDS))
LEAVES_TICKET_FORM = ("stop", "goodbye", "check_issuance_status")
TICKET_FORM_ANSWERS = ("inform", "affirm", "escalate", "change_address", "resend_code")
DIGRESSIONS = (
    "faq",
    "faq+faq",
    "faq+escalate",
    "process",
    "fact",
    "hold",
    "acknowledge",
    "greet",
    "thank",
    "bot_challenge",
    "help",
    "other_language",
)
IN_THE_TICKET = (
    "tell_detail",
    "tell_claim",
    "out_of_scope",
    "ambiguous",
    "nlu_fallback",
    "missing_one",
    "not_helped",
    "already_did",
)


class Escalate(ServiceAction):
    """Begins the ticket form, or shows the ticket that this conversation has already."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_escalate"

    def answer(self, view: TrackerView) -> Reply:
        """Fill in what the conversation tells; the form asks for the rest."""
        ticket = own_ticket(view, OPEN)
        if ticket and ticket.open:
            return Reply(slots=NO_TICKET_SLOTS) + self._beside(view, ticket)
        known = {
            CONTACT: contact_of(view),
            ABOUT: about_of(view),
            REASON: reason_of(view).value,
            TOPIC: declined(view),
        }
        begins = () if known[ABOUT] and known[CONTACT] else (Say("utter_ticket_begins"),)
        if asks_where_to_write(view.text):
            team = escape_markdown(services().settings.certification_email)
            begins = (Say("utter_ticket_begins_address", values={"team": team}),)
        return Reply(begins, {**NO_TICKET_SLOTS, **known}, TICKET_FORM)

    def _beside(self, view: TrackerView, ticket: Ticket) -> Reply:
        """More of the open ticket, another one, or the question which; that is asked once."""
        if wants_another(view.text):
            return Reply(then="action_new_ticket")
        if any(one.state is State.WAITING for one in services().tickets.all_of_conversation(view.conversation_id)):
            if addressed_to_team(view.text):
                return Reply(then="action_for_team")
            return Reply(slots={"ticket_answer": None}, then="ticket_answer_form")  # the team has written: the answer
        values, own = {"reference": ticket.reference}, says_what(view.text)
        words = view.text if own else offered(view)
        if own and (WHICH_TICKET in view.said or belongs(words, ticket.about)):
            return Reply(then="action_add_detail")
        if not words or belongs(words, ticket.about):
            return Reply((Say("utter_ticket_already", values=values),))
        return Reply((Say(WHICH_TICKET, values=values),), {WORDS: words})


def offered(view: TrackerView) -> str:
    """What the team was offered for in the turn before: the question that is not covered, or the shown credential."""
    if declined(view):
        return next(iter(view.texts_before), "")
    team = any(button.get("payload") == "/escalate" for button in view.buttons)
    return about_record(concerned(view)) if team and not is_about_ticket(view) else ""


def is_about_ticket(view: TrackerView) -> bool:
    """Whether the turn before spoke of a ticket, so that a wish for the team goes on with it."""
    return any(kind_of(said) is ResponseKind.TICKET for said in view.said)


class ValidateTicketForm(ServiceAction):
    """Reads the answer to the form's question; without one it sets nothing, and Rasa looks at the message afresh."""

    def name(self) -> str:
        """As Rasa's forms want it."""
        return f"validate_{TICKET_FORM}"

    def answer(self, view: TrackerView) -> Reply:
        """Whichever slot is asked for."""
        if not view.requested or view.intent in LEAVES_TICKET_FORM:
            return Reply()
        contact = str(view.slots.get(CONTACT) or "")
        slip = view.intent == "correct_address" or names_slip(contact, view.text)
        if slip and not view.entities("email"):  # asked for again where it stays unclear
            return Reply(slots={CONTACT: corrected(contact, view.text) or None, CONFIRMED_SLOT: None})
        if view.requested == CONTACT:
            return self._contact(view)
        return self._about(view) if view.requested == ABOUT else self._confirmed(view)

    def _contact(self, view: TrackerView) -> Reply:
        named = view.entities("email")
        if len(named) == 1 and (address := normalised(named[0])):
            return Reply(slots={CONTACT: address, **self._more(view)})
        if named or "@" in view.text:
            return Reply((Say("utter_address_invalid"),), {CONTACT: None})
        if is_matter(view):
            noted = Say("utter_ticket_about_noted")
            return Reply((noted,), {CONTACT: None, ABOUT: added(view.slots.get(ABOUT), view.text)})
        return Reply(slots={CONTACT: None}) if view.intent in TICKET_FORM_ANSWERS else Reply()

    def _more(self, view: TrackerView) -> dict[str, str]:
        """What stands beside an address, where it says what the ticket is about."""
        beside = without(view.text)
        return {ABOUT: added(view.slots.get(ABOUT), beside)} if says_what(beside) and is_matter(view) else {}

    def _about(self, view: TrackerView) -> Reply:
        if not view.text:
            return self._pressed(view)
        if view.intent in DIGRESSIONS or (view.intent == "deny" and len(view.text.split()) < 3):
            return Reply()
        if len(named := view.entities("email")) == 1 and not without(view.text):
            return Reply(slots={CONTACT: normalised(named[0]) or named[0], ABOUT: None})
        return Reply(slots={ABOUT: view.text})

    def _pressed(self, view: TrackerView) -> Reply:
        """A button is no text for the team; one of those that belong to the form has it ask again."""
        if view.intent == "change_address":
            return Reply(slots={CONTACT: None, ABOUT: None})
        return Reply(slots={ABOUT: None}) if view.intent in TICKET_FORM_ANSWERS else Reply()

    def _may_send(self, view: TrackerView) -> bool:
        """Not after "Shall I drop it?", unless sending is named or its button pressed."""
        return not view.text or "utter_ticket_not_sent" not in view.said or "send" in view.text.lower()

    def _confirmed(self, view: TrackerView) -> Reply:
        if view.intent == "affirm" and self._may_send(view):
            return Reply(slots={CONFIRMED_SLOT: "yes"})
        if view.intent == "affirm":
            return Reply(slots={CONFIRMED_SLOT: None})
        if len(named := view.entities("email")) == 1 and (address := normalised(named[0])):
            return Reply(slots={CONTACT: address, CONFIRMED_SLOT: None, **self._more(view)})
        if anew := put_anew(view.text):
            return Reply(slots={ABOUT: anew, CONFIRMED_SLOT: None})
        if view.intent == "change_address":
            return Reply(slots={CONTACT: None, CONFIRMED_SLOT: None})
        if view.intent == "change_text":
            return Reply(slots={ABOUT: None, CONFIRMED_SLOT: None})
        if view.intent == "deny" and "utter_ticket_not_sent" not in view.said:
            return Reply((Say("utter_ticket_not_sent"),), {CONFIRMED_SLOT: None})
        if view.intent in ("resend_code", "escalate") and not says_what(view.text):
            return Reply(slots={CONFIRMED_SLOT: None})
        if is_matter(view) or view.intent in ("inform", "escalate") or view.unclear:
            return Reply(slots={ABOUT: added(view.slots.get(ABOUT), view.text), CONFIRMED_SLOT: None})
        return Reply()


def is_matter(view: TrackerView) -> bool:
    """Whether typed words belong into the ticket."""
    return bool(view.text) and view.intent in IN_THE_TICKET


def added(before: object, text: str) -> str:
    """The text of a ticket with a line more."""
    lines = [str(before or ""), text.strip()]
    return "\n".join(one for one in lines if one)


class AskContact(ServiceAction):
    """Asks where the team may answer."""

    def name(self) -> str:
        """As Rasa's forms want it."""
        return f"action_ask_{TICKET_FORM}_{CONTACT}"

    def answer(self, view: TrackerView) -> list[Say]:
        """Nothing when this turn has asked already."""
        return [] if any(asks(one) for one in view.spoken) else [Say("utter_ticket_ask_contact")]


class AskAbout(ServiceAction):
    """Asks what it is about."""

    def name(self) -> str:
        """As Rasa's forms want it."""
        return f"action_ask_{TICKET_FORM}_{ABOUT}"

    def answer(self, view: TrackerView) -> list[Say]:
        """Anew when the learner wants to change it."""
        return [Say("utter_ticket_ask_about_again" if view.intent == "change_text" else "utter_ticket_ask_about")]


class AskConfirmed(ServiceAction):
    """Shows the summary, to be sent or changed; shorter where it was shown as it is."""

    def name(self) -> str:
        """As Rasa's forms want it."""
        return f"action_ask_{TICKET_FORM}_{CONFIRMED_SLOT}"

    def answer(self, view: TrackerView) -> Reply:
        """What the team will read."""
        if "utter_ticket_not_sent" in view.spoken:
            return Reply()
        contact, about = str(view.slots.get(CONTACT) or ""), str(view.slots.get(ABOUT) or "")
        shown = f"{contact}\n{about}"
        if view.slots.get(SHOWN_SLOT) == shown and view.requested == CONFIRMED_SLOT:
            return Reply((Say("utter_ticket_consent_again"),))
        quoted = "\n> ".join(escape_markdown(text) for text in about.splitlines())
        summary = Say("utter_ticket_summary", values={"contact": escape_markdown(contact), "about": quoted})
        return Reply((summary,), {SHOWN_SLOT: shown})


class OpenTicket(ServiceAction):
    """The learner has confirmed: the ticket is made, with everything the team needs to know."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_open_ticket"

    def answer(self, view: TrackerView) -> Reply:
        """The reference, and what happens next."""
        try:
            ticket = services().tickets.open(request(view))
        except TooManyTickets as error:
            values = {"wait": duration(error.retry_after), "team": services().settings.certification_email}
            return Reply((Say("utter_ticket_limit", values=values),), NO_TICKET_SLOTS)
        values = {"reference": ticket.reference, "contact": escape_markdown(ticket.contact)}
        within = services().answer_times.expected().within
        opened = Say("utter_ticket_opened", values=values)
        told = replace(opened, utterance="utter_ticket_opened_within", values={**values, "within": within})
        return Reply((told if within else opened,), NO_TICKET_SLOTS)


class LeaveTicketForm(ServiceAction):
    """The learner stops: nothing is kept."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_leave_ticket_form"

    def answer(self, view: TrackerView) -> Reply:
        """Say so only to "stop" and "no", and where to write if no address was given; others have their own reply."""
        stopped = Say("utter_ticket_stopped")
        if view.requested == CONTACT:
            team = escape_markdown(services().settings.certification_email)
            stopped = Say("utter_ticket_stopped_address", values={"team": team})
        says = (stopped,) if view.intent in ("stop", "deny") else ()
        return Reply(says, {**NO_TICKET_SLOTS, "ticket_answer": None})
