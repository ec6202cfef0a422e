"""After failures Credly is left alone for a while, and then tried by one."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.errors import SourceUnavailable
from bot.issuance.credly_guards import Circuit
from tests.issuance.credly.conftest import ANN, BOB, failure


def test_after_three_failures_in_a_row_credly_is_left_alone(server, connect, clock):
    credly = connect(tries=1)
    server.fail(500)
    for _ in range(3):
        assert credly.ready()
        failure(credly)
    assert not credly.ready()
    failure(credly)
    assert len(server.requests) == 3


def test_after_the_pause_one_success_brings_it_back(server, connect, clock):
    credly = connect(tries=1)
    server.add(ANN)
    server.fail(500, times=3)
    for _ in range(3):
        failure(credly)
    clock.now += 30
    assert credly.ready()  # or nobody would be sent here to try
    assert len(credly.badges([ANN])) == 1
    assert credly.badges([BOB]) == []


def test_after_the_pause_one_failure_is_enough_to_wait_again(server, connect, clock):
    credly = connect(tries=1)
    server.fail(500)
    for _ in range(3):
        failure(credly)
    clock.now += 30
    failure(credly)
    assert not credly.ready() and len(server.requests) == 4


def test_a_success_in_between_starts_the_count_again(server, connect):
    credly = connect(tries=1, cache_seconds=0)
    for _ in range(3):
        server.fail(500, times=2)
        failure(credly)
        failure(credly)
        credly.badges([ANN])
    assert credly.ready()


def test_a_question_that_credly_refuses_does_not_stop_the_others(server, connect):
    credly = connect(cache_seconds=0)
    server.add(ANN)
    server.fail(422, times=10)
    for _ in range(10):
        failure(credly)
    assert credly.ready() and len(credly.badges([ANN])) == 1


def test_only_one_lookup_tries_after_the_pause_while_the_others_are_refused_at_once(server, connect, clock):
    credly = connect(tries=1)
    server.add(ANN)
    server.fail(500, times=3)
    for _ in range(3):
        failure(credly)
    clock.now += 30
    server.hang()
    with ThreadPoolExecutor(1) as probe:
        first = probe.submit(credly.badges, [ANN])
        server.wait_for_requests(4)
        for _ in range(5):
            failure(credly)
        server.recover()
        assert len(first.result()) == 1
    assert len(server.requests) == 4


def test_a_lookup_that_fails_late_does_not_shorten_the_rest_that_credly_asked_for(clock):
    circuit = Circuit(1, 30, clock.monotonic)
    circuit.enter()
    circuit.enter()
    circuit.failed(rest_seconds=120)
    circuit.failed()
    clock.now += 119
    with pytest.raises(SourceUnavailable):
        circuit.enter()


def test_an_unforeseen_error_does_not_keep_the_circuit_half_open_for_ever(server, connect, clock, monkeypatch):
    credly = connect(tries=1)
    server.add(ANN)
    server.fail(500, times=3)
    for _ in range(3):
        failure(credly)
    clock.now += 30
    with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
        patch.setattr(credly._http, "issued", lambda *args: 1 / 0)
        credly.badges([ANN])
    clock.now += 30
    assert len(credly.badges([ANN])) == 1
