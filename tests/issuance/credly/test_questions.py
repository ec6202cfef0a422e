"""What Credly is asked, and how often: filter, pages, memory."""

import base64
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.issuance.credly_guards import ShortMemory
from tests.issuance.credly.conftest import ANN, BOB, OLD, failure


def test_the_question_carries_the_token_and_only_reads(server, credly):
    server.add(ANN)
    credly.badges([ANN])
    (asked,) = server.requests
    assert asked.method == "GET" and asked.path == "/v1/organizations/org-1/badges"
    assert base64.b64decode(asked.authorization.removeprefix("Basic ")) == b"a-token:"


@pytest.mark.parametrize("address", ["ann+1@example.com", "a%b&filter=x@example.com", "jörg@example.com"])
def test_an_address_with_special_characters_arrives_as_it_is(server, credly, address):
    server.add(address)
    server.add("ann 1@example.com")
    assert [badge.email for badge in credly.badges([address])] == [address]


def test_all_pages_are_read_and_each_repeats_the_filter(server, credly):
    for number in range(120):
        server.add(ANN, f"Course {number}")
        server.add(BOB, f"Course {number}")
    assert len(credly.badges([ANN])) == 120
    assert [asked.params.get("page") for asked in server.requests] == [None, "2", "3"]
    assert {asked.params["filter"] for asked in server.requests} == {f"recipient_email_all::{ANN}"}


def test_each_address_is_asked_for_and_a_badge_found_twice_is_shown_once(server, credly):
    server.add(ANN, "One", account=[ANN, OLD])
    server.add(OLD, "Two", account=[ANN, OLD])
    server.add(BOB, "Three")
    assert sorted(badge.title for badge in credly.badges([ANN, OLD])) == ["One", "Two"]
    assert len(server.requests) == 2


@pytest.mark.parametrize("address", ["a|state::x@example.com", '"a,b"@example.com', '"a::b"@example.com'])
def test_an_address_that_would_change_the_filter_is_not_sent(server, credly, address):
    assert "filter cannot express" in failure(credly, address)
    assert server.requests == [] and credly.ready()


def test_the_same_question_within_a_minute_is_asked_once(server, credly, clock):
    server.add(ANN)
    for _ in range(3):
        assert len(credly.badges([ANN])) == 1
    assert credly.badges([BOB]) == credly.badges([BOB]) == []
    assert len(server.requests) == 2
    server.add(ANN, "New")
    clock.now += 60
    assert len(credly.badges([ANN])) == 2


def test_only_the_address_that_is_not_remembered_is_asked_for(server, credly):
    server.add(ANN)
    credly.badges([ANN])
    credly.badges([ANN, OLD])
    assert [asked.params["filter"] for asked in server.requests] == [f"recipient_email_all::{a}" for a in (ANN, OLD)]


def test_failures_are_not_remembered(server, credly):
    server.add(ANN)
    server.fail(404, times=1)
    failure(credly)
    assert len(credly.badges([ANN])) == 1


def test_what_is_remembered_is_shown_while_credly_is_left_alone(server, connect):
    credly = connect(tries=1)
    server.add(ANN)
    credly.badges([ANN])
    server.fail(500)
    for _ in range(3):
        failure(credly, BOB)
    assert not credly.ready() and len(credly.badges([ANN])) == 1


def test_the_memory_keeps_the_newest_and_forgets_the_old(clock):
    memory = ShortMemory(60, 2, clock.monotonic)
    for name in ("a", "b", "c"):
        memory.put(name, name.upper())
    assert [memory.get(name) for name in ("a", "b", "c")] == [None, "B", "C"]
    clock.now += 60
    assert memory.get("c") is None


def test_many_threads_each_get_their_own_badges(server, connect):
    credly = connect(cache_seconds=0.001, monotonic=time.monotonic, deadline_seconds=30)
    people = [f"person{number}@example.com" for number in range(40)]
    for person in people:
        server.add(person, f"Course of {person}")
    start = threading.Barrier(20)

    def look_up(number):
        start.wait()
        return [[badge.email for badge in credly.badges([people[i]])] for i in (number, 39 - number, number)]

    with ThreadPoolExecutor(20) as threads:
        seen = list(threads.map(look_up, range(20)))
    assert seen == [[[people[n]], [people[39 - n]], [people[n]]] for n in range(20)]


def test_after_closing_nothing_is_asked(server, credly):
    credly.close()
    assert "closed" in failure(credly)
    assert server.requests == []


def test_the_server_for_tests_speaks_as_the_reference_says(server):
    for _ in range(51):
        server.add(ANN)
    server.add(BOB, state="pending")
    first = server.page({"filter": f"recipient_email::{ANN},x@example.com|state::accepted|colour::blue"})
    assert first["metadata"] | {"next_page_url": ""} == {
        "count": 50,
        "current_page": 1,
        "total_count": 51,
        "total_pages": 2,
        "per": 50,
        "previous_page_url": None,
        "next_page_url": "",
    }
    assert "filter" not in first["metadata"]["next_page_url"]
    assert len(server.page({"filter": "colour::blue", "page": "2"})["data"]) == 2
    assert json.dumps(server.page({"filter": "recipient_email::nobody@example.com"})["metadata"]).count("null") == 2
