"""What counts as the opposite of what was asked."""

import pytest

from bot.content.responses import responses
from bot.content.twins import opposite, other_one, twins


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("faq/export_credentials", "faq/import_credentials"),
        ("faq/share_verification", "faq/newsfeed_appearance"),
        ("fact/export_credentials_other_platforms", "faq/import_credentials"),
        ("fact/credential_expiry_where_date", "fact/expiry_on_linkedin_on_credly"),
        ("deny", "affirm"),
    ],
)
def test_a_twin_is_the_opposite_whichever_was_asked(asked, answered):
    assert opposite(asked, answered) and opposite(answered, asked)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("faq/export_credentials", "faq/export_credentials"),
        ("faq/export_credentials", "fact/export_credentials_other_platforms"),
        ("faq/what_is_credly", "out_of_scope"),
        ("faq/share_verification", "faq/linkedin_multiple_display"),
        ("greet", "goodbye"),
    ],
)
def test_what_is_only_wrong_is_no_opposite(asked, answered):
    assert not opposite(asked, answered) and not opposite(answered, asked)


def test_every_answer_that_is_named_is_there_and_none_is_its_own_twin():
    named = {label for pair in twins().items() for label in pair}
    assert not [label for label in named if label.startswith("faq/") and f"utter_{label}" not in responses()]
    assert not [label for label in named if other_one(label) == label]


def test_what_has_no_twin_has_none():
    assert other_one("faq/what_is_credly") == ""
