"""The catalogue finds credentials by any of their names, and tells an editor what is wrong with the file."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import InvalidSetting
from bot.issuance.catalogue import CATALOGUE, Catalogue
from bot.issuance.record import Kind

patient = settings(deadline=None)  # a busy machine is no failure

OURS = Catalogue.read(Path("data/catalogue.yml"))
ONE = "- {id: one, title: One, names: [number one]}\n"


def read(tmp_path, text):
    path = tmp_path / "catalogue.yml"
    path.write_text(text, encoding="utf-8")
    return Catalogue.read(path)


@pytest.mark.parametrize(
    "text",
    ["Level 2", "LEVEL  TWO", " lvl\t2 ", "l2", "level_2", "Ｌevel ２", "level\u00a02"],
)
def test_a_credential_is_found_whatever_the_capitals_and_spacing(text):
    assert OURS.match(text).id == OURS.key(text) == "level_2"


@pytest.mark.parametrize("text", ["", " ", "Level 4", "Level 2 and more"])
def test_nothing_is_guessed(text):
    assert OURS.match(text) is None


def test_a_title_that_the_catalogue_does_not_know_is_its_own_key():
    assert OURS.key("  Advanced   Reporting ") == "advanced reporting"


@patient
@given(st.text(max_size=60))
def test_a_key_is_its_own_key(text):
    assert OURS.key(OURS.key(text)) == OURS.key(text)


def test_every_certification_of_ours_says_what_earns_it():
    for credential in OURS.credentials:
        assert credential.kind is OURS.kind(credential.title)
        assert ("Certification Exam" in credential.earned_by) is (credential.kind is Kind.CERTIFICATION)


def test_an_editor_can_add_one(tmp_path):
    text = f"credentials:\n{ONE}- {{id: data, title: Certified in Data, names: [data], valid_months: 24}}\n"
    credential = read(tmp_path, text).match("DATA")
    assert (credential.kind, credential.valid_months, credential.earned_by) == (Kind.CERTIFICATION, 24, "")


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ("- {id: two, names: [two]}", r"credential 2 \(two\) needs title"),
        ("- {title: Two, names: [two]}", r"credential 2 \(Two\) needs id"),
        ("- {id: two, title: Two}", r"credential 2 \(two\) needs names"),
        ("- {id: two, title: Two, names: []}", "needs names"),
        ("- {id: two, title: Two, names: two}", "needs names"),
        ("- {id: two, title: Two, names: [2]}", "in quotes"),
        ("- {id: two, title: 2, names: [two]}", "needs title.*in quotes"),
        ("- {id: one, title: Two, names: [two]}", "id 'one' is used twice"),
        ("- {id: two, title: Two, names: [NUMBER  one]}", "'NUMBER  one' stands for both 'one' and 'two'"),
        ("- {id: two, title: one, names: [two]}", "'one' stands for both 'one' and 'two'"),
        ("- {id: two, title: Two, names: [two], kind: certification}", "has kind; it may have earned_by, id"),
        ("- {id: two, title: Two, names: [two], valid_months: soon}", "valid_months must be a whole number"),
        ("- {id: two, title: Two, names: [two], valid_months: 0}", "valid_months must be a whole number"),
        ("- {id: two, title: Two, names: [two], earned_by: [a]}", "earned_by must be a text"),
        ("- two", "credential 2 must have id, title and names"),
        ("- {id: two", "cannot be read as YAML.*line"),
    ],
)
def test_a_broken_file_says_what_to_mend(tmp_path, entries, message):
    with pytest.raises(InvalidSetting, match=f"(?s){message}"):
        read(tmp_path, f"credentials:\n{ONE}{entries}\n")


@pytest.mark.parametrize("text", ["", "credentials:", "- one", "credentials: {one: 1}"])
def test_a_file_without_a_list_of_credentials_is_refused(tmp_path, text):
    with pytest.raises(InvalidSetting, match="list named `credentials`"):
        read(tmp_path, text)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InvalidSetting, match="cannot be read"):
        Catalogue.read(tmp_path / "none.yml")


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("lead_architect", "onestream certified professional - lead architect"),
        ("Lead Architect", "onestream certified professional - lead architect"),
        ("level_1", "level_1"),
        ("level_2", "level_2"),
        ("Rules Workshop", "rules workshop"),
    ],
)
def test_a_longer_title_of_the_record_holds_the_name_that_is_said(said, key):
    titles = {"onestream certified professional - lead architect": "OneStream Certified Professional - Lead Architect"}
    titles |= {"level_1": "Level 1", "rules workshop": "Rules Workshop"}
    assert Catalogue.read(CATALOGUE).key_among(said, titles) == key


def test_a_name_that_two_titles_hold_means_neither_of_them():
    titles = {"a": "Lead Architect, part one", "b": "Lead Architect, part two"}
    assert Catalogue.read(CATALOGUE).key_among("lead architect", titles) == "lead_architect"
