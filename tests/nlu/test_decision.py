"""The decision alone, on scores made by hand."""

import numpy as np
import pytest

from bot.nlu.decision import Context, decide
from bot.nlu.scoring.scorer import Scores
from bot.nlu.text.questions import position

LABELS = (
    "check_issuance_status",
    "escalate",
    "faq/credential_expiry",
    "faq/missing_micro_credential",
    "faq/privacy_settings",
    "greet",
    "out_of_scope/exam_price",
    "out_of_scope/unrelated",
)


def scores(acceptance=1.0, **shares):
    """Probabilities by the last part of a label; what is left over is spread evenly."""
    given = {label: shares.get(label.split("/")[-1]) for label in LABELS}
    open_labels = [label for label, share in given.items() if share is None]
    rest = (1 - sum(share or 0 for share in given.values())) / len(open_labels)
    return Scores(LABELS, np.array([rest if share is None else share for share in given.values()]), acceptance)


def test_a_clear_question_is_answered():
    assert decide(scores(credential_expiry=0.9)).label == "faq/credential_expiry"


def test_what_is_like_no_example_is_declined_however_clear_it_looks():
    assert decide(scores(acceptance=-0.1, credential_expiry=0.9)).intent == "out_of_scope"


def test_out_of_scope_keys_count_together_and_the_likeliest_picks_the_reply():
    decided = decide(scores(exam_price=0.45, unrelated=0.4))
    assert (decided.intent, decided.label) == ("out_of_scope", "out_of_scope/exam_price")


def test_in_doubt_it_asks_about_at_most_three():
    decided = decide(scores(credential_expiry=0.3, privacy_settings=0.28, missing_micro_credential=0.2, greet=0.15))
    assert decided.intent == "nlu_fallback"
    assert [c.label for c in decided.candidates] == [
        "faq/credential_expiry",
        "faq/privacy_settings",
        "faq/missing_micro_credential",
    ]


@pytest.mark.parametrize(
    ("best", "next_best", "intent"),
    [(0.45, 0.2, "faq"), (0.45, 0.22, "nlu_fallback"), (0.39, 0.1, "nlu_fallback"), (0.51, 0.4, "faq")],
)
def test_somewhat_less_is_enough_for_an_answer_only_far_before_the_next(best, next_best, intent):
    decided = decide(scores(credential_expiry=best, privacy_settings=next_best, exam_price=0, unrelated=0))
    assert decided.intent == intent


@pytest.mark.parametrize(
    ("inside", "outside", "intent"),
    [(0.45, 0.5, "faq"), (0.3, 0.65, "nlu_fallback"), (0.05, 0.9, "out_of_scope")],
)
def test_the_many_examples_out_of_scope_have_no_head_start(inside, outside, intent):
    assert decide(scores(credential_expiry=inside, exam_price=outside)).intent == intent


def test_nor_have_they_in_one_half_of_two_questions_or_after_the_question_before():
    half = scores(privacy_settings=0.62, exam_price=0.36)
    halves = [(("left", scores(credential_expiry=0.9)), ("right", half))]
    assert decide(scores(credential_expiry=0.6), halves).intent == "faq+faq"
    alone, together = scores(exam_price=0.5), scores(credential_expiry=0.5, exam_price=0.46)
    assert decide(alone, follow_up=together, context=Context(faq="privacy_settings")).label == "faq/credential_expiry"


@pytest.mark.parametrize(
    ("first", "second", "intent"),
    [
        ("credential_expiry", "privacy_settings", "faq+faq"),
        ("credential_expiry", "check_issuance_status", "faq+check_issuance_status"),
        ("escalate", "privacy_settings", "faq+escalate"),
        ("missing_micro_credential", "check_issuance_status", "faq"),
        ("credential_expiry", "credential_expiry", "faq"),
        ("credential_expiry", "greet", "faq"),
    ],
)
def test_two_sides_of_a_message_stand_together_when_they_are_about_two_things(first, second, intent):
    whole = scores(**({first: 0.6} if first.startswith(("cred", "miss")) else {second: 0.6}))
    halves = [(("left", scores(**{first: 0.9})), ("right", scores(**{second: 0.9})))]
    decided = decide(whole, halves)
    assert decided.intent == intent
    if "+" in intent:
        assert [q.text for q in decided.questions] == ["left", "right"]


@pytest.mark.parametrize(
    ("whole", "likeness", "label"),
    [
        (scores(privacy_settings=0.3, credential_expiry=0.1), [0.1, 0.3], "faq/privacy_settings"),
        (scores(greet=0.9), [0.1, 0.3], "greet"),
        (scores(greet=0.9), [0.1, 0.7], "faq/privacy_settings"),
        (scores(greet=0.9), [], "greet"),
    ],
)
def test_a_bare_choice_must_be_vague_or_say_what_a_button_says(whole, likeness, label):
    context = Context(offered=("faq/credential_expiry", "faq/privacy_settings"))
    assert decide(whole, context=context, likeness=likeness).label == label


@pytest.mark.parametrize(
    ("text", "place"), [("the second one", 1), ("1", 0), ("option 3", 2), ("last", 2), ("second thoughts", None)]
)
def test_a_choice_can_be_named_by_its_place(text, place):
    assert position(text) == place


HALVES = [(("is mine private", scores(privacy_settings=0.9)), ("does it expire", scores(credential_expiry=0.9)))]


@pytest.mark.parametrize(
    ("reason", "given"),
    [
        ("clear", {"whole": scores(credential_expiry=0.6)}),
        ("ahead", {"whole": scores(credential_expiry=0.45)}),
        ("in_doubt", {"whole": scores(credential_expiry=0.35, privacy_settings=0.3)}),
        ("outside", {"whole": scores(unrelated=0.95)}),
        ("unlike_all", {"whole": scores(acceptance=-0.1, credential_expiry=0.9)}),
        ("nothing_near", {"whole": scores(**dict.fromkeys(["unrelated", "exam_price"], 0.395))}),
        ("two_questions", {"whole": scores(privacy_settings=0.6), "halves": HALVES}),
        (
            "follow_up",
            {
                "whole": scores(privacy_settings=0.3),
                "follow_up": scores(credential_expiry=0.9),
                "context": Context(faq="privacy_settings"),
            },
        ),
        (
            "button",
            {
                "whole": scores(greet=0.4),
                "context": Context(offered=("faq/privacy_settings",), titles=("Privacy",)),
                "likeness": [0.9],
            },
        ),
    ],
)
def test_a_decision_knows_its_reason(reason, given):
    assert decide(**given).reason.value == reason


def test_three_questions_of_one_message_are_all_answered():
    asked = ("credential_expiry", "privacy_settings", "missing_micro_credential")
    halves = [(("a", scores(credential_expiry=0.9)), ("b, c", scores(missing_micro_credential=0.9)))]
    pieces = [(text, scores(**{label: 0.8})) for text, label in zip("abc", asked)]
    decided = decide(scores(credential_expiry=0.6), halves, pieces=pieces)
    assert [(one.text, one.label) for one in decided.questions] == [
        (t, f"faq/{label}") for t, label in zip("abc", asked)
    ]
    unclear = [*pieces[:1], ("b", scores(privacy_settings=0.5)), pieces[2]]
    assert len(decide(scores(credential_expiry=0.6), halves, pieces=unclear).questions) == 2
