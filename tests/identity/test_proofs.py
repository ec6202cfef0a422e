import datetime

import pytest
import sqlalchemy as sql

from bot.errors import InvalidAddress
from bot.identity.proof import CodeRequested, Proven, Refusal, TooManyCodes, WrongCode
from bot.identity.store import lookups
from tests.identity.conftest import ALICE, BOB, CHARLIE, TABLES


def prove(identity, mailbox, conversation_id, address):
    identity.request_code(conversation_id, address, "site")
    assert identity.check_code(conversation_id, mailbox.code()) == Proven(address)


def rows(database):
    with database.transaction() as connection:
        return {name: connection.execute(sql.text(f"SELECT count(*) FROM {name}")).scalar() for name in TABLES}


def test_a_proof_holds_for_its_lifetime(identity, mailbox, clock):
    prove(identity, mailbox, "c1", ALICE)
    clock.advance(minutes=59, seconds=59)
    assert identity.proven("c1") == [ALICE]
    assert identity.refuse_reason("c1", ALICE) is None
    clock.advance(seconds=1)
    assert identity.proven("c1") == []
    assert identity.refuse_reason("c1", ALICE) is Refusal.PROOF_EXPIRED


def test_the_time_asked_about_can_be_given(identity, mailbox, clock):
    prove(identity, mailbox, "c1", ALICE)
    assert identity.proven("c1", clock.now + datetime.timedelta(minutes=59)) == [ALICE]
    assert identity.proven("c1", clock.now + datetime.timedelta(minutes=60)) == []


def test_two_addresses_can_be_proven_and_the_newest_comes_first(identity, mailbox, clock):
    prove(identity, mailbox, "c1", ALICE)
    clock.advance(minutes=30)
    prove(identity, mailbox, "c1", BOB)
    assert identity.proven("c1") == [BOB, ALICE]
    clock.advance(minutes=30)
    assert identity.proven("c1") == [BOB]


def test_an_address_proven_twice_is_listed_once_and_holds_anew(identity, mailbox, clock):
    prove(identity, mailbox, "c1", ALICE)
    prove(identity, mailbox, "c1", BOB)
    clock.advance(minutes=30)
    prove(identity, mailbox, "c1", ALICE)
    assert identity.proven("c1") == [ALICE, BOB]
    clock.advance(minutes=45)
    assert identity.proven("c1") == [ALICE]


def test_charlie_cannot_see_alices_record(identity, mailbox):
    prove(identity, mailbox, "alice", ALICE)
    assert identity.refuse_reason("charlie", ALICE) is Refusal.NOTHING_PROVEN
    prove(identity, mailbox, "charlie", CHARLIE)
    assert identity.refuse_reason("charlie", ALICE) is Refusal.OTHER_ADDRESS
    assert identity.refuse_reason("charlie", " Charlie@example.com") is None


def test_the_reason_of_a_refusal_is_the_same_for_an_address_that_others_have_proven(identity, mailbox):
    prove(identity, mailbox, "alice", ALICE)
    prove(identity, mailbox, "charlie", CHARLIE)
    reasons = {identity.refuse_reason("charlie", address) for address in (ALICE, "nobody@example.com")}
    assert reasons == {Refusal.OTHER_ADDRESS}


@pytest.mark.parametrize(
    "address", ["", "alice", "\u0430lice@example.com", "alice@example.com\n", "%@example.com", "*"]
)
def test_what_is_no_address_opens_no_record(identity, mailbox, address):
    prove(identity, mailbox, "c1", ALICE)
    assert identity.refuse_reason("c1", address)


@pytest.mark.parametrize("conversation_id", ["", "c", "c1 ", "C1", "%", "c_", "' OR '1'='1"])
def test_a_proof_is_bound_to_its_conversation_exactly(identity, mailbox, conversation_id):
    prove(identity, mailbox, "c1", ALICE)
    assert identity.proven(conversation_id) == []


def test_forgetting_ends_proofs_and_code_of_that_conversation_only(identity, mailbox):
    prove(identity, mailbox, "c1", ALICE)
    prove(identity, mailbox, "c2", ALICE)
    identity.request_code("c1", BOB, "site")
    identity.forget("c1")
    assert identity.proven("c1") == []
    assert identity.refuse_reason("c1", ALICE)
    assert identity.waiting("c1") is None
    assert identity.proven("c2") == [ALICE]


