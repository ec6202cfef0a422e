"""Where a credential stands, over all dates: which stage, which facts, and what never changes the outcome."""

import datetime
from dataclasses import replace
from itertools import permutations

import pytest

from bot.issuance.record import Badge, BadgeState, Completion, IssuingRule, Kind, Record, Stage, diagnose

RULE = IssuingRule()
DAY = datetime.timedelta(days=1)
ALICE = "alice@example.com"
TRAINING = Completion(ALICE, "level_2", "Level 2", 100, datetime.date(2026, 3, 4))  # a Wednesday
EXAM = replace(TRAINING, credential="lead", title="Certified Lead Architect", percent=None, result="passed")
PAGE = {"url": "https://example.com/b1", "issuer": "OneStream"}
BADGE = Badge("b1", ALICE, "level_2", "Level 2", BadgeState.ACCEPTED, datetime.date(2026, 3, 9), **PAGE)


def of(*items, **known):
    return Record(
        tuple(i for i in items if isinstance(i, Completion)), tuple(i for i in items if isinstance(i, Badge)), **known
    )


def stage(record, today, **options):
    [only] = diagnose(record, today, RULE, **options)
    return only.stage


# The kind


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("OneStream Certified Lead Architect", Kind.CERTIFICATION),
        ("administrator CERTIFICATION", Kind.CERTIFICATION),
        ("Level 2", Kind.MICRO_CREDENTIAL),
        ("Certificates for beginners", Kind.MICRO_CREDENTIAL),
        ("Working while Uncertified", Kind.MICRO_CREDENTIAL),
    ],
)
def test_the_title_tells_the_kind(title, kind):
    assert Kind.of(title) is kind


# Trainings and exams without a badge


@pytest.mark.parametrize("percent", [100, None])
def test_percent_may_be_missing_where_the_day_of_completion_is_known(percent):
    assert stage(of(replace(TRAINING, percent=percent)), datetime.date(2026, 3, 16)) is Stage.ISSUING_WINDOW


def test_a_training_completed_on_an_unknown_day_is_never_called_overdue():
    [told] = diagnose(of(replace(TRAINING, completed_on=None)), datetime.date(2036, 1, 1), RULE)
    assert (told.stage, told.window) == (Stage.ISSUING_WINDOW, None)


@pytest.mark.parametrize(
    ("completion", "expected"),
    [
        (replace(TRAINING, percent=99), Stage.NOT_COMPLETED),
        (replace(TRAINING, percent=60, result="passed"), Stage.NOT_COMPLETED),
        (replace(TRAINING, percent=None, completed_on=None), Stage.NOT_COMPLETED),
        (replace(TRAINING, result="failed"), Stage.NOT_PASSED),
        (replace(EXAM, result="failed"), Stage.NOT_PASSED),
        (replace(EXAM, result="failed", percent=100), Stage.NOT_PASSED),
        (replace(EXAM, result="", percent=100), Stage.EXAM_PASSED),
        (replace(EXAM, result="passed", percent=81), Stage.EXAM_PASSED),  # there it may be the score
        (replace(EXAM, result=""), Stage.NOT_COMPLETED),  # a day alone is no pass
    ],
)
def test_what_one_line_of_the_training_record_means(completion, expected):
    assert stage(of(completion), datetime.date(2026, 3, 10)) is expected


def test_a_pass_wins_over_a_failure_before_it_and_after_it():
    before = replace(EXAM, completed_on=EXAM.completed_on - DAY, result="failed")
    after = replace(EXAM, completed_on=EXAM.completed_on + DAY, result="failed")
    [told] = diagnose(of(before, EXAM, after), datetime.date(2026, 3, 10), RULE)
    assert (told.stage, told.completed_on) == (Stage.EXAM_PASSED, EXAM.completed_on)


def test_of_two_failures_the_later_is_told():
    first, second = (replace(EXAM, result="failed", completed_on=EXAM.completed_on + n * DAY) for n in (0, 30))
    [told] = diagnose(of(second, first), datetime.date(2026, 5, 1), RULE)
    assert told.completed_on == second.completed_on


