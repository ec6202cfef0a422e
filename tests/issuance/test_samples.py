import datetime
import threading
from pathlib import Path

import pytest

from bot.database import Database
from bot.issuance import samples
from bot.issuance.catalogue import Catalogue
from bot.issuance.record import Badge, BadgeState, IssuingRule, Kind, Record, Stage, diagnose
from bot.issuance.store import CompletionStore, LocalBadges, write_badges

CATALOGUE = Catalogue.read(Path("data/catalogue.yml"))
TODAY = datetime.date(2026, 11, 25)
TWO_YEARS = [TODAY + datetime.timedelta(days=number) for number in range(731)]
LEARNERS, ISSUER = samples.read()


def record(learners, today):
    done = [line for one in learners for line in samples.completions_of(one, CATALOGUE.key, today)]
    issued = [badge for one in learners for badge in samples.badges_of(one, CATALOGUE.key, today, ISSUER)]
    return Record(tuple(done), tuple(issued))


def stages(found):
    return {one.title: one.stage.value for one in found if one.stage is not Stage.NOT_FOUND}


@pytest.mark.parametrize("learner", LEARNERS, ids=[one["email"] for one in LEARNERS])
def test_each_learner_shows_what_the_file_says_on_every_day_of_two_years(learner):
    for today in TWO_YEARS:
        assert stages(diagnose(record([learner], today), today, IssuingRule())) == learner["shows"], today


def test_the_learners_cover_every_stage_but_an_unavailable_source():
    shown = {stage for one in LEARNERS for stage in one["shows"].values() or ["not_found"]}
    assert shown == {stage.value for stage in Stage} - {"source_unavailable"}


@pytest.mark.parametrize("today", TWO_YEARS[:7], ids=lambda day: day.strftime("%A"))
def test_windows_hold_by_the_faq_rule_counted_day_by_day(today):
    """10 days, then the next Monday; open from the first Monday after completion. Written without `diagnose`."""

    def monday_from(day):
        while day.weekday() != 0:
            day += datetime.timedelta(days=1)
        return day

    def completed(email):
        (line,) = record([one for one in LEARNERS if one["email"] == email], today).completions
        return line.completed_on

    waiting, late = completed("priya.raman@example.com"), completed("kwame.mensah@example.com")
    assert monday_from(waiting + datetime.timedelta(days=1)) <= today
    assert today < monday_from(waiting + datetime.timedelta(days=10))
    assert monday_from(late + datetime.timedelta(days=10)) < today


@pytest.mark.parametrize("today", TWO_YEARS[:7], ids=lambda day: day.strftime("%A"))
def test_micro_credentials_were_issued_on_a_monday_and_after_their_training(today):
    everything = record(LEARNERS, today)
    done = {(line.email, line.credential): line.completed_on for line in everything.completions if line.completed_on}
    issued = [badge for badge in everything.badges if Kind.of(badge.title) is Kind.MICRO_CREDENTIAL]
    assert issued and all(badge.issued_on.weekday() == 0 for badge in issued)
    assert all(done.get((badge.email, badge.credential), datetime.date.min) < badge.issued_on for badge in issued)


def test_two_addresses_of_one_person_show_everything_together():
    hannah = [one for one in LEARNERS if one.get("person") == "hannah"]
    assert len(hannah) == 2
    both = {title: stage for one in hannah for title, stage in one["shows"].items()}
    assert stages(diagnose(record(hannah, TODAY), TODAY, IssuingRule())) == both
    assert len(both) == 3


def test_a_credential_earned_again_remembers_the_earlier_badge():
    fatima = record([one for one in LEARNERS if one["email"] == "fatima.zahra@example.com"], TODAY)
    (found,) = diagnose(fatima, TODAY, IssuingRule())
    assert found.stage is Stage.ACCEPTED
    assert [badge.stage(TODAY, 60) for badge in found.earlier] == [Stage.EXPIRED]


def test_all_learners_are_made_up_and_their_credentials_are_in_the_catalogue():
    assert all(one["email"].endswith("@example.com") for one in LEARNERS)
    everything = record(LEARNERS, TODAY)
    for item in (*everything.completions, *everything.badges):
        assert CATALOGUE.match(item.credential).title == item.title


def test_an_accepted_badge_has_a_public_address_of_its_own_and_no_other_has():
    issued = record(LEARNERS, TODAY).badges
    accepted = [badge for badge in issued if badge.state is BadgeState.ACCEPTED]
    assert {badge.url for badge in issued if badge not in accepted} == {""}
    assert all(badge.url == f"https://www.credly.com/badges/{badge.id}" for badge in accepted)
    assert len({badge.id for badge in issued}) == len(issued)
    assert any(badge.expires_on for badge in accepted)


def load(database):
    return samples.load_samples(database, CATALOGUE.key, TODAY)


def test_the_learners_can_be_looked_up_once_loaded(database):
    assert load(database) == len(LEARNERS)
    for learner in LEARNERS:
        done = CompletionStore(database).completions([learner["email"]])
        issued = LocalBadges(database).badges([learner["email"]])
        found = diagnose(Record(tuple(done), tuple(issued)), TODAY, IssuingRule())
        assert stages(found) == learner["shows"]


def test_they_are_never_loaded_beside_other_records(database):
    load(database)
    assert load(database) == 0


def test_one_badge_is_enough_to_keep_them_out(database):
    with database.transaction() as connection:
        write_badges(connection, [Badge("1", "a@example.com", "level_1", "Level 1", BadgeState.PENDING, TODAY)])
    assert load(database) == 0
    assert CompletionStore(database).completions([one["email"] for one in LEARNERS]) == []


def test_processes_that_start_together_load_them_once(database_url, database):
    loaded, start = [], threading.Barrier(4)

    def work():
        own = Database(database_url)
        start.wait()
        loaded.append(load(own))
        own.engine.dispose()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(loaded) == [0, 0, 0, len(LEARNERS)]
