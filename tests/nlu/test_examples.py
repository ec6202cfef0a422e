"""The same message has one label: borders of docs/training-data.md that examples have strayed over before."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from bot.content.responses import responses
from bot.conversations.focus import Offer, Task, Team
from bot.evaluation.examples import training, training_in_context

EXAMPLES = training(Path("data/nlu"))
IN_CONTEXT = training_in_context(Path("data/nlu"))
BEFORE = {
    "anytime",
    "record_shown",
    "answer_given",
    "refused",
    "watching",
    *(one.value for kind in (Task, Offer, Team) for one in kind),
}
WRONG_DATE = re.compile(
    r"\b(issue|wrong|earned-on|completion) date\b.*\b(wrong|badge|cert\w*|off)\b"
    r"|\bcorrect the date\b|\bdate of issue\b|\b(badge|cert) (is dated|carries|shows issued)\b.*\d",
    re.IGNORECASE,
)


def labels(pattern):
    return {label for text, label in EXAMPLES if re.search(pattern, text)}


def test_a_wrong_date_on_a_badge_has_one_key_because_it_has_one_reply():
    found = {label for label in labels(WRONG_DATE) if label.startswith("out_of_scope/")}
    assert found == {"out_of_scope/name_correction"}


@pytest.mark.parametrize(
    ("pattern", "label"),
    [
        (r"(?i)^resend it to my (other|second) address", "change_address"),
        (r"(?i)^please resend the claim mail to", "escalate"),
    ],
)
def test_sent_again_to_another_address(pattern, label):
    assert labels(pattern) == {label}


@pytest.mark.parametrize(
    ("pattern", "label"),
    [
        (r"(?i)\b(declin\w+|rejected) (it|the badge|on the badge)\b", "out_of_scope/badge_declined"),
        (
            r"(?i)(link|opened|customer|interviewer).*(not public|private badge|restricted|keep this)",
            "faq/privacy_settings",
        ),
        (
            r"(?i)not employed there|mailbox closed|address that died|switched my student mail",
            "faq/missing_some_credentials",
        ),
    ],
)
def test_what_was_answered_wrongly_has_examples_under_the_right_label(pattern, label):
    assert labels(pattern) == {label}


def test_a_declined_badge_gets_a_reply_of_its_own_with_the_offer_of_the_team():
    (reply,) = responses()["utter_out_of_scope/badge_declined"]
    assert "declined" in reply["text"] and reply["metadata"]["offer"] == "escalate"


def test_a_message_by_itself_has_one_label():
    found = defaultdict(set)
    for text, label in EXAMPLES:
        found[text].add(label)
    assert {text: several for text, several in found.items() if len(several) > 1} == {}


def test_a_message_after_something_has_one_label():
    found = defaultdict(set)
    for text, label, after in IN_CONTEXT:
        for before in after:
            found[before, text.lower().strip(" .?!")].add(label)
    assert {where: several for where, several in found.items() if len(several) > 1} == {}


def test_what_may_have_stood_before_is_what_a_conversation_can_be_about():
    topics = {name.removeprefix("utter_faq/") for name in responses() if name.startswith("utter_faq/")}
    assert {before for _, _, after in IN_CONTEXT for before in after} <= (BEFORE | topics) - {""}
    assert len(IN_CONTEXT) > 1000 and len(EXAMPLES) > 1000
