"""Whatever Credly sends, nothing of anybody else is shown or logged."""

import base64
import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.issuance.credly_payload import read_badges
from tests.issuance.credly.conftest import ANN, BOB, OLD, failure


def test_everybodys_badges_are_not_shown_when_filters_are_ignored(server, credly, caplog):
    server.ignore_filters()
    server.add(BOB, "Bob's")
    server.add(BOB, "Bob's, waiting", state="pending")
    server.add(ANN, "Ann's")
    assert [badge.title for badge in credly.badges([ANN])] == ["Ann's"]
    assert "2 badges that are not evidently of the address" in caplog.text


def test_a_list_too_long_for_one_person_is_not_believed(server, connect):
    server.ignore_filters()
    for _ in range(101):
        server.add(BOB)
    assert "ignore the filter" in failure(connect(max_pages=2))
    assert len(server.requests) == 1  # nothing more of other people is fetched


@pytest.mark.parametrize(
    ("user", "shown"),
    [
        ({"email": ANN, "confirmed": True}, True),
        ({"email": "ANN@example.com", "confirmed": True}, True),
        ({"email": ANN, "confirmed": False}, False),
        ({"email": ANN, "confirmed": "*****"}, False),
        ({"email": ANN}, False),
        ({"email": "*****", "confirmed": True}, False),
        ({"email": OLD, "confirmed": True}, False),
        ({}, False),
        (None, False),
        ("ann@example.com", False),
    ],
)
def test_a_badge_issued_to_another_address_needs_the_confirmed_account_address(server, credly, user, shown):
    server.add(OLD, account=[ANN, OLD], user=user)
    assert [badge.email for badge in credly.badges([ANN])] == ([OLD] if shown else [])


def test_sharing_an_account_id_with_a_badge_of_the_address_is_no_evidence(server, credly):
    server.add(ANN, "Mine", account=[ANN, OLD], user={"id": "u-1", "email": "*****", "confirmed": True})
    server.add(OLD, "Formerly", account=[ANN, OLD], user={"id": "u-1", "email": "*****", "confirmed": True})
    assert [badge.title for badge in credly.badges([ANN])] == ["Mine"]


@pytest.mark.parametrize(
    "other",
    [
        "mar\N{KELVIN SIGN}@example.com",
        "m\N{CYRILLIC SMALL LETTER A}rk@example.com",
        "mark+1@example.com",
        "mark@example.com.example.org",
        "mark@example.co",
        None,
    ],
)
def test_look_alike_addresses_are_other_people(server, credly, other):
    server.ignore_filters()
    server.add("x@example.com", recipient_email=other, user={})
    server.add("Mark@Example.com", "Mark's")
    assert [badge.title for badge in credly.badges(["mark@example.com"])] == ["Mark's"]


def test_what_one_lookup_may_see_is_not_remembered_for_another(server, credly):
    server.add(OLD, account=[ANN, OLD], user={"email": "*****"})
    assert len(credly.badges([ANN, OLD])) == 1
    assert credly.badges([ANN]) == []


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
FIELDS = [
    "id",
    "state",
    "issued_at",
    "issued_at_date",
    "expires_at_date",
    "user",
    "issuer",
    "badge_template",
    "public",
    "badge_url",
]


@settings(max_examples=100, deadline=None)
@given(anything | st.fixed_dictionaries({}, optional={name: anything for name in FIELDS}), st.booleans())
def test_whatever_is_sent_nothing_crashes_and_nothing_of_others_is_shown(entry, mine):
    if mine and isinstance(entry, dict):
        entry["recipient_email"] = ANN
    reading = read_badges([entry], ANN, str.lower)
    assert len(reading.badges) + reading.others + reading.unreadable == 1
    assert mine or reading.badges == ()


def test_no_log_and_no_error_names_an_address_or_the_token(server, connect, caplog):
    caplog.set_level(logging.DEBUG)
    token = server.token = "secret-token-77"
    credly, person = connect(token=token, cache_seconds=0, failures_to_open=100), "zelda.quux@example.com"
    server.add(OLD, account=[person, OLD], user={})
    server.add(person, state="hovering")
    assert credly.badges([person]) == []
    texts = []
    for misbehave in (
        lambda: server.fail(500, body={"data": {"message": person}}),
        lambda: server.fail(401),
        lambda: server.fail(422, body={"data": {"message": person}}),
        lambda: server.garbage(person.encode()),
        lambda: server.redirect(f"http://other.example.com/?filter={person}"),
        lambda: server.redirect(f"http://[{person}"),
        lambda: server.drop_connection(),
    ):
        server.recover()
        misbehave()
        texts.append(failure(credly, person))
    texts.append(failure(credly, f"a|{person}"))
    said = "\n".join([*texts, *map(logging.Formatter().format, caplog.records)])
    assert "HTTP Request: GET" in said and "left out" in said and "look-up failed" in said
    for secret in (token, base64.b64encode(f"{token}:".encode()).decode(), "zelda", "quux", "ann.old", "%40"):
        assert secret not in said
