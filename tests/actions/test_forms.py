"""Whatever is said or pressed while a form is open leads on: the form reads it, or a rule of that form does."""

import itertools
from pathlib import Path

import pytest
import yaml

from actions import escalation, identity, ticket_answer
from actions.base import TrackerView

DOMAIN = yaml.safe_load(Path("domain.yml").read_text(encoding="utf-8"))
CONFIG = yaml.safe_load(Path("config.yml").read_text(encoding="utf-8"))
RULES = [
    rule
    for file in sorted(Path("data/stories").glob("*rules.yml"))
    for rule in yaml.safe_load(file.read_text(encoding="utf-8"))["rules"]
]
RETRIEVAL = {name for importer in CONFIG["importers"] for name in importer.get("retrieval_intents", ())}
INTENTS = sorted({*DOMAIN["intents"], *RETRIEVAL})
READS = {
    "issuance_form": identity.ValidateIssuanceForm,
    "ticket_form": escalation.ValidateTicketForm,
    "ticket_answer_form": ticket_answer.ValidateTicketAnswerForm,
}
LEAVE = {
    "issuance_form": "action_leave_issuance_form",
    "ticket_form": "action_leave_ticket_form",
    "ticket_answer_form": "action_leave_ticket_form",
}
ASKED = [(form, slot) for form, parts in DOMAIN["forms"].items() for slot in parts["required_slots"]]
TYPED_ONLY = {"nlu_fallback", "faq+faq", "faq+check_issuance_status", "faq+escalate"}  # no button stands for one
WAYS = [
    *itertools.product(INTENTS, ["some words of mine"]),
    *((name, "") for name in INTENTS if name not in TYPED_ONLY),
]


def rules_of(form):
    """The rules of an open form, by the intent that each is for."""
    found = {}
    for rule in RULES:
        if {"active_loop": form} in rule.get("condition", ()) and "intent" in rule["steps"][0]:
            assert rule["steps"][0]["intent"] not in found, f"two rules for one intent: {rule['rule']}"
            found[rule["steps"][0]["intent"]] = rule["steps"][1:]
    return found


def test_every_form_and_every_joined_intent_is_walked_through():
    assert set(DOMAIN["forms"]) == set(READS) == set(LEAVE)
    assert {"faq", "out_of_scope", "ambiguous"} <= set(INTENTS) and set(INTENTS) >= TYPED_ONLY


@pytest.mark.parametrize(("form", "slot"), ASKED)
def test_no_intent_is_forgotten_whichever_slot_is_asked_for(services, monkeypatch, form, slot):
    monkeypatch.setattr(identity, "services", lambda: services)
    forgotten = []
    for intent, text in WAYS:
        message = {"text": text, "candidates": [{"label": "faq/what_is_credly"}]}
        view = TrackerView(
            message, (intent,), conversation_id="c1", form=form, slots={"requested_slot": slot, "about": "x"}
        )
        if not READS[form]().answer(view).slots and intent not in rules_of(form):
            forgotten.append((intent, "typed" if text else "pressed"))
    assert forgotten == []


@pytest.mark.parametrize("form", READS)
def test_a_rule_of_a_form_goes_on_with_it_or_ends_it_for_good(form):
    for intent, steps in rules_of(form).items():
        loops = [step["active_loop"] for step in steps if "active_loop" in step]
        actions = [step["action"] for step in steps if "action" in step]
        if loops == [form]:
            assert actions[-1] == form and LEAVE[form] not in actions, intent
        else:
            assert loops == [None] and actions[0] == LEAVE[form] and "action_deactivate_loop" in actions, intent
