"""What a workspace vouches for holds as long as it does so."""

import pytest

from tests.slack.conftest import GROUPED, LEARNER


@pytest.fixture()
def identity(services):
    return services.identity


def test_a_profile_without_its_address_proves_nothing_any_more(identity):
    identity.prove_by_profile("c1", "old@example.com")
    identity.prove_by_profile("c1", "new@example.com")
    assert identity.proven("c1") == ["new@example.com"]
    identity.withdraw_profile("c1")
    assert identity.proven("c1") == []


def test_a_proof_by_code_outlives_the_profile(identity):
    identity.prove_by_profile("c1", "lea@example.com", "code")
    identity.prove_by_profile("c1", "work@example.com")
    identity.withdraw_profile("c1")
    assert identity.proven("c1") == ["lea@example.com"]


def test_the_user_group_makes_staff_only_while_one_is_in_it(identity):
    identity.prove_by_profile("c1", "gil@example.com", "slack_staff")
    assert identity.is_staff("GIL@example.com")
    identity.prove_by_profile("c2", "gil@example.com", "slack")
    assert not identity.is_staff("gil@example.com")
    assert not identity.is_staff("lea@example.com") and not identity.is_staff("nonsense")


def test_a_plain_sentence_has_the_rights_of_the_one_who_wrote_it(workspace, identity):
    workspace.writes(GROUPED, "has jane@example.com got her Level 2 yet?")
    workspace.writes(LEARNER, "has jane@example.com got her Level 2 yet?")
    workspace.said(2)
    assert identity.is_staff("gil@example.com") and not identity.is_staff("lea@example.com")
