"""Staff look several addresses up: all are logged, what cannot be asked is told, and nobody sees a colleague's."""

import csv
import datetime
import io
import threading
from contextlib import closing
from types import SimpleNamespace

import pytest
import redis

from bot.issuance.record import Badge, BadgeState, Completion, Diagnosis, Stage
from bot.issuance.service import Report
from bot.issuance.store import write_badges, write_completions
from bot.lookups import service
from bot.lookups.kept import KEPT_SECONDS, LOOKUP_KEY
from bot.lookups.log import read_log
from bot.lookups.service import StaffLookups, TooManyLookups
from bot.lookups.table import STAGE_TITLES, Found, as_csv, rows
from tests.servers.redis import RedisServer
from tests.servers.staff import ANNA, BEN

JANE, JOE, NOBODY = "jane@example.com", "joe@example.com", "nobody@example.com"
DAY = datetime.date(2026, 3, 2)


@pytest.fixture()
def records(services):
    with services.database.transaction() as connection:
        write_completions(connection, [Completion(JANE, "level_2", "Level 2", 60)])
        write_badges(
            connection, [Badge("b1", JOE, "level_1", "Level 1", BadgeState.ACCEPTED, DAY, url="https://c.example/b1")]
        )
    return services


def looked_up(services, *addresses, asker=ANNA, **more):
    lookup = services.lookups.begin(asker, addresses, "console", **more)
    assert lookup.ended.wait(60)
    return lookup


def test_each_address_has_its_rows_and_each_is_logged(records):
    lookup = looked_up(records, JANE, JOE, NOBODY)
    assert [(row.address, row.credential, row.stage) for row in rows(lookup.found)] == [
        (JANE, "Level 2", Stage.NOT_COMPLETED),
        (JOE, "Level 1", Stage.ACCEPTED),
        (NOBODY, "", Stage.NOT_FOUND),
    ]
    log, total = read_log(records.database)
    assert total == 3 and {(one.asker, one.channel, one.rights) for one in log} == {(ANNA, "console", "staff")}
    assert [(one.subject, one.outcome) for one in log] == [
        (NOBODY, "not_found"),
        (JOE, "accepted"),
        (JANE, "not_completed"),
    ]


def test_of_more_stages_than_the_log_has_room_for_the_last_is_no_word_cut_in_two(records):
    stages = "accepted,exam_passed,issuing_window,not_completed,overdue"
    records.identity.log_lookup("c", "console", ANNA, JANE, rights="staff", outcome=stages)
    records.identity.log_lookup("c", "console", ANNA, JANE, rights="staff", outcome="accepted,overdue")
    assert [one.stages for one in read_log(records.database)[0]] == [
        ["accepted", "overdue"],
        ["accepted", "exam_passed", "issuing_window", "…"],
    ]


def test_one_credential_alone(records):
    lookup = looked_up(records, JANE, credential="level 1")
    assert [row.stage for row in rows(lookup.found)] == [Stage.NOT_FOUND]


def test_only_who_asked_may_come_back_for_it_and_not_for_ever(records):
    clock = SimpleNamespace(now=0.0)
    lookups = StaffLookups(records.issuance, records.identity, monotonic=lambda: clock.now)
    lookup = lookups.begin(ANNA, [JANE], "console")
    assert lookup.ended.wait(60)
    assert lookups.get(lookup.number, ANNA) is lookup and lookups.get(lookup.number, BEN) is None
    clock.now = KEPT_SECONDS + 1
    assert lookups.get(lookup.number, ANNA) is None


@pytest.fixture()
def redis_server(tmp_path):
    server = RedisServer(tmp_path)
    yield server
    server.stop()


@pytest.fixture()
def sites(records, redis_server, monkeypatch):
    """Two of them, who wait for a Redis that other work keeps from its answer for a moment."""
    monkeypatch.setattr("bot.lookups.kept.SHARED_LOOKUP_SECONDS", 60.0)
    return [StaffLookups(records.issuance, records.identity, redis_server.url) for _ in range(2)]