def test_an_attempt_under_way_is_told_rather_than_the_failure_before_it():
    under_way = replace(TRAINING, percent=40, completed_on=None)
    [told] = diagnose(of(replace(TRAINING, result="failed"), under_way), datetime.date(2026, 5, 1), RULE)
    assert (told.stage, told.percent) == (Stage.NOT_COMPLETED, 40)


def test_doing_a_training_again_does_not_start_the_wait_anew():
    again = replace(TRAINING, completed_on=datetime.date(2026, 3, 30))
    [told] = diagnose(of(again, TRAINING), datetime.date(2026, 4, 1), RULE)
    assert (told.stage, told.completed_on) == (Stage.OVERDUE, TRAINING.completed_on)


def test_of_two_completions_the_one_with_a_known_day_is_told():
    [told] = diagnose(of(replace(TRAINING, completed_on=None), TRAINING), datetime.date(2026, 3, 10), RULE)
    assert told.completed_on == TRAINING.completed_on


def test_a_day_of_completion_still_to_come_is_within_the_window():
    assert stage(of(TRAINING), datetime.date(2025, 1, 1)) is Stage.ISSUING_WINDOW


# Badges


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (BadgeState.PENDING, Stage.WAITING_TO_BE_CLAIMED),
        (BadgeState.ACCEPTED, Stage.ACCEPTED),
        (BadgeState.REVOKED, Stage.REVOKED),
        (BadgeState.REJECTED, Stage.DECLINED),
    ],
)
def test_an_issued_badge_is_told_whatever_the_training_record_says(state, expected):
    badge = replace(BADGE, state=state)
    for extra in ([], [TRAINING], [replace(TRAINING, percent=10)], [replace(TRAINING, result="failed")]):
        assert stage(of(badge, *extra), datetime.date(2026, 6, 1)) is expected


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (61, Stage.ACCEPTED),
        (60, Stage.EXPIRES_SOON),
        (1, Stage.EXPIRES_SOON),
        (0, Stage.EXPIRES_SOON),  # good through its last day
        (-1, Stage.EXPIRED),
    ],
)
def test_a_badge_expires_after_its_expiry_day(left, expected):
    badge = replace(BADGE, expires_on=datetime.date(2026, 12, 31))
    assert stage(of(badge), badge.expires_on - left * DAY) is expected


def test_a_badge_that_expired_unclaimed_is_expired():
    badge = replace(BADGE, state=BadgeState.PENDING, expires_on=datetime.date(2026, 12, 31))
    assert stage(of(badge), datetime.date(2026, 12, 31)) is Stage.WAITING_TO_BE_CLAIMED
    assert stage(of(badge), datetime.date(2027, 1, 1)) is Stage.EXPIRED


def test_a_badge_issued_before_its_training_was_recorded_is_told_as_it_is():
    late = replace(TRAINING, completed_on=BADGE.issued_on + 5 * DAY)
    assert stage(of(BADGE, late), datetime.date(2027, 1, 1)) is Stage.ACCEPTED


@pytest.mark.parametrize("lost", [{"state": BadgeState.REVOKED}, {"expires_on": datetime.date(2026, 5, 1)}])
def test_earning_it_again_after_losing_it_is_a_new_case(lost):
    badge = replace(BADGE, **lost)
    again = replace(TRAINING, completed_on=datetime.date(2026, 6, 1))
    record = of(badge, TRAINING, again)
    [told] = diagnose(record, datetime.date(2026, 6, 15), RULE)
    assert (told.stage, told.completed_on, told.earlier) == (Stage.ISSUING_WINDOW, again.completed_on, (badge,))
    assert stage(record, datetime.date(2026, 6, 16)) is Stage.OVERDUE


def test_the_training_that_a_lost_badge_was_issued_for_is_no_new_case():
    badge = replace(BADGE, expires_on=datetime.date(2026, 5, 1))
    same_day = replace(TRAINING, completed_on=badge.issued_on)
    assert stage(of(badge, TRAINING, same_day), datetime.date(2026, 6, 1)) is Stage.EXPIRED


