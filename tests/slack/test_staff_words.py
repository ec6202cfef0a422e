"""What staff read of a learner's record speaks about the learner, not to them."""

import datetime
import re

import pytest

from bot.content.responses import responses
from bot.issuance.record import Diagnosis, IssuingRule, Kind, Stage
from bot.slack import staff_words

TO_THEM = re.compile(r"(?i)\b(you|your|yours|linkedin)\b")
DAY = datetime.date(2026, 11, 2)
RULE = IssuingRule(10, 0, 60)


def diagnoses():
    """Every stage, with as much and as little as a record may have."""
    for stage in Stage:
        for kind in (Kind.CERTIFICATION, Kind.MICRO_CREDENTIAL):
            dates = {"completed_on": DAY, "issued_on": DAY, "expires_on": DAY, "percent": 60, "window": (DAY, DAY)}
            badge = {"badge_url": "https://www.credly.com/badges/1", "email": "jane@example.com"}
            yield Diagnosis(stage=stage, title="Level 2", kind=kind, **dates, **badge)


@pytest.mark.parametrize("diagnosis", list(diagnoses()), ids=lambda one: f"{one.stage.value} {one.kind.value}")
def test_every_stage_is_said_about_the_learner(diagnosis):
    said = staff_words.item(diagnosis, RULE)
    assert not TO_THEM.search(said), said
    assert "https://www.credly.com/badges/1" in said


def test_no_variant_of_a_stage_is_forgotten():
    own = {name: texts for name, texts in responses().items() if name.startswith("utter_stage_")}
    for name, (first, *_) in own.items():
        text = staff_words.sentences.every().get(name.removeprefix("utter_"), first["text"])
        assert not TO_THEM.search(text), (name, text)
