"""The same message has one label: borders of docs/training-data.md that examples have strayed over before."""

import re
from pathlib import Path

import pytest

from bot.evaluation.examples import training

EXAMPLES = training(Path("data/nlu"))
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
