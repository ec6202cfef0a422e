import datetime
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.markdown import to_html
from bot.content.responses import render, responses
from bot.issuance import wording
from bot.issuance.record import Badge, BadgeState, Completion, IssuingRule, Record, Stage, diagnose
from bot.issuance.service import Claim

RULE, TODAY = IssuingRule(), datetime.date(2026, 11, 25)
days = st.dates(datetime.date(2020, 1, 1), datetime.date(2030, 12, 31))
titles = st.sampled_from(["Level 2", "OneStream Certified Associate", "*Bold* [x](http://evil.example) {title} <b>"])
completions = st.builds(
    Completion,
    email=st.just("jane@example.com"),
    credential=st.just("c"),
    title=titles,
    percent=st.none() | st.integers(0, 100),
    completed_on=st.none() | days,
    result=st.sampled_from(["", "passed", "failed"]),
)
badges = st.builds(
    Badge,
    id=st.just("b1"),
    email=st.just("jane@example.com"),
    credential=st.just("c"),
    title=titles,
    state=st.sampled_from(BadgeState),
    issued_on=days,
    expires_on=st.none() | days,
    url=st.sampled_from(["", "https://www.credly.com/badges/b1", "javascript:alert(1)", "https://x.example/a)b(c"]),
)
records = st.builds(
    Record,
    completions=st.lists(completions, max_size=2).map(tuple),
    badges=st.lists(badges, max_size=2).map(tuple),
    badges_known=st.booleans(),
    completions_known=st.booleans(),
)


@settings(deadline=None)  # the first sentence reads all of them
@given(records, days)
def test_every_diagnosis_has_a_sentence_whose_facts_the_record_has(record, today):
    for diagnosis in diagnose(record, today, RULE):
        text = render(*wording.utterance(diagnosis, RULE))
        assert text.strip()
        html = to_html(text)
        assert "<b>" not in html and "evil.example" not in re.findall(r'href="([^"]*)"', html)
        if links := wording.link(diagnosis):
            assert "javascript:" not in render(*links)


def test_every_stage_has_its_sentence_and_every_sentence_its_stage():
    names = {name.removeprefix("utter_stage_") for name in responses() if name.startswith("utter_stage_")}
    stages = {stage.value for stage in Stage}
    assert stages <= names
    assert all(any(name == stage or name.startswith(f"{stage}_") for stage in stages) for name in names)


@pytest.mark.parametrize(
    ("days_ago", "says"),
    [(3, "utter_claim_in_window"), (40, "utter_claim_late"), (-2, "utter_claim_in_future")],
)
def test_what_is_claimed_is_answered_by_its_day(days_ago, says):
    claim = Claim("level_2", TODAY - datetime.timedelta(days=days_ago))
    name, values = wording.claim_utterance(claim, "Level 2", TODAY, RULE)
    assert name == says
    assert "Level 2" in render(name, values)


@pytest.mark.parametrize(("title", "day"), [("", TODAY), ("OneStream Certified Associate", TODAY), ("Level 2", None)])
def test_nothing_is_promised_where_the_faq_says_nothing(title, day):
    assert wording.claim_utterance(Claim(title, day), title, TODAY, RULE) is None


@pytest.mark.parametrize(
    ("today", "says"),
    [
        (datetime.date(2026, 11, 21), "from 23 November 2026 to 7 December 2026"),
        (datetime.date(2026, 11, 29), "from 30 November 2026 to 7 December 2026"),
        (datetime.date(2026, 11, 30), "from 30 November 2026 to 7 December 2026"),
        (datetime.date(2026, 12, 1), "Expect it on 7 December 2026."),
    ],
)
def test_a_monday_that_has_passed_is_not_named(today, says):
    record = Record((Completion("j@example.com", "l", "Level 2", 100, datetime.date(2026, 11, 21)),))
    (diagnosis,) = diagnose(record, today, RULE)
    assert says in render(*wording.utterance(diagnosis, RULE))


@pytest.mark.parametrize(
    "stage", ["not_passed", "declined", "expires_soon", "expired", "revoked", "waiting_to_be_claimed"]
)
def test_a_stage_that_is_not_what_one_hoped_for_says_what_can_be_done(stage):
    name = f"utter_stage_{stage}"
    said = [found[0]["text"] for one, found in responses().items() if one.startswith(name)]
    assert said and all(re.search("certification team|says how", text) for text in said)


def test_the_issuing_rule_of_the_settings_is_what_is_told():
    record = Record((Completion("j@example.com", "l", "Level 2", 100, TODAY),))
    (diagnosis,) = diagnose(record, TODAY, IssuingRule(5, 3))
    text = render(*wording.utterance(diagnosis, IssuingRule(5, 3)))
    assert "5 days" in text and "Thursdays" in text
