"""Credly busy, broken, slow, gone, or answering with something else."""

import datetime
import logging
import time
from email.utils import format_datetime

import pytest

from bot.errors import SourceUnavailable
from bot.issuance.credly import LOOK_UPS_AT_ONCE
from tests.issuance.credly.conftest import ANN, BOB, failure
from tests.servers.credly import CredlyServer
from tests.waiting import wait_until


def test_a_server_that_is_busy_for_a_moment_is_asked_again(server, credly, clock):
    server.add(ANN)
    server.fail(503, times=1)
    server.drop_connection(times=1)
    assert len(credly.badges([ANN])) == 1
    assert len(server.requests) == 3
    first, second = clock.waits
    assert 0.25 <= first <= 0.375 and 0.5 <= second <= 0.75  # doubling, with jitter


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_after_three_tries_it_gives_up(server, credly, status):
    server.fail(status)
    assert str(status) in failure(credly)
    assert len(server.requests) == 3


def test_pauses_differ_so_that_many_clients_do_not_come_back_together(server, connect, clock):
    server.fail(503)
    credly = connect(failures_to_open=100)
    for _ in range(4):
        failure(credly)
    assert len(set(clock.waits)) == 8


def test_retry_after_in_seconds_is_waited_for(server, credly, clock):
    server.add(ANN)
    server.fail(429, times=1, retry_after=3)
    assert len(credly.badges([ANN])) == 1
    assert clock.waits == [3.0]


def test_retry_after_as_a_date_is_waited_for(server, credly, clock):
    server.add(ANN)
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=5)
    server.fail(503, times=1, retry_after=format_datetime(moment, usegmt=True))
    assert len(credly.badges([ANN])) == 1
    assert len(clock.waits) == 1 and 3 <= clock.waits[0] <= 5


@pytest.mark.parametrize(
    "nonsense", ["soon", "-5", "1e3", "", "Mon, 99 Foo 2030", "Tue, 01 Jan 2030 00:00:00 -0000", "²"]
)
def test_an_unusable_retry_after_is_ignored(server, credly, clock, nonsense):
    server.add(ANN)
    server.fail(503, times=1, retry_after=nonsense)
    assert len(credly.badges([ANN])) == 1
    assert clock.waits[0] < 1


@pytest.mark.parametrize("seconds", [8, 3600, "9" * 400])
def test_a_retry_after_beyond_the_deadline_is_not_waited_for(server, credly, clock, seconds):
    server.fail(429, retry_after=seconds)
    assert "429" in failure(credly)
    assert clock.waits == [] and len(server.requests) == 1


def test_credly_is_left_alone_as_long_as_it_asked_for(server, credly, clock):
    server.add(ANN)
    server.fail(429, times=1, retry_after=60)
    failure(credly)
    clock.now += 59
    failure(credly)
    assert len(server.requests) == 1 and not credly.ready()
    clock.now += 1
    assert len(credly.badges([ANN])) == 1 and credly.ready()


def test_a_retry_after_of_a_week_does_not_switch_lookups_off_for_a_week(server, credly, clock):
    server.add(ANN)
    server.fail(429, times=1, retry_after=7 * 86400)
    failure(credly)
    clock.now += 300
    assert len(credly.badges([ANN])) == 1


def test_the_deadline_ends_the_retries(server, connect, clock):
    server.fail(503)
    failure(connect(deadline_seconds=0.6, tries=50))
    assert sum(clock.waits) < 0.6 and len(server.requests) == 2


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_told_to_the_operator_and_not_tried_again(server, credly, caplog, status):
    server.fail(status)
    assert str(status) in failure(credly)
    assert len(server.requests) == 1
    (line,) = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert "180 days" in line.getMessage() and "CREDLY_TOKEN" in line.getMessage()


def test_a_wrong_token_is_refused_by_the_server_itself(server, connect):
    assert "401" in failure(connect(token="another"))


@pytest.mark.parametrize("status", [204, 400, 404, 418, 422])
def test_other_refusals_are_not_tried_again(server, credly, status):
    server.fail(status)
    failure(credly)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>Be right back</body></html>",
        b"",
        b"\xff\xfe\x00",
        b"null",
        b"[]",
        b'{"data": {"message": "sorry"}, "metadata": null}',
        b'{"data": []}',
        b'{"data": [], "metadata": {"total_pages": "1"}}',
        b'{"data": {}, "metadata": {"total_pages": 1}}',
        b"[" * 200_000,
        b'{"data": [], "metadata": {"total_pages": 1}, "x": "' + b"x" * 8_000_000 + b'"}',
    ],
    ids=lambda body: f"{body[:20]!r}",
)
def test_an_answer_that_is_no_list_of_badges_makes_the_source_unavailable(server, credly, body):
    server.garbage(body)
    failure(credly)


def test_a_body_cut_off_is_asked_for_again_and_never_half_read(server, credly):
    server.add(ANN)
    server.truncate(times=1)
    assert len(credly.badges([ANN])) == 1
    server.truncate()
    failure(credly, BOB)


def test_a_failing_second_page_hides_the_first(server, credly):
    for _ in range(60):
        server.add(ANN)
    original = server.page
    server.page = lambda params: {"data": "gone"} if params.get("page") == "2" else original(params)
    failure(credly)


def test_a_redirect_is_not_followed_and_the_token_goes_nowhere_else(server, credly):
    elsewhere = CredlyServer()
    try:
        server.redirect(f"{elsewhere.url}/organizations/org-1/badges")
        assert "redirect" in failure(credly)
        assert elsewhere.requests == [] and len(server.requests) == 1
    finally:
        elsewhere.close()


def test_nobody_listening_makes_the_source_unavailable(server, connect):
    credly = connect(url="http://127.0.0.1:1/v1")
    assert "ConnectError" in failure(credly)


def test_a_hanging_server_ends_in_the_timeout(server, connect):
    server.hang()
    began = time.monotonic()
    assert "ReadTimeout" in failure(connect(timeout_seconds=0.1, tries=2))
    assert 0.2 <= time.monotonic() - began < 5  # for which one try would wait by itself


@pytest.mark.parametrize("misbehave", ["hang", "trickle"])
def test_nobody_waits_longer_than_the_deadline(server, connect, misbehave):
    getattr(server, misbehave)()
    credly = connect(timeout_seconds=60.0, deadline_seconds=0.3, monotonic=time.monotonic)
    began = time.monotonic()
    failure(credly)
    assert time.monotonic() - began < 30


def test_look_ups_that_were_given_up_do_not_keep_the_next_ones_from_credly(server, connect):
    server.add(ANN)
    server.trickle()
    credly = connect(timeout_seconds=60.0, deadline_seconds=0.2, monotonic=time.monotonic, failures_to_open=1000)
    for _ in range(LOOK_UPS_AT_ONCE):
        failure(credly)
    server.answers_again()
    wait_until(lambda: not failed(credly), seconds=10)


def failed(credly):
    try:
        return not credly.badges([ANN])
    except SourceUnavailable:
        return True


def test_a_slow_answer_within_the_timeout_is_an_answer(server, connect):
    server.add(ANN)
    server.slow(0.2)
    assert len(connect(timeout_seconds=60).badges([ANN])) == 1
