"""What is worth waiting for, and what is news."""

import datetime
from dataclasses import replace

import pytest

from bot.issuance.record import Diagnosis, Kind, Stage
from bot.watching.watch import ON_ITS_WAY, CredentialWatch, Finding, finding, last_day, wanted
from tests.watching.conftest import JANE, LAST_DAY, WEDNESDAY

TODAY = WEDNESDAY.date()
ISSUED = [Stage.WAITING_TO_BE_CLAIMED, Stage.ACCEPTED, Stage.DECLINED, Stage.REVOKED, Stage.EXPIRED, Stage.EXPIRES_SOON]


def at(stage, title="Level 2", window=None):
    return Diagnosis(
        stage=stage, credential=title.lower().replace(" ", "_"), title=title, kind=Kind.of(title), window=window
    )


def watch(stage, passed_after=LAST_DAY):
    return CredentialWatch(
        id="w1",
        conversation_id="c1",
        email=JANE,
        credential="level_2",
        title="Level 2",
        stage=stage,
        passed_after=passed_after,
        created_at=WEDNESDAY,
    )


def test_only_what_is_on_its_way_is_waited_for():
    diagnoses = [at(stage, f"Title {stage.value}") for stage in Stage]
    assert {one.stage for one in wanted(diagnoses)} == {
        Stage.ISSUING_WINDOW,
        Stage.EXAM_PASSED,
        Stage.NOT_COMPLETED,
        Stage.OVERDUE,
    }
    assert set(ISSUED).isdisjoint(ON_ITS_WAY)


@pytest.mark.parametrize(
    ("named", "last", "found"),
    [
        ([], "", ["Level 1", "Level 2"]),
        ([], "level_2", ["Level 2"]),
        ([], "level_3", ["Level 1", "Level 2"]),  # the one spoken of last is not on its way
        (["level_1"], "level_2", ["Level 1"]),
        (["level 1"], "", ["Level 1"]),
        (["level_1", "level_2"], "level_2", ["Level 1", "Level 2"]),
        (["level_3"], "", []),  # nothing else is meant by it
        (["level_9"], "level_2", []),
    ],
)
def test_the_named_one_is_meant_else_the_one_spoken_of_last_else_all(named, last, found):
    diagnoses = [at(Stage.ISSUING_WINDOW, "Level 1"), at(Stage.OVERDUE), at(Stage.ACCEPTED, "Level 3")]
    assert [one.title for one in wanted(diagnoses, named, last)] == found


def test_the_wait_passes_with_the_window_or_after_some_days():
    window = (datetime.date(2026, 11, 30), LAST_DAY)
    assert last_day(at(Stage.ISSUING_WINDOW, window=window), TODAY, 60) == LAST_DAY
    assert last_day(at(Stage.ISSUING_WINDOW, window=window), LAST_DAY, 60) == LAST_DAY
    in_sixty_days = datetime.date(2027, 1, 24)
    assert last_day(at(Stage.EXAM_PASSED), TODAY, 60) == in_sixty_days
    gone = (datetime.date(2026, 11, 2), datetime.date(2026, 11, 9))
    assert last_day(at(Stage.OVERDUE, window=gone), TODAY, 60) == in_sixty_days


@pytest.mark.parametrize("before", ON_ITS_WAY)
@pytest.mark.parametrize("now", ISSUED)
def test_every_step_to_a_badge_is_news(before, now):
    assert finding(watch(before), at(now), TODAY) is Finding.CHANGED
    assert finding(watch(before), at(now), LAST_DAY + datetime.timedelta(9)) is Finding.CHANGED


@pytest.mark.parametrize("stage", ON_ITS_WAY)
@pytest.mark.parametrize(("days", "found"), [(-1, Finding.NOTHING), (0, Finding.NOTHING), (1, Finding.PASSED)])
def test_what_stays_as_it_was_is_news_only_after_the_last_day(stage, days, found):
    assert finding(watch(stage), at(stage), LAST_DAY + datetime.timedelta(days)) is found


@pytest.mark.parametrize(
    ("before", "now", "found"),
    [
        (Stage.NOT_COMPLETED, Stage.ISSUING_WINDOW, Finding.FURTHER),
        (Stage.NOT_COMPLETED, Stage.EXAM_PASSED, Finding.FURTHER),
        (Stage.NOT_COMPLETED, Stage.NOT_PASSED, Finding.CHANGED),
        (Stage.ISSUING_WINDOW, Stage.NOT_COMPLETED, Finding.CHANGED),
        (Stage.ISSUING_WINDOW, Stage.OVERDUE, Finding.PASSED),
        (Stage.NOT_COMPLETED, Stage.OVERDUE, Finding.PASSED),
        (Stage.ISSUING_WINDOW, Stage.NOT_FOUND, Finding.NOTHING),
    ],
)
def test_steps_that_are_no_badge(before, now, found):
    assert finding(watch(before), at(now), TODAY) is found


def test_a_source_that_is_away_is_no_news_even_after_the_last_day():
    late = LAST_DAY + datetime.timedelta(30)
    assert finding(watch(Stage.ISSUING_WINDOW), at(Stage.SOURCE_UNAVAILABLE), late) is Finding.NOTHING


def test_addresses_stay_out_of_logs():
    assert JANE not in repr(replace(watch(Stage.OVERDUE), id="w2"))