def test_of_several_badges_the_best_is_told_and_the_others_follow_newest_first():
    revoked, expired, accepted = (
        replace(BADGE, id="r", state=BadgeState.REVOKED, issued_on=datetime.date(2026, 5, 4)),
        replace(BADGE, id="e", issued_on=datetime.date(2024, 1, 1), expires_on=datetime.date(2026, 1, 1)),
        replace(BADGE, id="a", issued_on=datetime.date(2026, 1, 5)),
    )
    [told] = diagnose(of(revoked, expired, accepted), datetime.date(2026, 6, 1), RULE)
    assert (told.stage, told.badge_id, told.earlier) == (Stage.ACCEPTED, "a", (revoked, expired))


def test_a_renewal_waiting_to_be_claimed_is_told_before_the_badge_about_to_expire():
    old = replace(BADGE, id="old", expires_on=datetime.date(2026, 6, 30))
    renewal = replace(BADGE, id="new", state=BadgeState.PENDING, issued_on=datetime.date(2026, 6, 1))
    [told] = diagnose(of(old, renewal), datetime.date(2026, 6, 15), RULE)
    assert (told.stage, told.badge_id) == (Stage.WAITING_TO_BE_CLAIMED, "new")


def test_a_badge_carries_the_facts_of_its_public_page():
    [told] = diagnose(of(BADGE), datetime.date(2026, 4, 1), RULE)
    facts = (told.badge_id, told.badge_url, told.issuer, told.issued_on, told.email)
    assert facts == ("b1", "https://example.com/b1", "OneStream", BADGE.issued_on, "alice@example.com")


# Sources that cannot be asked, and nothing at all


@pytest.mark.parametrize("completion", [TRAINING, EXAM, replace(TRAINING, completed_on=None)])
def test_without_credly_nothing_is_called_missing(completion):
    [told] = diagnose(of(completion, badges_known=False), datetime.date(2030, 1, 1), RULE)
    assert (told.stage, told.badges_known) == (Stage.SOURCE_UNAVAILABLE, False)
    assert (told.title, told.completed_on) == (completion.title, completion.completed_on)


@pytest.mark.parametrize(
    ("completion", "expected"),
    [(replace(TRAINING, percent=5), Stage.NOT_COMPLETED), (replace(EXAM, result="failed"), Stage.NOT_PASSED)],
)
def test_without_credly_the_training_record_still_says_what_is_not_done(completion, expected):
    [told] = diagnose(of(completion, badges_known=False), datetime.date(2030, 1, 1), RULE)
    assert (told.stage, told.badges_known) == (expected, False)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, Stage.NOT_FOUND),
        ({"badges_known": False}, Stage.SOURCE_UNAVAILABLE),
        ({"completions_known": False}, Stage.SOURCE_UNAVAILABLE),
    ],
)
def test_nothing_at_all(known, expected):
    assert stage(Record(**known), datetime.date(2026, 1, 1)) is expected
    assert stage(of(TRAINING, **known), datetime.date(2026, 1, 1), credential="level_3") is expected


# All credentials of a learner


def test_what_needs_attention_comes_first_and_the_rest_newest_first():
    today = datetime.date(2026, 6, 1)
    old = replace(BADGE, credential="old", issued_on=datetime.date(2020, 1, 6))
    new = replace(BADGE, credential="new", issued_on=datetime.date(2026, 5, 4))
    pending = replace(BADGE, credential="pending", state=BadgeState.PENDING)
    overdue = replace(TRAINING, credential="overdue")
    waiting = replace(TRAINING, credential="waiting", completed_on=today)
    passed = replace(EXAM, credential="passed", completed_on=datetime.date(2019, 1, 7))
    told = diagnose(of(old, overdue, passed, new, pending, waiting), today, RULE)
    assert [one.credential for one in told] == ["overdue", "pending", "passed", "waiting", "new", "old"]


def test_items_of_the_same_day_are_told_in_the_same_way_in_any_order():
    lines = [replace(TRAINING, email=f"alice@{n}.example.com") for n in range(3)]
    issued = [replace(BADGE, credential="other", id=f"b{n}", email=f"alice@{n}.example.com") for n in range(3)]
    today = datetime.date(2026, 3, 10)
    expected = diagnose(of(*lines, *issued), today, RULE)
    assert all(diagnose(of(*some), today, RULE) == expected for some in permutations([*lines, *issued]))
