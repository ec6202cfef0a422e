"""People name a credential of their record by one word of its title."""

import pytest

from bot.issuance.naming import named_in

TITLES = ["OneStream Certified Associate", "OneStream Certified Lead Architect", "Level 2", "Workflow Essentials"]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("the associate, is that a real certification", [0]),
        ("what about the ARCHITECT one?", [1]),
        ("lead architect and associate please", [0, 1]),
        ("and workflow", [3]),
        ("essentials?", [3]),
        ("and the other one", []),
        ("which certified ones do I have", []),
        ("the onestream level course", []),
        ("2 days ago", []),
        ("and when will I get the 2?", [2]),
        ("number 2 then", [2]),
        ("I did it on the 2nd", []),
        ("since the 2 of May", []),
        ("on the 2", []),
        ("the 2 badges", []),
        ("it's the 2.5 version", []),
        ("", []),
    ],
)
def test_a_word_that_only_one_title_has_names_it(text, places):
    assert named_in(text, TITLES) == places


def test_a_word_that_two_titles_share_names_neither():
    assert named_in("the architect one", ["Lead Architect", "Data Architect"]) == []
    assert named_in("the lead one", ["Lead Architect", "Data Architect"]) == [0]


def test_the_same_credential_under_two_addresses_is_named_twice():
    assert named_in("the associate", ["Certified Associate", "Certified Associate", "Level 1"]) == [0, 1]
