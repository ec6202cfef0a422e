"""Replies that depend on how a message was understood: two answers, a question back, a refusal, yes and no."""

from functools import lru_cache

from actions.base import Say, ServiceAction, Turn
from bot.content import button_titles

OFFER = "utter_offer_escalation"
IN_DOUBT = "nlu_fallback"
NONE_OF_THESE = "none_of_these"
FAILURES_BEFORE_OFFER = 2


@lru_cache(maxsize=1)
def titles() -> dict[str, str]:
    """Button titles by label, read once."""
    return button_titles()


def failures(turn: Turn) -> int:
    """How many messages in a row, this one included, were not understood."""
    count = 0
    for intent in turn.intents:
        if intent != IN_DOUBT:
            break
        count += 1
    return count


def button(label: str) -> dict[str, str]:
    """The button that stands for a label."""
    return {"title": titles()[label], "payload": f"/{label}"}


class Clarify(ServiceAction):
    """In doubt: asks which of up to three is meant; the second time in a row, offers a person."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_clarify"

    def answer(self, turn: Turn) -> list[Say]:
        """Ask back, or offer a person."""
        labels = [c["label"] for c in turn.message.get("candidates") or [] if c["label"] in titles()][:3]
        if failures(turn) >= FAILURES_BEFORE_OFFER:
            return [Say(OFFER)] if not labels else [Say("utter_ask_which_again", _choices(labels)), Say(OFFER)]
        if not labels:
            return [Say("utter_ask_rephrase")]
        return [Say("utter_ask_which", _choices(labels))]


def _choices(labels: list[str]) -> tuple[dict[str, str], ...]:
    none = {"title": titles()[NONE_OF_THESE], "payload": "/deny"}
    return (*(button(label) for label in labels), none)


class AnswerQuestions(ServiceAction):
    """Two questions in one message get two answers."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_answer_questions"

    def answer(self, turn: Turn) -> list[Say]:
        """One utterance a question."""
        return [Say(f"utter_{question['label']}") for question in turn.message.get("questions") or []]


class Decline(ServiceAction):
    """Out of scope: says so, and offers to pass on what belongs to the certification team."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_decline"

    def answer(self, turn: Turn) -> list[Say]:
        """The reply of the key, and the offer where the content asks for it."""
        chosen = turn.message["response_selector"]["out_of_scope"]["response"]
        variants = chosen.get("responses") or [{}]
        offer = (variants[0].get("metadata") or {}).get("offer") == "escalate"
        reply = Say(chosen["utter_action"])
        return [reply, Say(OFFER)] if offer else [reply]


class Affirm(ServiceAction):
    """Yes: to the offer of a person, or to nothing that was asked."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_affirm"

    def answer(self, turn: Turn) -> list[Say]:
        """Escalate after the offer."""
        return [Say("utter_escalate" if turn.last_utterance == OFFER else "utter_affirm")]


class Deny(ServiceAction):
    """No: to the choices of a clarification, to the offer of a person, or to an answer."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_deny"

    def answer(self, turn: Turn) -> list[Say]:
        """After "none of these" a person is offered; after the offer, not again."""
        return [Say("utter_deny" if turn.last_utterance == OFFER else OFFER)]
