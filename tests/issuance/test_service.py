"""A learner's report: both sources joined, either of them away, several addresses, and which day it is."""

import datetime
import logging
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import SourceUnavailable
from bot.issuance.catalogue import Catalogue, Credential
from bot.issuance.record import Badge, BadgeState, Completion, IssuingRule, Kind, Stage
from bot.issuance.service import Claim, Issuance, claimed_window, today

patient = settings(deadline=None)  # a busy machine is no failure

ALICE, OLD_ALICE, BOB = "alice@example.com", "alice@old.example.com", "bob@example.com"
CATALOGUE = Catalogue(
    [
        Credential("level_2", "Level 2", Kind.MICRO_CREDENTIAL, ("l2",)),
        Credential("lead", "OneStream Certified Lead Architect", Kind.CERTIFICATION, ("lead architect exam",)),
    ]
)
NOON = datetime.datetime(2026, 3, 20, 12, tzinfo=datetime.timezone.utc)
TRAINING = Completion(ALICE, "level_2", "Level 2", 100, datetime.date(2026, 3, 4))
BADGE = Badge("b1", ALICE, "level_2", "Level 2", BadgeState.ACCEPTED, datetime.date(2026, 3, 9))


class Source:
    """Both sources in one, for the addresses that are asked; `away` is what cannot be asked."""

    def __init__(self, *items, away=()):
        self.items, self.away, self.asked = items, away, []

    def completions(self, addresses):
        return self._found(Completion, addresses)

    def badges(self, addresses):
        return self._found(Badge, addresses)

    def _found(self, kind, addresses):
        self.asked.append((kind, tuple(addresses)))
        if kind in self.away:
            raise SourceUnavailable("away")
        return [item for item in self.items if isinstance(item, kind) and item.email in addresses]


def report(*items, addresses=(ALICE,), away=(), credential="", now=NOON, zone="UTC"):
    source = Source(*items, away=away)
    issuance = Issuance(source, source, CATALOGUE, IssuingRule(), lambda: now, ZoneInfo(zone))
    return issuance.status(addresses, credential=credential)


def stages(found):
    return [one.stage for one in found.diagnoses]


def test_a_learner_sees_trainings_and_badges_joined():
    found = report(TRAINING, BADGE)
    assert stages(found) == [Stage.ACCEPTED]
    assert (found.badges_known, found.completions_known, found.several_profiles) == (True, True, False)


def test_bobs_record_is_not_in_alices_report():
    assert stages(report(replace(TRAINING, email=BOB), replace(BADGE, email=BOB))) == [Stage.NOT_FOUND]


def test_without_a_proven_address_no_source_is_asked():
    source = Source(TRAINING)
    found = Issuance(source, source, CATALOGUE, IssuingRule(), lambda: NOON, ZoneInfo("UTC")).status([])
    assert (stages(found), source.asked) == ([Stage.NOT_FOUND], [])


@pytest.mark.parametrize("asked", ["level 2", "LEVEL  2", "l2", "level_2"])
def test_the_credential_named_in_the_question_is_the_only_one_told(asked):
    other = replace(TRAINING, credential="x", title="X")
    [told] = report(TRAINING, other, credential=asked).diagnoses
    assert told.credential == "level_2"


@pytest.mark.parametrize(
    ("asked", "title"), [("l2", "Level 2"), (" Advanced Reporting ", "Advanced Reporting"), ("", "")]
)
def test_what_is_not_found_is_named_as_people_know_it(asked, title):
    [told] = report(credential=asked).diagnoses
    assert (told.stage, told.title) == (Stage.NOT_FOUND, title)


def test_a_name_that_the_catalogue_got_later_joins_what_was_stored_before():
    stored = Completion(ALICE, "lead architect exam", "Lead Architect Exam", None, datetime.date(2026, 1, 7), "passed")
    [told] = report(stored).diagnoses
    assert (told.credential, told.title) == ("lead", "OneStream Certified Lead Architect")
    assert told.stage is Stage.EXAM_PASSED  # by its own title it would be a training, and overdue
    title = "OneStream Certified Lead Architect"
    assert stages(report(stored, replace(BADGE, credential=title.lower(), title=title))) == [Stage.ACCEPTED]


def test_a_credential_that_the_catalogue_does_not_know_is_joined_by_its_title():
    training = replace(TRAINING, credential="advanced reporting", title="Advanced Reporting")
    badge = replace(BADGE, credential="advanced  REPORTING", title="Advanced  REPORTING")
    assert stages(report(training, badge)) == [Stage.ACCEPTED]


def test_with_credly_away_the_training_record_is_still_told():
    found = report(TRAINING, BADGE, away=(Badge,))
    assert (found.badges_known, found.completions_known) == (False, True)
    [told] = found.diagnoses
    assert (told.stage, told.completed_on) == (Stage.SOURCE_UNAVAILABLE, TRAINING.completed_on)


