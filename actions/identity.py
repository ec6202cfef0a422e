"""The form that proves an e-mail address: asks for the address, sends a one-time code and checks it."""

import re

from actions.base import Reply, Say, ServiceAction, TrackerView
from actions.services import services
from bot.content.kinds import ResponseKind, kind_of
from bot.content.markdown import escape_markdown
from bot.errors import InvalidAddress
from bot.identity.address import corrected, names_slip
from bot.identity.code import find_code
from bot.identity.proof import CodeExpired, CodeRequested, Locked, NoCode, Proven

ISSUANCE_FORM = "issuance_form"
ADDRESS, CODE = "address", "one_time_code"
NO_IDENTITY_SLOTS = {ADDRESS: None, CODE: None}
# What people answer with when they are asked for an address or a code; everything else is a question of its own.
ISSUANCE_FORM_ANSWERS = ("inform", "affirm", "deny", "resend_code", "change_address", "check_issuance_status")
LEAVES_ISSUANCE_FORM = ("stop", "escalate", "goodbye")
AGAIN = re.compile(r"\b(?:again|new|another|resend|once more|anew)\b", re.IGNORECASE)
DATE_PATTERN = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")


def send_code(view: TrackerView, address: str) -> Reply:
    """Send a code to an address; the words are the same whether or not anybody is known under it."""
    network = services().store.network(view.conversation_id)
    try:
        answer = services().identity.request_code(view.conversation_id, address, view.channel, network)
    except InvalidAddress:
        return Reply((Say("utter_address_invalid"),), NO_IDENTITY_SLOTS)
    if isinstance(answer, CodeRequested):
        return Reply(
            (Say("utter_code_sent", values={"address": escape_markdown(answer.address)}),), {ADDRESS: answer.address}
        )
    waiting = services().identity.waiting(view.conversation_id)
    wait = {"wait": duration(answer.retry_after)}
    if waiting is None:  # nothing that could be typed: the address is asked for anew
        return Reply((Say("utter_code_limit", values=wait),), NO_IDENTITY_SLOTS)
    return Reply(
        (Say("utter_code_limit_waiting", values={**wait, "address": escape_markdown(waiting.address)}),), {CODE: None}
    )


def duration(seconds: int) -> str:
    """A waiting time in words."""
    if seconds < 90:
        return f"{seconds} seconds"
    return f"{-(-seconds // 60)} minutes" if seconds < 5400 else f"{-(-seconds // 3600)} hours"


class ValidateIssuanceForm(ServiceAction):
    """Reads the answer to the form's question; without one it sets nothing, and Rasa looks at the message afresh."""

    def name(self) -> str:
        """As Rasa's forms want it."""
        return f"validate_{ISSUANCE_FORM}"

    def answer(self, view: TrackerView) -> Reply:
        """Whichever slot is asked for."""
        if not view.requested or view.intent in LEAVES_ISSUANCE_FORM:
            return Reply()
        if len(addresses := view.entities("email")) == 1:
            return send_code(view, addresses[0])
        if addresses:
            return Reply((Say("utter_address_one"),), NO_IDENTITY_SLOTS)
        return self._address(view) if view.requested == ADDRESS else self._code(view)

    def _address(self, view: TrackerView) -> Reply:
        if "@" in view.text:
            return Reply((Say("utter_address_invalid"),), NO_IDENTITY_SLOTS)
        return Reply(slots={**NO_IDENTITY_SLOTS, **claim(view)}) if answers(view) else Reply()

    def _code(self, view: TrackerView) -> Reply:
        if find_code(view.text) and not DATE_PATTERN.search(view.text):
            return check_code(view)
        address = str(view.slots.get(ADDRESS) or "")
        if view.intent == "correct_address" or names_slip(address, view.text):
            right = corrected(address, view.text)
            return send_code(view, right) if right else Reply(slots=NO_IDENTITY_SLOTS)
        if view.intent == "change_address":
            services().identity.cancel(view.conversation_id)
            return Reply(slots=NO_IDENTITY_SLOTS)
        if view.intent == "resend_code" or (view.intent == "not_arrived" and AGAIN.search(view.text)):
            return send_code(view, address)
        if view.intent in ("deny", "not_arrived"):
            return Reply((Say("utter_code_missing"),), {CODE: None})
        if re.search(r"\d{3}", view.text) and view.intent in ("inform", "nlu_fallback"):
            return Reply((Say("utter_code_unreadable"),), {CODE: None})
        return Reply(slots={CODE: None, **claim(view)}) if answers(view) else Reply()


def answers(view: TrackerView) -> bool:
    """Whether the message is meant for the form; what could be several things is asked about."""
    return view.intent in ISSUANCE_FORM_ANSWERS or view.unclear


