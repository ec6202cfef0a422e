import re
from pathlib import Path

import pytest
import yaml

from actions.answers import Affirm, Clarify, Decline, Deny
from actions.base import TrackerView
from bot.content.responses import responses

DOUBT = {"candidates": [{"label": "faq/credential_expiry"}, {"label": "faq/privacy_settings"}]}


def said(action, message, intents=(), last=""):
    answer = action.answer(TrackerView(message, tuple(intents), last))
    return [say.utterance for say in getattr(answer, "says", answer)]


def test_in_doubt_it_asks_with_buttons_and_a_way_out():
    (asked,) = Clarify().answer(TrackerView(DOUBT, ("nlu_fallback",)))
    assert [b["payload"] for b in asked.buttons] == [
        "/faq/credential_expiry",
        "/faq/privacy_settings",
        "/deny",
    ]


def test_the_second_failure_in_a_row_offers_a_person():
    assert said(Clarify(), DOUBT, ["nlu_fallback", "faq"]) == ["utter_ask_which"]
    assert said(Clarify(), DOUBT, ["nlu_fallback", "nlu_fallback"])[-1] == "utter_offer_escalation"


def test_without_candidates_it_asks_to_rephrase_once():
    assert said(Clarify(), {}, ["nlu_fallback"]) == ["utter_ask_rephrase"]
    assert said(Clarify(), {}, ["nlu_fallback", "nlu_fallback"]) == ["utter_offer_escalation"]


def test_a_near_miss_of_the_team_is_offered_to_them():
    selector = {"out_of_scope": {"response": {"utter_action": "u", "responses": [{"metadata": {"offer": "escalate"}}]}}}
    (reply,) = Decline().answer(TrackerView({"response_selector": selector}))
    assert (reply.utterance, [b["payload"] for b in reply.buttons]) == ("u", ["/escalate", "/deny"])


@pytest.mark.parametrize(
    ("action", "last", "utterance"),
    [
        (Affirm(), "utter_greet", "utter_affirm"),
        (Deny(), "utter_offer_escalation", "utter_deny"),
        (Deny(), "utter_ask_which", "utter_offer_escalation"),
    ],
)
def test_yes_and_no_mean_what_was_asked(action, last, utterance):
    assert said(action, {}, (), last) == [utterance]


def test_every_utterance_used_in_actions_exists():
    files = [*Path("actions").glob("*.py"), Path("bot/issuance/wording.py")]
    named = {name for file in files for name in re.findall(r'"(utter_[a-z_]+[a-z])"', file.read_text())}
    assert named - {"utter_action"} <= set(responses())


def test_every_button_leads_somewhere():
    domain = yaml.safe_load(Path("domain.yml").read_text())
    intents = {next(iter(i)) if isinstance(i, dict) else i for i in domain["intents"]}
    known = set(responses())
    for variants in responses().values():
        for button in variants[0].get("buttons") or []:
            label = button["payload"].lstrip("/")
            assert label in intents or f"utter_{label}" in known, button


def test_yes_to_the_offer_of_a_person_begins_a_ticket():
    assert Affirm().answer(TrackerView({}, (), "utter_offer_escalation")).then == "action_escalate"
