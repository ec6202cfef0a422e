"""The form that makes a ticket: what is known is filled in, the rest is asked, and the learner has the last word."""

import uuid
from typing import Any

from actions.base import Reply, Say, ServiceAction, Turn
from actions.identity import shown
from actions.issuance import line
from actions.services import services
from bot.content.responses import render
from bot.identity.address import normalised
from bot.issuance import wording
from bot.tickets.ticket import Reason, State, TicketRequest
from bot.tickets.transcript import transcript

FORM = "ticket_form"
CONTACT, ABOUT, CONFIRMED, REASON, TOPIC = "contact", "about", "confirmed", "ticket_reason", "ticket_topic"
FORGOTTEN = {CONTACT: None, ABOUT: None, CONFIRMED: None, REASON: None, TOPIC: None}
LEAVES = ("stop", "goodbye", "check_issuance_status")
ANSWERS = ("inform", "affirm", "escalate", "change_address", "resend_code")
ENOUGH_WORDS = 7  # a wish to reach somebody that is so long says what it is about
ASKED_BACK = ("utter_ask_which", "utter_ask_rephrase", "utter_offer_escalation", "utter_lost")


class Escalate(ServiceAction):
    """Begins the ticket form, or shows the ticket that this conversation has already."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_escalate"

    def answer(self, turn: Turn) -> Reply:
        """Fill in what the conversation tells; the form asks for the rest."""
        ticket = services().tickets.of_conversation(turn.conversation_id)
        if ticket and ticket.state is State.WAITING:  # the team has written: this is the answer
            return Reply(slots={**FORGOTTEN, "ticket_answer": None}, then="ticket_answer_form")
        if ticket and ticket.open:
            return Reply((Say("utter_ticket_already", values={"reference": ticket.reference}),), FORGOTTEN)
        reason = reason_of(turn)
        topic = next(
            (said.removeprefix("utter_") for said in turn.said if said.startswith("utter_out_of_scope/")), None
        )
        known = {CONTACT: contact_of(turn), ABOUT: about_of(turn, reason), REASON: reason.value, TOPIC: topic}
        begins = () if known[ABOUT] and known[CONTACT] else (Say("utter_ticket_begins"),)
        return Reply(begins, {**FORGOTTEN, **known}, FORM)


def reason_of(turn: Turn) -> Reason:
    """Why it is handed over, from what was said before."""
    if any(said.startswith("utter_out_of_scope/") for said in turn.said):
        return Reason.NEAR_MISS
    if "utter_status_offer_team" in turn.said:
        return Reason.OVERDUE
    if any(said.startswith(ASKED_BACK) for said in turn.said):
        return Reason.NOT_UNDERSTOOD
    return Reason.REQUESTED


def contact_of(turn: Turn) -> str | None:
    """The address in the message, else the newest proven one."""
    named = [address for text in turn.entities("email") if (address := normalised(text))]
    proven = services().identity.proven(turn.conversation_id)
    return named[0] if len(named) == 1 else proven[0] if proven else None


def about_of(turn: Turn, reason: Reason) -> str | None:
    """What it is about, where the conversation says it: the diagnosis, or the learner's own words."""
    if len(turn.text.split()) >= ENOUGH_WORDS:
        return turn.text
    if reason in (Reason.NEAR_MISS, Reason.NOT_UNDERSTOOD):
        typed = [m.text for m in services().store.all(turn.conversation_id) if m.role == "user"]
        words = [text for text in typed[:-1] if len(text.split()) > 2]
        return words[-1] if words else None
    if reason is Reason.OVERDUE:
        proven = services().identity.proven(turn.conversation_id)
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
        return f"validate_{FORM}"

    def answer(self, turn: Turn) -> Reply:
        """Whichever slot is asked for."""
        if not turn.requested or turn.intent in LEAVES:
            return Reply()
        if turn.requested == CONTACT:
            return self._contact(turn)
        return self._about(turn) if turn.requested == ABOUT else self._confirmed(turn)

    def _contact(self, turn: Turn) -> Reply:
        named = turn.entities("email")
        if len(named) == 1 and (address := normalised(named[0])):
            return Reply(slots={CONTACT: address})
        if named or "@" in turn.text:
            return Reply((Say("utter_address_invalid"),), {CONTACT: None})
        return Reply(slots={CONTACT: None}) if turn.intent in ANSWERS else Reply()

    def _about(self, turn: Turn) -> Reply:
        if not turn.text:
            return self._pressed(turn)
        if turn.intent == "deny" and len(turn.text.split()) < 3:
            return Reply()
        return Reply(slots={ABOUT: turn.text})

    def _pressed(self, turn: Turn) -> Reply:
        """A button is no text for the team; one of those that belong to the form has it ask again."""
        if turn.intent == "change_address":
            return Reply(slots={CONTACT: None, ABOUT: None})
        return Reply(slots={ABOUT: None}) if turn.intent in ANSWERS else Reply()

    def _confirmed(self, turn: Turn) -> Reply:
        if turn.intent in ("affirm", "escalate"):
            return Reply(slots={CONFIRMED: "yes"})
        if len(named := turn.entities("email")) == 1 and (address := normalised(named[0])):
            return Reply(slots={CONTACT: address, CONFIRMED: None})
        if turn.intent == "change_address":
            return Reply(slots={CONTACT: None, CONFIRMED: None})
        if turn.intent == "deny":
            return Reply(slots={ABOUT: None, CONFIRMED: None})
        if turn.intent == "resend_code":  # "send it again": nothing has been sent yet
            return Reply(slots={CONFIRMED: None})
        if turn.intent == "inform" or turn.unclear:
            return Reply(slots={ABOUT: f"{turn.slots.get(ABOUT) or ''}\n{turn.text}".strip(), CONFIRMED: None})
        return Reply()


