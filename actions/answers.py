"""Replies that depend on how a message was understood: two answers, a question back, a refusal, yes and no."""

import re

from actions.base import Reply, Say, ServiceAction, TrackerView
from actions.escalation import TICKET_FORM
from actions.services import services
from actions.ticket_answer import TICKET_ANSWER_FORM
from bot.content.kinds import ResponseKind, kind_of
from bot.content.markdown import escape_markdown
from bot.content.responses import button_titles, responses
from bot.issuance.record import Kind

OFFER = "utter_offer_escalation"
HOW_TOLD = "utter_process/how_told"
WHICH_ONE = "utter_ask_which_one"
IN_DOUBT = "nlu_fallback"
LOOK = re.compile(r"\b(?:look|check)\b", re.IGNORECASE)
BY_THEMSELVES = re.compile(r"\b(?:i|i['’]?(?:ll|m|ve|d)|my(?:self)?|me|lemme|gonna|will|later)\b", re.IGNORECASE)
NONE_OF_THESE = "none_of_these"
WHICH_KIND_IS_MISSING = "ambiguous/missing_badge"
MISSING_OF = {
    Kind.CERTIFICATION: "missing_digital_credential",
    Kind.MICRO_CREDENTIAL: "missing_micro_credential",
}
YES_OR_NO = {"/escalate", "/deny"}
# What is done by an action of its own, by label, and what a "yes" to these utterances means.
DONE_BY = {"check_issuance_status": "action_check_issuance_status", "escalate": "action_escalate"}
DONE_BY_PAYLOAD = {
    "/check_issuance_status": "action_check_issuance_status",
    "/escalate": "action_escalate",
    "/change_address": "action_change_address",
    "/watch": "action_watch",
    "/withdraw_ticket": "action_withdraw_ticket",
    "/resend_code": "action_resend_code",
}
YES_MEANS = {
    "utter_ticket_already": "action_add_to_ticket",
    "utter_ticket_which": "action_add_detail",
}


def failures(view: TrackerView) -> int:
    """How many messages in a row, this one included, were not understood."""
    count = 0
    for intent in view.intents:
        if intent != IN_DOUBT:
            break
        count += 1
    return count


def button(label: str) -> dict[str, str]:
    """The button that stands for a label."""
    return {"title": button_titles()[label], "payload": f"/{label}"}


def answer_label(label: str) -> Reply:
    """The answer to a label: what is said, or the action that does it."""
    return Reply(then=DONE_BY[label]) if label in DONE_BY else Reply((Say(f"utter_{label}"),))


def person_offered(view: TrackerView) -> bool:
    """Whether the turn before ended with the offer of a person."""
    return view.last_utterance == OFFER or {b["payload"] for b in view.buttons} >= YES_OR_NO


class Clarify(ServiceAction):
    """In doubt: asks which of up to three is meant; the second time in a row, offers a person."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_clarify"

    def answer(self, view: TrackerView) -> list[Say]:
        """Ask back, then offer a person; from then on by turns say where to write, and offer again."""
        if view.form:
            return [Say("utter_ask_rephrase_in_task")]
        labels = [c["label"] for c in view.message.get("candidates") or [] if c["label"] in button_titles()][:3]
        count = failures(view)
        if count > 1 and count % 2:
            return [Say("utter_lost")]
        if count > 1:
            return [Say("utter_ask_which_again", _choices(labels)), Say(OFFER)] if labels else [Say(OFFER)]
        if wider := _of_all(labels):
            return [Say(f"utter_{wider}")]
        return [Say("utter_ask_which", _choices(labels)) if labels else Say("utter_ask_rephrase")]


def _of_all(labels: list[str]) -> str:
    """The label whose own question back offers all the others ("A badge is missing"), "" for none."""
    for label in labels:
        offered = {b["payload"].lstrip("/") for b in responses()[f"utter_{label}"][0].get("buttons") or []}
        if kind_of(f"utter_{label}") is ResponseKind.AMBIGUOUS and offered >= set(labels) - {label}:
            return label
    return ""


def _choices(labels: list[str]) -> tuple[dict[str, str], ...]:
    none = {"title": button_titles()[NONE_OF_THESE], "payload": "/deny"}
    return (*(button(label) for label in labels), none)


class AskWhichIsMissing(ServiceAction):
    """A badge is missing, and the words do not say of which kind: asks, unless the catalogue or the talk knows it."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_ambiguous"

    def answer(self, view: TrackerView) -> list[Say]:
        """The answer for its kind; where that was given already, the look-up; else the question back."""
        topics = view.focus.get("topics") or []
        told = [topic for topic in MISSING_OF.values() if topic in topics]
        titles = [one.title for name in view.entities("credential") if (one := services().catalogue.match(name))]
        of_a_kind = {MISSING_OF[services().catalogue.kind(title)] for title in titles} or set(told)
        if not view.text or view.form or len(of_a_kind) != 1:
            return [Say(f"utter_{WHICH_KIND_IS_MISSING}")]
        (topic,) = of_a_kind
        return [Say("utter_not_helped_look_up" if topic in told else f"utter_faq/{topic}")]


