import re
from pathlib import Path

import pytest
import yaml

from actions.answers import Affirm, AskWhichIsMissing, Clarify, Decline, Deny
from actions.base import TrackerView
from actions.follow_ups import Acknowledge
from actions.record_questions import RecordQuestion
from bot.content.kinds import ResponseKind, again, kind_of
from bot.content.responses import responses

DOUBT = {"candidates": [{"label": "faq/credential_expiry"}, {"label": "faq/privacy_settings"}]}


def after(last, message=(), intents=()):
    """What an action sees of a message after an utterance, with the buttons that it has."""
    buttons = tuple(responses()[last][0].get("buttons") or ()) if last else ()
    turn = {"last_utterance": last, "said": (last,) if last else (), "buttons": buttons}
    return TrackerView(dict(message), tuple(intents), **turn)


def said(action, message, intents=(), last=""):
    answer = action.answer(after(last, message, intents))
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


MICRO, DIGITAL = "missing_micro_credential", "missing_digital_credential"


@pytest.mark.parametrize(
    ("named", "topics", "utterance"),
    [
        ((), (), "utter_ambiguous/missing_badge"),
        (("level_2",), (), f"utter_faq/{MICRO}"),
        (("lead_architect",), (), f"utter_faq/{DIGITAL}"),
        (("level_1", "level_3"), ("privacy_settings",), f"utter_faq/{MICRO}"),
        (("level_1", "lead_architect"), (), "utter_ambiguous/missing_badge"),
        (("no such thing",), (), "utter_ambiguous/missing_badge"),
        ((), (MICRO,), "utter_not_helped_look_up"),
        (("level_2",), (MICRO,), "utter_not_helped_look_up"),
        (("lead_architect",), (MICRO,), f"utter_faq/{DIGITAL}"),
        ((), (MICRO, DIGITAL), "utter_ambiguous/missing_badge"),
    ],
)
def test_it_is_not_asked_of_which_kind_a_missing_badge_is_where_that_is_known(acting, named, topics, utterance):
    entities = [{"entity": "credential", "value": one} for one in named]
    context = {"context": {"topics": list(topics)}}
    view = TrackerView({"text": "it is missing", "entities": entities, "metadata": context})
    assert [say.utterance for say in AskWhichIsMissing().answer(view)] == [utterance]
    pressed = TrackerView({"text": "/ambiguous/missing_badge", "entities": entities, "metadata": context})
    assert [say.utterance for say in AskWhichIsMissing().answer(pressed)] == ["utter_ambiguous/missing_badge"]


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


def test_every_response_is_said_by_something():
    code = [*Path("actions").glob("*.py"), *Path("bot").rglob("*.py"), *Path("data/stories").glob("*.yml")]
    named = set(re.findall(r"utter_\w+(?:/\w+)?", "\n".join(file.read_text(encoding="utf-8") for file in code)))
    others = {again(name) for name in responses()}
    built = tuple(name for name in named if name.endswith("_"))  # with a stage or a state at the end
    asked = {f"utter_record_{question.what}" for question in RecordQuestion.__subclasses__()}
    silent = [
        name
        for name in set(responses()) - named - others
        if "/" not in name  # by the intent of that name
        and not name.startswith((*built, *asked, "utter_ask_"))
        and kind_of(name) is not ResponseKind.BUTTON
        and "title" not in responses()[name][0]["metadata"]
    ]
    assert silent == []


def test_every_button_leads_somewhere():
    domain = yaml.safe_load(Path("domain.yml").read_text())
    intents = {next(iter(i)) if isinstance(i, dict) else i for i in domain["intents"]}
    known = set(responses())
    for variants in responses().values():
        for button in variants[0].get("buttons") or []:
            label = button["payload"].lstrip("/")
            assert label in intents or f"utter_{label}" in known, button


@pytest.mark.parametrize(
    ("offered", "done"),
    [
        ("utter_offer_escalation", "action_escalate"),
        ("utter_not_helped", "action_escalate"),
        ("utter_not_helped_look_up", "action_check_issuance_status"),
        ("utter_record_offer_team", "action_escalate"),
        ("utter_record_offer_watch", "action_watch"),
        ("utter_record_offer_another", "action_change_address"),
        ("utter_ticket_already", "action_add_to_ticket"),
    ],
)
def test_yes_to_an_offer_does_what_was_offered(offered, done):
    assert Affirm().answer(after(offered)).then == done


@pytest.mark.parametrize("typed", ["yes, look it up", "please check", "yes, can you see where it is"])
def test_a_yes_that_names_the_look_up_is_to_that_among_several_offers(typed):
    missing = after("utter_ambiguous/missing_badge", {"text": typed})
    assert Affirm().answer(missing).then == "action_check_issuance_status"
    assert said(Affirm(), {"text": "yes"}, (), "utter_ambiguous/missing_badge") == ["utter_ask_which_one"]


def look_up_offered(text):
    return TrackerView({"text": text, "metadata": {"context": {"look_up": True}}})


@pytest.mark.parametrize("action", [Affirm(), Acknowledge()])
@pytest.mark.parametrize("typed", ["ye go on then check it", "ok just look", "fine, look it up"])
def test_small_words_take_up_the_look_up_that_stands_offered(action, typed):
    assert action.answer(look_up_offered(typed)).then == "action_check_issuance_status"
    nothing_offered = action.answer(TrackerView({"text": typed}))
    assert not nothing_offered.then and nothing_offered.says


@pytest.mark.parametrize("typed", ["ok, I'll check", "let me look there first", "will check later", "ok", "cool"])
def test_who_looks_for_himself_asks_for_no_look_up(typed):
    assert said(Acknowledge(), look_up_offered(typed).message) == ["utter_acknowledge"]


@pytest.mark.parametrize(
    ("labels", "asked"),
    [
        (["faq/missing_micro_credential", "ambiguous/missing_badge"], "utter_ambiguous/missing_badge"),
        (["ambiguous/missing_badge", "check_issuance_status"], "utter_ambiguous/missing_badge"),
        (["ambiguous/missing_badge"], "utter_ambiguous/missing_badge"),
        (["ambiguous/missing_badge", "faq/credential_expiry"], "utter_ask_which"),
    ],
)
def test_a_choice_between_a_question_and_one_of_its_own_choices_is_not_offered(labels, asked):
    assert said(Clarify(), {"candidates": [{"label": one} for one in labels]}, ["nlu_fallback"]) == [asked]