class AskContact(ServiceAction):
    """Asks where the team may answer."""

    def name(self) -> str:
        """As Rasa's forms want it."""
        return f"action_ask_{FORM}_{CONTACT}"

    def answer(self, turn: Turn) -> list[Say]:
        """Nothing when this turn has just said what is wrong with the address."""
        return [] if "utter_address_invalid" in turn.spoken else [Say("utter_ticket_ask_contact")]


class AskAbout(ServiceAction):
    """Asks what it is about."""

    def name(self) -> str:
        """As Rasa's forms want it."""
        return f"action_ask_{FORM}_{ABOUT}"

    def answer(self, turn: Turn) -> list[Say]:
        """Anew when the learner wants to change it."""
        return [Say("utter_ticket_ask_about_again" if turn.intent == "deny" else "utter_ticket_ask_about")]


class AskConfirmed(ServiceAction):
    """Shows the summary, to be sent or changed."""

    def name(self) -> str:
        """As Rasa's forms want it."""
        return f"action_ask_{FORM}_{CONFIRMED}"

    def answer(self, turn: Turn) -> list[Say]:
        """What the team will read."""
        about = "\n> ".join(wording.safe(text) for text in str(turn.slots.get(ABOUT) or "").splitlines())
        return [
            Say("utter_ticket_summary", values={"contact": shown(str(turn.slots.get(CONTACT) or "")), "about": about})
        ]


class OpenTicket(ServiceAction):
    """The learner has confirmed: the ticket is made, with everything the team needs to know."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_open_ticket"

    def answer(self, turn: Turn) -> Reply:
        """The reference, and what happens next."""
        ticket = services().tickets.open(request(turn))
        values = {"reference": ticket.reference, "contact": shown(ticket.contact)}
        return Reply((Say("utter_ticket_opened", values=values),), FORGOTTEN)


def request(turn: Turn) -> TicketRequest:
    """Everything that the conversation and the record know."""
    messages = services().store.all(turn.conversation_id)
    proven = services().identity.proven(turn.conversation_id)
    about: dict[str, Any] = {}
    if proven:
        report = services().issuance.status(proven, credential=str(turn.slots.get("credential") or ""))
        about = {
            "diagnosis": tuple(line(diagnosis, "site") for diagnosis in report.diagnoses),
            "stages": tuple(diagnosis.stage.value for diagnosis in report.diagnoses),
            "credentials": tuple(dict.fromkeys(d.title for d in report.diagnoses if d.title)),
            "several_profiles": report.several_profiles,
        }
    said = [message.utterance for message in messages]
    faqs = dict.fromkeys(u.removeprefix("utter_faq/") for u in said if u.startswith("utter_faq/"))
    return TicketRequest(
        str(uuid.uuid4()),
        turn.conversation_id,
        turn.channel,
        str(turn.slots.get(CONTACT) or ""),
        str(turn.slots.get(ABOUT) or ""),
        Reason(turn.slots.get(REASON) or Reason.REQUESTED),
        tuple(proven),
        faqs=tuple(faqs),
        transcript=transcript(messages),
        topic=str(turn.slots.get(TOPIC) or ""),
        **about,
    )


class LeaveTicketForm(ServiceAction):
    """The learner stops: nothing is kept."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_leave_ticket_form"

    def answer(self, turn: Turn) -> Reply:
        """Say so only to "stop" and "no": other intents have their own reply."""
        says = (Say("utter_ticket_stopped"),) if turn.intent in ("stop", "deny") else ()
        return Reply(says, {**FORGOTTEN, "ticket_answer": None})