def test_a_workspace_profile_proves_an_address_for_the_same_lifetime(identity, clock):
    assert identity.prove_by_profile("slack-1", "Alice@example.com") == ALICE
    assert identity.proven("slack-1") == [ALICE]
    assert identity.proven("slack-2") == []
    clock.advance(minutes=60)
    assert identity.proven("slack-1") == []
    with pytest.raises(InvalidAddress):
        identity.prove_by_profile("slack-1", "alice@example.com\r\nBcc: eve@example.com")


def test_a_profile_shown_with_every_message_is_kept_once(database, identity):
    for _ in range(3):
        identity.prove_by_profile("slack-1", ALICE)
    assert rows(database)["proofs"] == 1


def test_staff_are_those_on_the_list(identity):
    assert identity.is_staff("staff@example.com")
    assert identity.is_staff(" STAFF@example.com")
    for address in (
        ALICE,
        "",
        "staff+x@example.com",
        "staff@example.com.",
        "st\u0430ff@example.com",
        "\uff53taff@example.com",
    ):
        assert not identity.is_staff(address)


def test_a_proven_staff_address_still_sees_only_itself(identity):
    identity.prove_by_profile("slack-1", "staff@example.com")
    assert identity.refuse_reason("slack-1", ALICE)


def test_lookups_are_logged_with_who_whom_when_and_where(database, identity, clock):
    identity.log_lookup("slack-1", "slack", "staff@example.com", ALICE, rights="staff", outcome="shown")
    with database.transaction() as connection:
        row = connection.execute(lookups.select()).one()
    assert tuple(row)[1:] == (clock.now, "slack-1", "slack", "staff@example.com", ALICE, "staff", "shown")


def test_a_refused_lookup_is_logged_whatever_was_asked_for(database, identity):
    identity.log_lookup("c1", "site", CHARLIE, "x\0" * 400, rights="code", outcome="other_address")
    with database.transaction() as connection:
        assert connection.execute(sql.select(lookups.c.subject)).scalar() == "x" * 255


def test_purging_deletes_what_is_old_and_says_how_much(database, identity, mailbox, clock):
    prove(identity, mailbox, "c1", ALICE)
    identity.request_code("c2", BOB, "site")
    identity.check_code("c2", mailbox.wrong())
    identity.log_lookup("c1", "site", ALICE, ALICE, rights="code", outcome="shown")
    clock.advance(days=90)
    prove(identity, mailbox, "c3", CHARLIE)
    assert identity.purge(clock.now - datetime.timedelta(days=30)) == 5
    assert rows(database) == {"one_time_codes": 1, "wrong_tries": 0, "proofs": 1, "lookups": 0}
    assert identity.proven("c3") == [CHARLIE]
    assert identity.purge(clock.now - datetime.timedelta(days=30)) == 0


def test_purging_keeps_what_is_young(database, identity, mailbox, clock):
    prove(identity, mailbox, "c1", ALICE)
    identity.log_lookup("c1", "site", ALICE, ALICE, rights="code", outcome="shown")
    clock.advance(days=29)
    assert identity.purge(clock.now - datetime.timedelta(days=30)) == 0
    assert rows(database) == {"one_time_codes": 1, "wrong_tries": 0, "proofs": 1, "lookups": 1}


def test_purging_everything_at_once_gives_nobody_more_codes_or_tries(identity, mailbox, clock):
    identity.request_code("c1", ALICE, "site")
    for n in range(5):
        identity.check_code("c1", mailbox.wrong(n))
    identity.purge(clock.now + datetime.timedelta(days=1))
    assert identity.request_code("c1", ALICE, "site") == TooManyCodes(30)
    clock.advance(seconds=30)
    assert isinstance(identity.request_code("c1", ALICE, "site"), CodeRequested)
    assert identity.check_code("c1", mailbox.wrong()) == WrongCode(4)
    for n in range(4):
        identity.check_code("c1", mailbox.wrong(n))
    identity.purge(clock.now + datetime.timedelta(days=1))
    clock.advance(seconds=30)
    assert isinstance(identity.request_code("c1", ALICE, "site"), TooManyCodes)


def test_more_rows_than_one_batch_are_purged(database, identity, clock):
    with database.transaction() as connection:
        texts = dict.fromkeys(("conversation_id", "channel", "asker", "subject", "rights", "outcome"), "x")
        connection.execute(lookups.insert(), [{"at": clock.now, **texts} for _ in range(2500)])
    assert identity.purge(clock.now + datetime.timedelta(seconds=1)) == 2500
