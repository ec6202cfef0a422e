"""Replies that lean on an FAQ answer: it did not help, the other one, not what was asked, more of it."""

import re

from actions.answers import DONE_BY, answer_label, button, takes_up_look_up
from actions.base import Reply, Say, ServiceAction, TrackerView
from actions.services import services
from bot.content.kinds import ResponseKind, kind_of, topic_of
from bot.content.responses import button_titles, responses
from bot.content.twins import other_one

ABOUT_MISSING = (
    "missing_digital_credential",
    "missing_micro_credential",
    "missing_some_credentials",
    "earning_notification",
)
# What people say to news that they would rather not have had.
REGRET = re.compile(
    r"\b(?:oh no|oh dear|damn\w*|dang|bummer|shame|pity|bad luck|that hurts|ouch|dommage|schade|sad|gutted)\b"
    r"|[😢😞😭🙁☹😔]|:\(",
    re.IGNORECASE,
)
SMALL_TALK = (ResponseKind.SOCIAL, ResponseKind.THANKS)  # kinds of replies that no question was misread for
SAID_TO = {"thank": "utter_thank", "help": "utter_help", "bot_challenge": "utter_bot_challenge"}
SURELY = 0.9  # probability from which a message is answered by itself


class NotHelped(ServiceAction):
    """ "Tried it, no change": never the same again, but the next step."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_not_helped"

    def answer(self, view: TrackerView) -> list[Say]:
        """The look-up where a badge is missing and has not been looked up; else the team."""
        looked_up = view.focus.get("record")
        if view.topic in ABOUT_MISSING and not looked_up:
            return [Say("utter_not_helped_look_up")]
        return [Say("utter_not_helped")]


class AlreadyDid(ServiceAction):
    """ "Checked spam twice." """

    def name(self) -> str:
        """As in domain.yml."""
        return "action_already_did"

    def answer(self, view: TrackerView) -> list[Say]:
        """The step after those of the answer."""
        if view.topic in ABOUT_MISSING and not view.focus.get("record"):
            return [Say("utter_already_did")]
        return [Say("utter_already_did_team")]


class OtherOne(ServiceAction):
    """ "The other one, I mean." """

    def name(self) -> str:
        """As in domain.yml."""
        return "action_other_one"

    def answer(self, view: TrackerView) -> list[Say]:
        """The twin of the answer given last."""
        twin = other_one(f"faq/{view.topic}")
        return [Say("utter_other_one"), Say(f"utter_{twin}")] if twin else [Say("utter_other_one_unknown")]


class Misunderstood(ServiceAction):
    """ "That's not what I asked": an apology and the next likeliest, never the same."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_misunderstood"

    def answer(self, view: TrackerView) -> Reply:
        """Buttons for what else the message before may have meant; after small talk, what this one says by itself."""
        if view.said and all(kind_of(one) in SMALL_TALK for one in view.said):
            return by_itself(view)
        return Reply(tuple(self._instead(view)))

    def _instead(self, view: TrackerView) -> list[Say]:
        said = {f"faq/{topic}" for topic in view.focus.get("topics") or []}
        likely = [label for label in view.labels_before if label not in said and label in button_titles()][:3]
        if not likely:
            return [Say("utter_misunderstood")]
        none = {"title": button_titles()["none_of_these"], "payload": "/deny"}
        return [Say("utter_misunderstood_instead", (*(button(label) for label in likely), none))]


def by_itself(view: TrackerView) -> Reply:
    """What a message surely means without what stood before it; else other words are asked for."""
    likely = ((one["name"], one["confidence"]) for one in view.message.get("intent_ranking") or [])
    name = next((name for name, share in likely if name != view.intent and share >= SURELY), "")
    answered = name in DONE_BY or f"utter_{name}" in responses()
    return answer_label(name) if answered else Reply((Say("utter_ask_rephrase"),))


class AskMore(ServiceAction):
    """ "Can you explain that more?": the whole answer where only a part was shown; else where more is to be had."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_ask_more"

    def answer(self, view: TrackerView) -> list[Say]:
        """Nothing is said twice."""
        if view.topic and any(kind_of(one) is ResponseKind.FACT for one in view.said):
            return [Say(f"utter_faq/{view.topic}")]
        return [Say("utter_ask_more")]


class AnswerInPart(ServiceAction):
    """One fact of an answer."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_fact"

    def answer(self, view: TrackerView) -> list[Say]:
        """The whole answer where the fact was said just before; where that was too, where more is to be had."""
        fact = str(view.message["response_selector"]["fact"]["response"]["utter_action"])
        whole = f"utter_faq/{topic_of(fact)}"
        return [Say(next((one for one in (fact, whole) if one not in view.said), "utter_ask_more"))]


class ShowAll(ServiceAction):
    """ "The whole answer, please." """

    def name(self) -> str:
        """As in domain.yml."""
        return "action_show_all"

    def answer(self, view: TrackerView) -> list[Say]:
        """Of the topic."""
        return [Say(f"utter_faq/{view.topic}") if view.topic else Say("utter_show_all_nothing")]


class SmallTalk(ServiceAction):
    """Thanks, a call for help, "are you a robot": the utterance of the intent."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_small_talk"

    def answer(self, view: TrackerView) -> list[Say]:
        """Nothing is said twice running."""
        return [Say(SAID_TO[view.intent])]


class Acknowledge(ServiceAction):
    """ "Ok", "great", a thumb: short, never twice the same."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_acknowledge"

    def answer(self, view: TrackerView) -> Reply:
        """Shorter where a task goes on; the look-up where it was offered and the words take it up."""
        if view.form:
            return Reply((Say("utter_acknowledge_short"),))
        if takes_up_look_up(view):
            return answer_label("check_issuance_status")
        return Reply((Say("utter_acknowledge_sorry" if REGRET.search(view.text) else "utter_acknowledge"),))


class Hold(ServiceAction):
    """ "One moment." """

    def name(self) -> str:
        """As in domain.yml."""
        return "action_hold"

    def answer(self, view: TrackerView) -> list[Say]:
        """Patience."""
        return [Say("utter_hold")]


class OtherPerson(ServiceAction):
    """Somebody else's record."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_other_person"

    def answer(self, view: TrackerView) -> Reply:
        """Only they can ask; for staff in Slack it is looked up."""
        asks_for_staff = view.channel == "slack" and view.entities("email")
        if asks_for_staff and any(map(services().identity.is_staff, services().identity.proven(view.conversation_id))):
            return Reply(then="action_check_issuance_status")
        return Reply((Say("utter_other_person"),))
