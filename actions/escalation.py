"""The form that makes a ticket: what is known is filled in, the rest is asked, and the learner has the last word."""

import uuid
from typing import Any

from actions.base import Reply, Say, ServiceAction, TrackerView
from actions.issuance import line
from actions.services import services
from bot.content.kinds import ResponseKind, faq_id, kind_of
from bot.content.markdown import escape_markdown
from bot.content.responses import render
from bot.identity.address import normalised
from bot.tickets.ticket import HandoverReason, State, TicketRequest
from bot.tickets.transcript import transcript

TICKET_FORM = "ticket_form"
CONTACT, ABOUT, CONFIRMED_SLOT, REASON, TOPIC = "contact", "about", "confirmed", "ticket_reason", "ticket_topic"
NO_TICKET_SLOTS = {CONTACT: None, ABOUT: None, CONFIRMED_SLOT: None, REASON: None, TOPIC: None}
LEAVES_TICKET_FORM = ("stop", "goodbye", "check_issuance_status")
TICKET_FORM_ANSWERS = ("inform", "affirm", "escalate", "change_address", "resend_code")
ENOUGH_WORDS = 7  # a wish to reach somebody that is so long says what it is about


class Escalate(ServiceAction):
    """Begins the ticket form, or shows the ticket that this conversation has already."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_escalate"

    def answer(self, view: TrackerView) -> Reply:
        """Fill in what the conversation tells; the form asks for the rest."""
        ticket = services().tickets.of_conversation(view.conversation_id)
        if ticket and ticket.state is State.WAITING:  # the team has written: this is the answer
            return Reply(slots={**NO_TICKET_SLOTS, "ticket_answer": None}, then="ticket_answer_form")
        if ticket and ticket.open:
            return Reply((Say("utter_ticket_already", values={"reference": ticket.reference}),), NO_TICKET_SLOTS)
        reason = reason_of(view)
        known = {CONTACT: contact_of(view), ABOUT: about_of(view, reason), REASON: reason.value, TOPIC: declined(view)}
        begins = () if known[ABOUT] and known[CONTACT] else (Say("utter_ticket_begins"),)
        return Reply(begins, {**NO_TICKET_SLOTS, **known}, TICKET_FORM)


def declined(view: TrackerView) -> str | None:
    """The label of what the turn before has said not to be covered, None if nothing."""
    utterances = (said for said in view.said if kind_of(said) is ResponseKind.DECLINE)
    return next((said.removeprefix("utter_") for said in utterances), None)


def reason_of(view: TrackerView) -> HandoverReason:
    """Why it is handed over, from what was said before."""
    if declined(view):
        return HandoverReason.NEAR_MISS
    if "utter_status_offer_team" in view.said:
        return HandoverReason.OVERDUE
    if any(kind_of(said).not_understood for said in view.said):
        return HandoverReason.NOT_UNDERSTOOD
    return HandoverReason.REQUESTED


def contact_of(view: TrackerView) -> str | None:
    """The address in the message, else the newest proven one."""
    named = [address for text in view.entities("email") if (address := normalised(text))]
    proven = services().identity.proven(view.conversation_id)
    return named[0] if len(named) == 1 else proven[0] if proven else None


def about_of(view: TrackerView, reason: HandoverReason) -> str | None:
    """What it is about, where the conversation says it: the diagnosis, or the learner's own words."""
    if len(view.text.split()) >= ENOUGH_WORDS:
        return view.text
    if reason in (HandoverReason.NEAR_MISS, HandoverReason.NOT_UNDERSTOOD):
        typed = [m.text for m in services().store.all(view.conversation_id) if m.role == "user"]
        words = [text for text in typed[:-1] if len(text.split()) > 2]
        return words[-1] if words else None
    if reason is HandoverReason.OVERDUE:
        proven = services().identity.proven(view.conversation_id)
        titles = {
            d.title for d in services().issuance.status(proven).diagnoses if d.title and d.stage.value == "overdue"
        }
        return render_about(sorted(titles)) if titles else None
    return None


def render_about(titles: list[str]) -> str:
    """The subject of a ticket about overdue credentials."""
    return render("utter_ticket_about_overdue", {"titles": ", ".join(titles)})