def claim(view: TrackerView) -> dict[str, str | None]:
    """The credential and the day that a message names; only what it names. Of several credentials all are meant."""
    named, days = view.entities("credential"), view.entities("date")
    one = named[0] if len(named) == 1 else None
    return {**({"credential": one} if named else {}), **({"completed_on": days[0]} if days else {})}


def check_code(view: TrackerView) -> Reply:
    """Compare the code; the words say what to do next."""
    result = services().identity.check_code(view.conversation_id, view.text)
    if isinstance(result, Proven):
        return Reply(slots={ADDRESS: result.address, CODE: "proven"})
    if isinstance(result, CodeExpired):
        return Reply((Say("utter_code_expired"),), {CODE: None})
    if isinstance(result, NoCode):
        return already_proven(view)
    if isinstance(result, Locked):
        return Reply((Say("utter_code_locked", values={"wait": duration(result.retry_after)}),), {CODE: None})
    if result.tries_left:
        return Reply((Say("utter_code_wrong", values={"tries": str(result.tries_left)}),), {CODE: None})
    return Reply((Say("utter_code_used_up"),), {CODE: None})


def already_proven(view: TrackerView) -> Reply:
    """No code is waited for; but where this one was right and its answer was lost with a server, it comes again."""
    address = services().identity.proven_by(view.conversation_id, view.text)
    if address:
        return Reply(slots={ADDRESS: address, CODE: "proven"})
    return Reply((Say("utter_code_none"),), NO_IDENTITY_SLOTS)


class AskAddress(ServiceAction):
    """Asks for the address, shorter when it was asked for before."""

    def name(self) -> str:
        """As Rasa's forms want it."""
        return f"action_ask_{ISSUANCE_FORM}_{ADDRESS}"

    def answer(self, view: TrackerView) -> list[Say]:
        """Nothing when this turn has just said what is wrong with the address."""
        if spoken(view, ResponseKind.ADDRESS, ResponseKind.CODE):
            return []
        return [Say("utter_address_ask_again" if view.requested else "utter_address_ask")]


class AskCode(ServiceAction):
    """Asks for the code again after something else was talked about."""

    def name(self) -> str:
        """As Rasa's forms want it."""
        return f"action_ask_{ISSUANCE_FORM}_{CODE}"

    def answer(self, view: TrackerView) -> list[Say]:
        """Nothing when this turn has just said that the code was sent or what is wrong with it."""
        if spoken(view, ResponseKind.CODE, ResponseKind.ADDRESS, ResponseKind.REFUSAL):
            return []
        return [Say("utter_code_ask_again", values={"address": escape_markdown(str(view.slots.get(ADDRESS) or ""))})]


def spoken(view: TrackerView, *kinds: ResponseKind) -> bool:
    """Whether this turn has said one of these already."""
    return any(kind_of(utterance) in kinds for utterance in view.spoken)


class ResendCode(ServiceAction):
    """ "Send it again" outside the form: to the address spoken of last."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_resend_code"

    def answer(self, view: TrackerView) -> Reply:
        """Without an address the form begins; what has not come after a record is its mail, not the code."""
        shown = "record_shown" in (view.focus.get("contexts") or ())
        if view.intent == "not_arrived" and shown and services().identity.proven(view.conversation_id):
            return Reply(then="action_record_why")
        address = str(view.slots.get(ADDRESS) or "")
        return (send_code(view, address) if address else Reply()) + Reply(then=ISSUANCE_FORM)


class ChangeAddress(ServiceAction):
    """Another address of the same person: proven in the same chat, then both are shown together."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_change_address"

    def answer(self, view: TrackerView) -> Reply:
        """The one in the message, or the form asks."""
        named = view.entities("email")
        begun = (
            send_code(view, named[0])
            if len(named) == 1
            else Reply((Say("utter_another_address_ask"),), NO_IDENTITY_SLOTS)
        )
        return Reply(slots=NO_IDENTITY_SLOTS) + begun + Reply(then=ISSUANCE_FORM)


class LeaveIssuanceForm(ServiceAction):
    """The learner stops: the code that waits is worthless from now on."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_leave_issuance_form"

    def answer(self, view: TrackerView) -> Reply:
        """Say so only to a plain "stop", with where else to write if no code was sent."""
        identity = services().identity
        sent = identity.waiting(view.conversation_id) is not None
        identity.cancel(view.conversation_id)
        team = {"team": escape_markdown(services().settings.certification_email)}
        stopped = Say("utter_identity_stopped") if sent else Say("utter_identity_not_begun", values=team)
        return Reply((stopped,) if view.intent == "stop" else (), NO_IDENTITY_SLOTS)
