"""Whatever is said or pressed while a form is open is met with words; see also tests/rasa/test_tasks.py."""

import itertools
from pathlib import Path

import pytest
import yaml

from actions import escalation, identity, ticket_answer
from actions.answers import Clarify
from actions.base import Reply, TrackerView
from actions.services import use

DOMAIN = yaml.safe_load(Path("domain.yml").read_text(encoding="utf-8"))
CONFIG = yaml.safe_load(Path("config.yml").read_text(encoding="utf-8"))
RETRIEVAL = {name for importer in CONFIG["importers"] for name in importer.get("retrieval_intents", ())}
INTENTS = sorted({*DOMAIN["intents"], *RETRIEVAL})
READS = {
    "issuance_form": identity.ValidateIssuanceForm,
    "ticket_form": escalation.ValidateTicketForm,
    "ticket_answer_form": ticket_answer.ValidateTicketAnswerForm,
}
ASKS = {
    "address": identity.AskAddress,
    "one_time_code": identity.AskCode,
    "contact": escalation.AskContact,
    "about": escalation.AskAbout,
    "confirmed": escalation.AskConfirmed,
}
ASKED = [(form, slot) for form, parts in DOMAIN["forms"].items() for slot in parts["required_slots"]]
TYPED_ONLY = {"nlu_fallback", "faq+faq", "faq+check_issuance_status", "faq+escalate"}  # no button stands for one
WORDS = ("some words of mine", "it never came, jane@example.com", "jane@", "123456")
WAYS = [
    *itertools.product(INTENTS, WORDS),
    *((name, "") for name in INTENTS if name not in TYPED_ONLY),
]
FILLED = {"address": "jane@example.com", "contact": "jane@example.com", "about": "Level 1"}


@pytest.fixture(autouse=True)
def working_on(services):
    use(services)
    yield
    use(None)


def test_every_form_and_every_joined_intent_is_walked_through():
    assert set(DOMAIN["forms"]) == set(READS) and {slot for _, slot in ASKED} == {*ASKS, "ticket_answer"}
    assert {"faq", "out_of_scope", "ambiguous"} <= set(INTENTS) and set(INTENTS) >= TYPED_ONLY


def view_of(form, slot, intent, text):
    """What the form sees of a message; the slots before the one it asks for are filled."""
    required = DOMAIN["forms"][form]["required_slots"]
    known = {one: FILLED[one] for one in required[: required.index(slot)]}
    emails = [word for word in text.replace(",", "").split() if "@" in word[1:-1]]
    message = {
        "text": text,
        "candidates": [{"label": "faq/what_is_credly"}],
        "entities": [{"entity": "email", "value": one} for one in emails],
    }
    slots = {**known, "requested_slot": slot}
    return TrackerView(message, (intent,), conversation_id="c1", form=form, slots=slots)


@pytest.mark.parametrize(("form", "slot"), ASKED)
def test_what_a_form_takes_is_met_with_words_whichever_slot_is_asked_for(form, slot):
    silent = []
    for intent, text in WAYS:
        view = view_of(form, slot, intent, text)
        read = READS[form]().answer(view)
        if not read.slots:
            continue
        slots = {**view.slots, **read.slots}
        missing = [one for one in DOMAIN["forms"][form]["required_slots"] if not slots.get(one)]
        if not missing or missing[0] == "ticket_answer":  # the form is done, or asks by a response
            continue
        spoken = tuple(say.utterance for say in read.says)
        asked = ASKS[missing[0]]().answer(TrackerView(**{**vars(view), "slots": slots, "spoken": spoken}))
        if not spoken and not (asked.says if isinstance(asked, Reply) else asked):
            silent.append((intent, text))
    assert silent == []


@pytest.mark.parametrize(("form", "slot"), ASKED)
def test_a_button_is_never_words_for_the_team(form, slot):
    for intent in sorted(set(INTENTS) - TYPED_ONLY):
        read = READS[form]().answer(view_of(form, slot, intent, f"/{intent}"))
        assert not any(str(value).startswith("/") for value in read.slots.values()), intent


@pytest.mark.parametrize("intent", [name for name in INTENTS if name != "affirm"])
def test_only_a_yes_sends_a_ticket(intent):
    for text in ("", *WORDS):
        read = READS["ticket_form"]().answer(view_of("ticket_form", "confirmed", intent, text))
        assert not read.slots.get("confirmed"), text


@pytest.mark.parametrize("form", DOMAIN["forms"])
def test_within_a_task_it_is_not_asked_which_of_some_questions_is_meant(form):
    message = {"text": "the micro thing", "candidates": [{"label": "faq/what_is_credly"}]}
    (say,) = Clarify().answer(TrackerView(message, intents=("nlu_fallback",), form=form))
    assert say.utterance == "utter_ask_rephrase_in_task" and not say.buttons


def test_a_text_put_differently_takes_the_place_of_the_one_before():
    slots = {"requested_slot": "confirmed", "contact": "jane@example.com", "about": "the title is wrong"}
    message = {"text": "let me rephrase: it says Planning 101"}
    view = TrackerView(message, intents=("tell_detail",), form="ticket_form", slots=slots)
    assert escalation.ValidateTicketForm().answer(view).slots["about"] == "it says Planning 101"