def test_another_site_shows_what_one_has_found_to_who_asked_and_not_for_ever(sites, redis_server):
    one, other = sites
    lookup = one.begin(ANNA, [JANE, JOE, NOBODY], "console", credential="", unusable=["Jané"])
    assert lookup.ended.wait(60)
    shown = other.get(lookup.number, ANNA)
    assert rows(shown.found) == rows(lookup.found) and as_csv(shown.found) == as_csv(lookup.found)
    assert (shown.done, shown.stopped, shown.addresses, shown.unusable) == (True, False, (JANE, JOE, NOBODY), ("Jané",))
    assert other.get(lookup.number, BEN) is None
    with closing(redis.Redis.from_url(redis_server.url)) as client:
        assert KEPT_SECONDS - 60 < client.ttl(LOOKUP_KEY + lookup.number) <= KEPT_SECONDS


def test_another_site_says_that_a_look_up_is_under_way(records, sites, monkeypatch):
    go, status = threading.Event(), records.issuance.status
    monkeypatch.setattr(records.issuance, "status", lambda *given, **more: go.wait(60) and status(*given, **more))
    lookup = sites[0].begin(ANNA, [JANE], "console")
    shown = sites[1].get(lookup.number, ANNA)
    assert not shown.done and shown.found == []
    go.set()
    assert lookup.ended.wait(60) and sites[1].get(lookup.number, ANNA).done


def test_while_redis_is_away_the_site_that_looked_shows_it_by_itself(sites, redis_server, caplog):
    redis_server.stop()
    lookup = sites[0].begin(ANNA, [JANE], "console")
    assert lookup.ended.wait(60) and sites[0].get(lookup.number, ANNA).found
    assert sites[1].get(lookup.number, ANNA) is None
    assert "Redis does not answer" in caplog.text and JANE not in caplog.text


def test_a_source_that_is_away_is_told_beside_what_is_known(records, monkeypatch):
    report = Report((Diagnosis(Stage.SOURCE_UNAVAILABLE, title="Level 2"),), False, True, (JANE,))
    monkeypatch.setattr(records.issuance, "status", lambda *_, **__: report)
    lookup = looked_up(records, JANE)
    assert lookup.found[0].problem == "Credly did not answer" and "Credly did not answer" in as_csv(lookup.found)


def test_what_takes_too_long_or_fails_stops_with_what_was_found(records, monkeypatch):
    times = iter([0.0, 0.0, 0.0, service.LONGEST_LOOKUP + 1])
    lookups = StaffLookups(records.issuance, records.identity, monotonic=lambda: next(times, 1000.0))
    lookup = lookups.begin(ANNA, [JANE, JOE, NOBODY], "console")
    assert lookup.ended.wait(60) and lookup.stopped and len(lookup.found) < 3
    monkeypatch.setattr(records.issuance, "status", lambda *_, **__: 1 / 0)
    broken = looked_up(records, JANE)
    assert broken.stopped and broken.found == []


def test_more_than_can_wait_is_refused_and_room_comes_back(records, monkeypatch):
    go = threading.Event()
    status = records.issuance.status
    monkeypatch.setattr(records.issuance, "status", lambda *given, **more: go.wait(60) and status(*given, **more))
    most = service.LOOKUPS_AT_ONCE + service.LOOKUPS_WAITING
    begun = [records.lookups.begin(ANNA, [JANE], "console") for _ in range(most)]
    with pytest.raises(TooManyLookups):
        records.lookups.begin(ANNA, [JANE], "console")
    go.set()
    assert all(one.ended.wait(60) for one in begun)
    looked_up(records, JANE)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1+1", "＝1"])
def test_no_cell_is_a_formula(cell):
    found = Found(cell, (Diagnosis(Stage.ACCEPTED, title=cell, badge_url=cell),))
    _, line = csv.reader(io.StringIO(as_csv([found]).lstrip("\ufeff")))
    assert line[0] == line[1] == line[8] and line[0].startswith("'")


def test_a_cell_that_is_none_stays_as_it_is_with_its_accents():
    text = as_csv([Found("a@b.cd", (Diagnosis(Stage.ACCEPTED, title='Möbius, "1" - x'),))])
    assert text.startswith("\ufeff") and list(csv.reader(io.StringIO(text)))[1][1] == 'Möbius, "1" - x'


def test_every_stage_has_its_words():
    assert set(STAGE_TITLES) == set(Stage)