class ValidateTicketForm(ServiceAction):
    """Reads the answer to the form's question; without one it sets nothing, and Rasa looks at the message afresh."""

    def name(self) -> str:
        """As Rasa's forms want it."""
        return f"validate_{TICKET_FORM}"

    def answer(self, view: TrackerView) -> Reply:
        """Whichever slot is asked for."""
        if not view.requested or view.intent in LEAVES_TICKET_FORM:
            return Reply()
        if view.requested == CONTACT:
            return self._contact(view)
        return self._about(view) if view.requested == ABOUT else self._confirmed(view)

    def _contact(self, view: TrackerView) -> Reply:
        named = view.entities("email")
        if len(named) == 1 and (address := normalised(named[0])):
            return Reply(slots={CONTACT: address})
        if named or "@" in view.text:
            return Reply((Say("utter_address_invalid"),), {CONTACT: None})
        return Reply(slots={CONTACT: None}) if view.intent in TICKET_FORM_ANSWERS else Reply()

    def _about(self, view: TrackerView) -> Reply:
        if not view.text:
            return self._pressed(view)
        if view.intent == "deny" and len(view.text.split()) < 3:
            return Reply()
        return Reply(slots={ABOUT: view.text})

    def _pressed(self, view: TrackerView) -> Reply:
        """A button is no text for the team; one of those that belong to the form has it ask again."""
        if view.intent == "change_address":
            return Reply(slots={CONTACT: None, ABOUT: None})
        return Reply(slots={ABOUT: None}) if view.intent in TICKET_FORM_ANSWERS else Reply()

    def _confirmed(self, view: TrackerView) -> Reply:
        if view.intent in ("affirm", "escalate"):
            return Reply(slots={CONFIRMED_SLOT: "yes"})
        if len(named := view.entities("email")) == 1 and (address := normalised(named[0])):
            return Reply(slots={CONTACT: address, CONFIRMED_SLOT: None})
        if view.intent == "change_address":
            return Reply(slots={CONTACT: None, CONFIRMED_SLOT: None})
        if view.intent == "deny":
            return Reply(slots={ABOUT: None, CONFIRMED_SLOT: None})
        if view.intent == "resend_code":  # "send it again": nothing has been sent yet
            return Reply(slots={CONFIRMED_SLOT: None})
        if view.intent == "inform" or view.unclear:
            return Reply(slots={ABOUT: f"{view.slots.get(ABOUT) or ''}\n{view.text}".strip(), CONFIRMED_SLOT: None})
        return Reply()


class AskContact(ServiceAction):
    """Asks where the team may answer."""

    def name(self) -> str:
        """As Rasa's forms want it."""
        return f"action_ask_{TICKET_FORM}_{CONTACT}"

    def answer(self, view: TrackerView) -> list[Say]:
        """Nothing when this turn has just said what is wrong with the address."""
        return [] if "utter_address_invalid" in view.spoken else [Say("utter_ticket_ask_contact")]


class AskAbout(ServiceAction):
    """Asks what it is about."""

    def name(self) -> str:
        """As Rasa's forms want it."""
        return f"action_ask_{TICKET_FORM}_{ABOUT}"

    def answer(self, view: TrackerView) -> list[Say]:
        """Anew when the learner wants to change it."""
        return [Say("utter_ticket_ask_about_again" if view.intent == "deny" else "utter_ticket_ask_about")]


class AskConfirmed(ServiceAction):
    """Shows the summary, to be sent or changed."""

    def name(self) -> str:
        """As Rasa's forms want it."""
        return f"action_ask_{TICKET_FORM}_{CONFIRMED_SLOT}"

    def answer(self, view: TrackerView) -> list[Say]:
        """What the team will read."""
        about = "\n> ".join(escape_markdown(text) for text in str(view.slots.get(ABOUT) or "").splitlines())
        return [
            Say(
                "utter_ticket_summary",
                values={"contact": escape_markdown(str(view.slots.get(CONTACT) or "")), "about": about},
            )
        ]


class OpenTicket(ServiceAction):
    """The learner has confirmed: the ticket is made, with everything the team needs to know."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_open_ticket"

    def answer(self, view: TrackerView) -> Reply:
        """The reference, and what happens next."""
        ticket = services().tickets.open(request(view))
        values = {"reference": ticket.reference, "contact": escape_markdown(ticket.contact)}
        return Reply((Say("utter_ticket_opened", values=values),), NO_TICKET_SLOTS)


def request(view: TrackerView) -> TicketRequest:
    """Everything that the conversation and the record know."""
    messages = services().store.all(view.conversation_id)
    proven = services().identity.proven(view.conversation_id)
    about: dict[str, Any] = {}
    if proven:
        report = services().issuance.status(proven, credential=str(view.slots.get("credential") or ""))
        about = {
            "diagnosis": tuple(line(diagnosis, "site") for diagnosis in report.diagnoses),
            "stages": tuple(diagnosis.stage.value for diagnosis in report.diagnoses),
            "credentials": tuple(dict.fromkeys(d.title for d in report.diagnoses if d.title)),
            "several_profiles": report.several_profiles,
        }
    said = [message.utterance for message in messages]
    faqs = dict.fromkeys(found for utterance in said if (found := faq_id(utterance)))
    return TicketRequest(
        key=str(uuid.uuid4()),
        conversation_id=view.conversation_id,
        channel=view.channel,
        contact=str(view.slots.get(CONTACT) or ""),
        about=str(view.slots.get(ABOUT) or ""),
        reason=HandoverReason(view.slots.get(REASON) or HandoverReason.REQUESTED),
        proven=tuple(proven),
        faqs=tuple(faqs),
        transcript=transcript(messages),
        topic=str(view.slots.get(TOPIC) or ""),
        **about,
    )


class LeaveTicketForm(ServiceAction):
    """The learner stops: nothing is kept."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_leave_ticket_form"

    def answer(self, view: TrackerView) -> Reply:
        """Say so only to "stop" and "no": other intents have their own reply."""
        says = (Say("utter_ticket_stopped"),) if view.intent in ("stop", "deny") else ()
        return Reply(says, {**NO_TICKET_SLOTS, "ticket_answer": None})
