"""The form that proves an e-mail address: asks for the address, sends a one-time code and checks it."""

import re

from actions.base import Reply, Say, ServiceAction, Turn
from actions.services import services
from bot.errors import InvalidAddress
from bot.identity.code import find_code
from bot.identity.proof import CodeExpired, CodeRequested, Locked, NoCode, Proven

FORM = "issuance_form"
ADDRESS, CODE = "address", "one_time_code"
FORGOTTEN = {ADDRESS: None, CODE: None}
# What people answer with when they are asked for an address or a code; everything else is a question of its own.
ANSWERS = ("inform", "affirm", "deny", "resend_code", "change_address", "check_issuance_status")
LEAVES = ("stop", "escalate", "goodbye")
DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")


def send_code(turn: Turn, address: str) -> Reply:
    """Send a code to an address; the words are the same whether or not anybody is known under it."""
    try:
        answer = services().identity.request_code(turn.conversation_id, address, turn.channel)
    except InvalidAddress:
        return Reply((Say("utter_address_invalid"),), FORGOTTEN)
    if isinstance(answer, CodeRequested):
        return Reply((Say("utter_code_sent", values={"address": shown(answer.address)}),), {ADDRESS: answer.address})
    waiting = services().identity.waiting(turn.conversation_id)
    wait = {"wait": duration(answer.retry_after)}
    if waiting is None:  # nothing that could be typed: the address is asked for anew
        return Reply((Say("utter_code_limit", values=wait),), FORGOTTEN)
    return Reply((Say("utter_code_limit_waiting", values={**wait, "address": shown(waiting.address)}),), {CODE: None})


def shown(address: str) -> str:
    """An address as Markdown: no character of it acts as a mark."""
    return re.sub(r"([\\`*_~#&])", r"\\\1", address)


def duration(seconds: int) -> str:
    """A waiting time in words."""
    if seconds < 90:
        return f"{seconds} seconds"
    return f"{-(-seconds // 60)} minutes" if seconds < 5400 else f"{-(-seconds // 3600)} hours"


class ValidateIssuanceForm(ServiceAction):
    """Reads the answer to the form's question; without one it sets nothing, and Rasa looks at the message afresh."""

    def name(self) -> str:
        """As Rasa's forms want it."""
        return f"validate_{FORM}"

    def answer(self, turn: Turn) -> Reply:
        """Whichever slot is asked for."""
        if not turn.requested or turn.intent in LEAVES:
            return Reply()
        if len(addresses := turn.entities("email")) == 1:
            return send_code(turn, addresses[0])
        if addresses:
            return Reply((Say("utter_address_one"),), FORGOTTEN)
        return self._address(turn) if turn.requested == ADDRESS else self._code(turn)

    def _address(self, turn: Turn) -> Reply:
        if "@" in turn.text:
            return Reply((Say("utter_address_invalid"),), FORGOTTEN)
        return Reply(slots={**FORGOTTEN, **claim(turn)}) if answers(turn) else Reply()

    def _code(self, turn: Turn) -> Reply:
        if find_code(turn.text) and not DATE.search(turn.text):
            return check_code(turn)
        if turn.intent == "resend_code":
            return send_code(turn, str(turn.slots.get(ADDRESS) or ""))
        if turn.intent == "change_address":
            services().identity.cancel(turn.conversation_id)
            return Reply(slots=FORGOTTEN)
        if turn.intent == "deny":
            return Reply((Say("utter_code_missing"),), {CODE: None})
        if re.search(r"\d{3}", turn.text) and turn.intent in ("inform", "nlu_fallback"):
            return Reply((Say("utter_code_unreadable"),), {CODE: None})
        return Reply(slots={CODE: None, **claim(turn)}) if answers(turn) else Reply()


def answers(turn: Turn) -> bool:
    """Whether the message is meant for the form; what could be several things is asked about."""
    return turn.intent in ANSWERS or turn.unclear


def claim(turn: Turn) -> dict[str, str | None]:
    """The credential and the day that a message names; only what it names."""
    named, days = turn.entities("credential"), turn.entities("date")
    return {**({"credential": named[0]} if named else {}), **({"completed_on": days[0]} if days else {})}


def check_code(turn: Turn) -> Reply:
    """Compare the code; the words say what to do next."""
    result = services().identity.check_code(turn.conversation_id, turn.text)
    if isinstance(result, Proven):
        return Reply(slots={ADDRESS: result.address, CODE: "proven"})
    if isinstance(result, CodeExpired):
        return Reply((Say("utter_code_expired"),), {CODE: None})
    if isinstance(result, NoCode):
        return Reply((Say("utter_code_none"),), FORGOTTEN)
    if isinstance(result, Locked):
        return Reply((Say("utter_code_locked", values={"wait": duration(result.retry_after)}),), {CODE: None})
    if result.tries_left:
        return Reply((Say("utter_code_wrong", values={"tries": str(result.tries_left)}),), {CODE: None})
    return Reply((Say("utter_code_used_up"),), {CODE: None})


class AskAddress(ServiceAction):
    """Asks for the address, shorter when it was asked for before."""

    def name(self) -> str:
        """As Rasa's forms want it."""
        return f"action_ask_{FORM}_{ADDRESS}"

    def answer(self, turn: Turn) -> list[Say]:
        """Nothing when this turn has just said what is wrong with the address."""
        if spoken(turn, "utter_address_", "utter_code_", "utter_identity_", "utter_another_", "utter_ticket_prove"):
            return []
        return [Say("utter_address_ask_again" if turn.requested else "utter_address_ask")]


class AskCode(ServiceAction):
    """Asks for the code again after something else was talked about."""

    def name(self) -> str:
        """As Rasa's forms want it."""
        return f"action_ask_{FORM}_{CODE}"

    def answer(self, turn: Turn) -> list[Say]:
        """Nothing when this turn has just said that the code was sent or what is wrong with it."""
        if spoken(turn, "utter_code_", "utter_address_", "utter_refused_"):
            return []
        return [Say("utter_code_ask_again", values={"address": shown(str(turn.slots.get(ADDRESS) or ""))})]


def spoken(turn: Turn, *beginnings: str) -> bool:
    """Whether this turn has said one of these already."""
    return any(utterance.startswith(beginnings) for utterance in turn.spoken)


class ResendCode(ServiceAction):
    """ "Send it again" outside the form: to the address spoken of last."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_resend_code"

    def answer(self, turn: Turn) -> Reply:
        """Without an address the form begins."""
        address = str(turn.slots.get(ADDRESS) or "")
        return (send_code(turn, address) if address else Reply()) + Reply(then=FORM)


class ChangeAddress(ServiceAction):
    """Another address of the same person: proven in the same chat, then both are shown together."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_change_address"

    def answer(self, turn: Turn) -> Reply:
        """The one in the message, or the form asks."""
        named = turn.entities("email")
        begun = send_code(turn, named[0]) if len(named) == 1 else Reply((Say("utter_another_address_ask"),), FORGOTTEN)
        return Reply(slots=FORGOTTEN) + begun + Reply(then=FORM)


class LeaveIssuanceForm(ServiceAction):
    """The learner stops: the code that waits is worthless from now on."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_leave_issuance_form"

    def answer(self, turn: Turn) -> Reply:
        """Say so only to a plain "stop": other intents have their own reply."""
        services().identity.cancel(turn.conversation_id)
        return Reply((Say("utter_identity_stopped"),) if turn.intent == "stop" else (), FORGOTTEN)