def test_with_the_training_record_away_the_badges_are_still_told():
    found = report(TRAINING, BADGE, away=(Completion,))
    assert (found.badges_known, found.completions_known, stages(found)) == (True, False, [Stage.ACCEPTED])


def test_with_both_away_nothing_is_said_to_be_missing():
    found = report(TRAINING, BADGE, away=(Badge, Completion), credential="l2")
    assert stages(found) == [Stage.SOURCE_UNAVAILABLE]
    assert found.diagnoses[0].title == "Level 2"


@pytest.mark.parametrize(
    ("items", "addresses", "several"),
    [
        ([TRAINING, replace(BADGE, email=OLD_ALICE)], [ALICE, OLD_ALICE], True),
        ([BADGE, replace(BADGE, id="b2", email=OLD_ALICE.upper())], [ALICE, OLD_ALICE], False),
        ([TRAINING, BADGE], [ALICE, OLD_ALICE], False),
        ([TRAINING, BADGE, replace(BADGE, email=OLD_ALICE)], [ALICE], False),
        ([TRAINING], [ALICE, ALICE], False),
    ],
)
def test_two_addresses_that_both_have_something_may_be_two_profiles(items, addresses, several):
    found = report(*items, addresses=addresses)
    assert found.several_profiles is several
    assert found.addresses == tuple(sorted(set(addresses)))  # each once


def test_both_addresses_are_shown_together():
    other = replace(TRAINING, email=OLD_ALICE, credential="x", title="X", completed_on=datetime.date(2026, 3, 19))
    found = report(BADGE, other, addresses=[ALICE, OLD_ALICE])
    assert stages(found) == [Stage.ISSUING_WINDOW, Stage.ACCEPTED]


def test_no_address_reaches_the_log(caplog):
    with caplog.at_level(logging.DEBUG):
        found = report(TRAINING, away=(Badge, Completion))
    assert len(caplog.records) == 2
    assert ALICE not in caplog.text + repr(found)


# Which day it is


@pytest.mark.parametrize(
    ("utc", "zone", "day"),
    [
        ("2026-03-16T16:00", "Asia/Tokyo", "2026-03-17"),
        ("2026-03-16T14:59", "Asia/Tokyo", "2026-03-16"),
        ("2026-03-17T06:59", "America/Los_Angeles", "2026-03-16"),  # summer time: UTC-7
        ("2026-03-17T07:00", "America/Los_Angeles", "2026-03-17"),
        ("2026-03-08T07:59", "America/Los_Angeles", "2026-03-07"),  # the clocks change at 10:00 UTC: still UTC-8
        ("2026-03-08T08:00", "America/Los_Angeles", "2026-03-08"),
        ("2026-03-29T22:00", "Europe/Berlin", "2026-03-30"),  # the evening after the change to summer time
        ("2026-10-25T22:30", "Europe/Berlin", "2026-10-25"),  # the evening after the change back
        ("2025-12-31T23:30", "Europe/Berlin", "2026-01-01"),
        ("2024-02-29T23:59", "UTC", "2024-02-29"),
    ],
)
def test_the_day_is_that_of_the_time_zone(utc, zone, day):
    moment = datetime.datetime.fromisoformat(utc).replace(tzinfo=datetime.timezone.utc)
    assert today(lambda: moment, ZoneInfo(zone)).isoformat() == day


@patient
@given(
    st.datetimes(
        datetime.datetime(1990, 1, 1), datetime.datetime(2040, 1, 1), timezones=st.just(datetime.timezone.utc)
    ),
    st.timezone_keys(),
)
def test_the_day_is_never_further_off_than_the_neighbouring_one(moment, zone):
    assert abs((today(lambda: moment, ZoneInfo(zone)) - moment.date()).days) <= 1


def test_a_training_is_overdue_in_tokyo_while_los_angeles_still_waits():
    moment = datetime.datetime(2026, 3, 16, 16, tzinfo=datetime.timezone.utc)  # the last day of the window, in UTC
    assert stages(report(TRAINING, now=moment, zone="Asia/Tokyo")) == [Stage.OVERDUE]
    assert stages(report(TRAINING, now=moment, zone="America/Los_Angeles")) == [Stage.ISSUING_WINDOW]


# What the learner says


@pytest.mark.parametrize(
    ("title", "day", "window"),
    [
        ("Level 2", "2026-03-16", ("2026-03-23", "2026-03-30")),
        ("Level 2", "2026-01-01", ("2026-01-05", "2026-01-12")),
        ("Level 2", "2026-03-21", None),  # tomorrow
        ("Level 2", None, None),
        ("OneStream Certified Lead Architect", "2026-03-16", None),
    ],
)
def test_the_expected_window_of_what_a_learner_says_they_completed(title, day, window):
    claim = Claim(title, day and datetime.date.fromisoformat(day))
    found = claimed_window(claim, title, NOON.date(), IssuingRule())
    assert found == (window and tuple(datetime.date.fromisoformat(text) for text in window))