class AnswerQuestions(ServiceAction):
    """Two or three questions in one message get as many answers."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_answer_questions"

    def answer(self, view: TrackerView) -> Reply:
        """One utterance a question; what needs an action of its own comes last, unless its form is open already."""
        labels = [question["label"] for question in view.message.get("questions") or []]
        if view.form in (TICKET_FORM, TICKET_ANSWER_FORM):
            labels = [label for label in labels if label != "escalate"]
        answers = [answer_label(label) for label in sorted(labels, key=lambda label: label in DONE_BY)]
        return sum(answers, Reply()) if answers else Reply((Say("utter_ask_rephrase"),))


class Decline(ServiceAction):
    """Out of scope: says so, and offers to pass on what belongs to the certification team."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_decline"

    def answer(self, view: TrackerView) -> list[Say]:
        """The reply of the key (never twice running), with yes and no where the content asks for it."""
        chosen = view.message["response_selector"]["out_of_scope"]["response"]
        variants = chosen.get("responses") or [{}]
        offer = (variants[0].get("metadata") or {}).get("offer") == "escalate"
        if chosen["utter_action"] in view.said:
            return [Say("utter_decline_again")]
        return [Say(chosen["utter_action"], _yes_or_no() if offer else ())]


class AnswerProcess(ServiceAction):
    """ "Who reads it?", "when will I hear?": how things are done here."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_process"

    def answer(self, view: TrackerView) -> list[Say]:
        """The reply of the key; the address where one is proven."""
        name = view.message["response_selector"]["process"]["response"]["utter_action"]
        proven = services().identity.proven(view.conversation_id) if name == HOW_TOLD else []
        if proven:
            return [Say("utter_watch_how_told", values={"address": ", ".join(map(escape_markdown, proven))})]
        return [Say(name)]


class OtherLanguage(ServiceAction):
    """Another language than English: says in it what is possible, in fewer words the second time in a row."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_other_language"

    def answer(self, view: TrackerView) -> list[Say]:
        """The reply of the key."""
        chosen = view.message["response_selector"]["other_language"]["response"]["utter_action"]
        return [Say(chosen)]


def _yes_or_no() -> tuple[dict[str, str], ...]:
    return tuple(responses()[OFFER][0]["buttons"])


class Affirm(ServiceAction):
    """Yes: to what was offered, to a question back, or to nothing that was asked."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_affirm"

    def answer(self, view: TrackerView) -> Reply:
        """What was offered first is done; of several choices it is asked once more which."""
        if view.last_utterance in YES_MEANS:
            return Reply(then=YES_MEANS[view.last_utterance])
        if view.last_utterance == OFFER:
            return answer_label("escalate")
        if takes_up_look_up(view):
            return answer_label("check_issuance_status")
        if any(kind_of(said).asks_which for said in view.said):
            return self._choose(view)
        offered = [b["payload"] for b in view.buttons if b["payload"] in DONE_BY_PAYLOAD]
        if not offered and "team_offered" in (view.focus.get("contexts") or ()):  # the worker's news offers it
            offered = ["/escalate"]
        return Reply(then=DONE_BY_PAYLOAD[offered[0]]) if offered else Reply((Say("utter_affirm"),))

    def _choose(self, view: TrackerView) -> Reply:
        choices = [b["payload"].lstrip("/") for b in view.buttons if b["payload"] != "/deny"]
        if "check_issuance_status" in choices and len(choices) > 1 and says_look_up(view.text):
            return answer_label("check_issuance_status")
        if len(choices) == 1:
            return answer_label(choices[0])
        again = Say(OFFER) if view.last_utterance == WHICH_ONE else Say(WHICH_ONE, view.buttons)
        return Reply((again,))


def says_look_up(text: str) -> bool:
    """Whether a yes names the look-up among several offers."""
    return any(word in text.lower() for word in ("look", "check", "see", "find"))


def takes_up_look_up(view: TrackerView) -> bool:
    """Whether small words ask for the look-up that stands offered ("go on then, check it"), and not what they do."""
    return view.focus.get("look_up") is True and bool(LOOK.search(view.text)) and not BY_THEMSELVES.search(view.text)


class Deny(ServiceAction):
    """No: to the choices of a clarification, to an offer, or to an answer."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_deny"

    def answer(self, view: TrackerView) -> list[Say]:
        """A person is offered where something did not help; after the offer, not again."""
        if person_offered(view) or not kind_of(view.last_utterance).may_not_help:
            return [Say("utter_deny")]
        return [Say(OFFER)]
