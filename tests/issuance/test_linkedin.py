"""LinkedIn's form is filled in with what the badge has, and only for a badge that others can see."""

import datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.issuance.linkedin import add_to_profile_url
from bot.issuance.record import Diagnosis, Stage

patient = settings(deadline=None)  # a busy machine is no failure

FULL = {
    "title": "OneStream Certified Lead Architect",
    "issued_on": datetime.date(2026, 3, 9),
    "expires_on": datetime.date(2028, 12, 31),
    "badge_id": "00000000-0000-4000-8000-000000000001",
    "badge_url": "https://example.com/badges/1",
    "issuer": "OneStream Software",
}


def form(url):
    return dict(parse_qsl(urlsplit(url).query, strict_parsing=True, keep_blank_values=True))


@pytest.mark.parametrize("stage", [Stage.ACCEPTED, Stage.EXPIRES_SOON])
def test_the_form_is_filled_in_from_the_record(stage):
    url = add_to_profile_url(Diagnosis(stage, **FULL))
    assert url.startswith("https://www.linkedin.com/profile/add?startTask=CERTIFICATION_NAME&name=OneStream%20Cert")
    assert form(url) == {
        "startTask": "CERTIFICATION_NAME",
        "name": "OneStream Certified Lead Architect",
        "organizationName": "OneStream Software",
        "issueYear": "2026",
        "issueMonth": "3",
        "expirationYear": "2028",
        "expirationMonth": "12",
        "certUrl": "https://example.com/badges/1",
        "certId": "00000000-0000-4000-8000-000000000001",
    }


def test_what_the_record_lacks_is_left_out():
    bare = {**FULL, "expires_on": None, "issuer": "", "badge_id": ""}
    assert set(form(add_to_profile_url(Diagnosis(Stage.ACCEPTED, **bare)))) == {
        "startTask",
        "name",
        "issueYear",
        "issueMonth",
        "certUrl",
    }


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "badges/1", "https://", "http://[", "ftp://example.com/1"])
def test_without_a_public_address_there_is_no_form(url):
    assert add_to_profile_url(Diagnosis(Stage.ACCEPTED, **{**FULL, "badge_url": url})) == ""


@pytest.mark.parametrize("stage", sorted(set(Stage) - {Stage.ACCEPTED, Stage.EXPIRES_SOON}))
def test_only_accepted_badges_that_are_valid_go_on_a_profile(stage):
    assert add_to_profile_url(Diagnosis(stage, **FULL)) == ""


@patient
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_breaks_out_of_its_field(title, issuer):
    url = add_to_profile_url(Diagnosis(Stage.ACCEPTED, **{**FULL, "title": title, "issuer": issuer}))
    assert form(url)["name"] == title
    assert form(url).get("organizationName", "") == issuer
    assert not set(url) & set(" ()[]<>\"'\\{}")
