"""What a learner sees of the badges that Credly knows."""

import datetime

import pytest

from bot.issuance.record import Badge, BadgeState
from tests.issuance.credly.conftest import ANN, BOB


def test_an_accepted_badge_has_everything_the_reply_needs(server, credly):
    sent = server.add("Ann@Example.com", "  Example Basics ", expires_at_date="2032-01-15")
    assert credly.badges([ANN]) == [
        Badge(
            id=sent["id"],
            email=ANN,
            credential="example basics",
            title="Example Basics",
            state=BadgeState.ACCEPTED,
            issued_on=datetime.date(2030, 1, 15),
            expires_on=datetime.date(2032, 1, 15),
            url=sent["badge_url"],
            name="Ann Example",
            issuer="OneStream Software",
        )
    ]


@pytest.mark.parametrize("state", ["pending", "rejected", "revoked"])
def test_a_badge_that_is_not_accepted_has_no_public_address(server, credly, state):
    server.add(ANN, state=state, badge_url="https://www.credly.com/badges/1")
    (badge,) = credly.badges([ANN])
    assert badge.state.value == state and badge.url == ""


def test_a_badge_that_the_learner_keeps_private_has_no_public_address(server, credly):
    server.add(ANN, public=False)
    assert credly.badges([ANN])[0].url == ""


@pytest.mark.parametrize("address", ["javascript:alert(1)", "http://www.credly.com/badges/1", None, 7])
def test_only_a_safe_address_becomes_a_link(server, credly, address):
    server.add(ANN, badge_url=address)
    assert credly.badges([ANN])[0].url == ""


def test_newest_badges_come_first(server, credly):
    for day in ("2029-05-01", "2031-05-01", "2030-05-01"):
        server.add(ANN, issued_at_date=day)
    assert [badge.issued_on.year for badge in credly.badges([ANN])] == [2031, 2030, 2029]


def test_without_badges_the_list_is_empty(server, credly):
    server.add(BOB)
    assert credly.badges([ANN]) == []


@pytest.mark.parametrize(
    ("issuer", "name"),
    [
        ({"summary": "issued by Some School", "entities": []}, "Some School"),
        ({"summary": "issued by Some School"}, "Some School"),
        ({"summary": None, "entities": [{"primary": False, "entity": {"name": "Other"}}]}, ""),
        ({"entities": [{"primary": False, "entity": {"name": "B"}}, {"primary": True, "entity": {"name": "A"}}]}, "A"),
        (None, ""),
        ("?", ""),
    ],
)
def test_the_issuer_is_the_primary_entity_or_the_summary(server, credly, issuer, name):
    server.add(ANN, issuer=issuer)
    assert credly.badges([ANN])[0].issuer == name


def test_a_missing_date_is_taken_from_the_moment_it_belongs_to(server, credly):
    server.add(ANN, issued_at_date=None, expires_at_date=None, expires_at="2032-02-29T23:00:00.000Z")
    (badge,) = credly.badges([ANN])
    assert (badge.issued_on, badge.expires_on) == (datetime.date(2030, 1, 15), datetime.date(2032, 2, 29))


@pytest.mark.parametrize(
    "broken",
    [
        {"state": "hovering"},
        {"state": None},
        {"issued_at": None, "issued_at_date": None},
        {"issued_at_date": "soon"},
        {"expires_at_date": "15/01/2032"},
        {"expires_at_date": 20320115},
        {"badge_template": {}},
        {"badge_template": None},
        {"id": ""},
        {"id": None},
    ],
)
def test_an_entry_that_cannot_be_read_is_left_out_and_counted(server, credly, caplog, broken):
    server.add(ANN, "Broken", **broken)
    server.add(ANN, "Whole")
    assert [badge.title for badge in credly.badges([ANN])] == ["Whole"]
    assert "1 entries that cannot be read" in caplog.text


def test_new_fields_do_no_harm(server, credly):
    server.add(ANN, brand_new={"a": [1]}, user={"id": "u", "new": None})
    assert len(credly.badges([ANN])) == 1
