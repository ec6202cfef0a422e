import datetime
import hashlib
import logging

import pytest
import sqlalchemy as sql

from bot.errors import BotError, InvalidAddress
from bot.identity.proof import CodeExpired, CodeRequested, CodeWaiting, NoCode, Proven, TooManyCodes, WrongCode
from tests.identity.conftest import ALICE, BOB, CHARLIE, TABLES


def test_alice_proves_her_address_with_the_code_she_was_sent(identity, mailbox, clock):
    asked = identity.request_code("c1", " Alice@Example.com ", "site")
    ends = clock.now + datetime.timedelta(minutes=10)
    assert asked == CodeRequested(ALICE, ends, 30)
    assert mailbox.mails == [(ALICE, mailbox.code(), ends)]
    assert identity.waiting("c1") == CodeWaiting(ALICE, ends)
    assert identity.proven("c1") == []
    assert identity.check_code("c1", f"my code is {mailbox.code()}.") == Proven(ALICE)
    assert identity.proven("c1") == [ALICE]
    assert identity.waiting("c1") is None


def test_a_code_is_used_once(identity, mailbox):
    identity.request_code("c1", ALICE, "site")
    assert identity.check_code("c1", mailbox.code()) == Proven(ALICE)
    identity.forget("c1")
    assert identity.check_code("c1", mailbox.code()) == NoCode()
    assert identity.proven("c1") == []


def test_the_right_code_that_comes_again_for_its_lost_answer_still_says_what_it_has_proven(identity, mailbox, clock):
    identity.request_code("c1", ALICE, "site")
    code = mailbox.code()
    assert identity.proven_by("c1", code) == ""  # it has not been typed yet
    identity.check_code("c1", code)
    assert identity.proven_by("c1", f"it is {code}") == ALICE
    assert identity.proven_by("c1", mailbox.wrong()) == identity.proven_by("c1", "what?") == ""
    assert identity.proven_by("charlie", code) == ""
    clock.advance(minutes=6)
    assert identity.proven_by("c1", code) == ""


def test_a_code_that_comes_again_proves_nothing_once_its_proof_has_ended(identity, mailbox):
    identity.request_code("c1", ALICE, "site")
    identity.check_code("c1", mailbox.code())
    identity.forget("c1")
    assert identity.proven_by("c1", mailbox.code()) == "" and identity.proven("c1") == []


def test_a_code_expires_after_ten_minutes(identity, mailbox, clock):
    identity.request_code("c1", ALICE, "site")
    clock.advance(minutes=10)
    assert identity.check_code("c1", mailbox.code()) == CodeExpired()
    assert identity.waiting("c1") is None
    assert identity.proven("c1") == []


def test_a_code_holds_until_the_last_second(identity, mailbox, clock):
    identity.request_code("c1", ALICE, "site")
    clock.advance(minutes=9, seconds=59)
    assert identity.check_code("c1", mailbox.code()) == Proven(ALICE)


def test_charlie_cannot_use_alices_code_in_his_conversation(identity, mailbox):
    identity.request_code("alice", ALICE, "site")
    alices = mailbox.code()
    assert identity.check_code("charlie", alices) == NoCode()
    identity.request_code("charlie", ALICE, "site")
    if mailbox.code() != alices:
        assert identity.check_code("charlie", alices) == WrongCode(4)
    assert identity.proven("charlie") == []
    assert identity.check_code("alice", alices) == Proven(ALICE)
    assert identity.proven("charlie") == []


def test_after_five_wrong_tries_the_right_code_is_refused_and_a_new_one_helps(identity, mailbox, clock):
    identity.request_code("c1", ALICE, "site")
    assert [identity.check_code("c1", mailbox.wrong(n)) for n in range(5)] == [WrongCode(n) for n in (4, 3, 2, 1, 0)]
    assert identity.check_code("c1", mailbox.code()) == WrongCode(0)
    assert identity.waiting("c1") is None
    clock.advance(seconds=30)
    identity.request_code("c1", ALICE, "site")
    assert identity.check_code("c1", mailbox.code()) == Proven(ALICE)


def test_a_text_without_a_code_costs_no_try(identity, mailbox):
    identity.request_code("c1", ALICE, "site")
    for text in ("where is it?", "12345", "", "1234567", f"{mailbox.code()} or {mailbox.code()}"):
        assert identity.check_code("c1", text) == WrongCode(5)
    assert identity.check_code("c1", mailbox.code()) == Proven(ALICE)


def test_nothing_is_waiting_in_a_new_conversation(identity):
    assert identity.waiting("c1") is None
    assert identity.check_code("c1", "123456") == NoCode()


def test_a_resend_has_to_wait_thirty_seconds_and_says_how_many_are_left(identity, mailbox, clock):
    identity.request_code("c1", ALICE, "site")
    first = mailbox.code()
    clock.advance(seconds=12, milliseconds=500)
    assert identity.request_code("c1", ALICE, "site") == TooManyCodes(18)
    assert len(mailbox.mails) == 1
    assert identity.waiting("c1").address == ALICE
    clock.advance(seconds=18)
    assert isinstance(identity.request_code("c1", ALICE, "site"), CodeRequested)
    if mailbox.code() != first:
        assert identity.check_code("c1", first) == WrongCode(4)
    assert identity.check_code("c1", mailbox.code()) == Proven(ALICE)


def test_a_mistyped_address_can_be_corrected_at_once_and_its_code_is_void(identity, mailbox):
    identity.request_code("c1", "alcie@example.com", "site")
    former = mailbox.code()
    assert isinstance(identity.request_code("c1", ALICE, "site"), CodeRequested)
    assert identity.waiting("c1").address == ALICE
    if mailbox.code() != former:
        assert isinstance(identity.check_code("c1", former), WrongCode)
    assert identity.check_code("c1", mailbox.code()) == Proven(ALICE)
    assert identity.proven("c1") == [ALICE]


def test_a_replaced_code_does_not_come_back_when_the_newer_one_is_used(identity, mailbox):
    identity.request_code("c1", BOB, "site")
    former = mailbox.code()
    identity.request_code("c1", ALICE, "site")
    assert identity.check_code("c1", mailbox.code()) == Proven(ALICE)
    assert identity.check_code("c1", former) == NoCode()
    assert identity.proven("c1") == [ALICE]


def test_a_cancelled_code_is_void(identity, mailbox):
    identity.request_code("c1", ALICE, "site")
    identity.cancel("c1")
    assert identity.waiting("c1") is None
    assert identity.check_code("c1", mailbox.code()) == NoCode()


def test_cancelling_does_not_buy_more_codes(identity, mailbox):
    identity.request_code("c1", ALICE, "site")
    identity.cancel("c1")
    identity.forget("c1")
    assert identity.request_code("c1", ALICE, "site") == TooManyCodes(30)


def test_a_conversation_gets_five_codes_an_hour_whatever_the_addresses(identity, mailbox, clock):
    for n in range(5):
        assert isinstance(identity.request_code("c1", f"a{n}@example.com", "site"), CodeRequested)
        clock.advance(minutes=10)
    assert identity.request_code("c1", BOB, "site") == TooManyCodes(600)
    assert isinstance(identity.request_code("c2", BOB, "site"), CodeRequested)
    clock.advance(minutes=10)
    assert isinstance(identity.request_code("c1", BOB, "site"), CodeRequested)
    assert identity.request_code("c1", CHARLIE, "site") == TooManyCodes(600)


def test_an_address_gets_five_codes_an_hour_whatever_the_conversations(identity, mailbox, clock):
    for n in range(5):
        assert isinstance(identity.request_code(f"c{n}", ALICE, "site"), CodeRequested)
    assert identity.request_code("c5", ALICE.upper(), "slack") == TooManyCodes(3600)
    assert len(mailbox.mails) == 5
    clock.advance(hours=1)
    assert isinstance(identity.request_code("c5", ALICE, "site"), CodeRequested)


def test_an_address_gets_twenty_codes_in_any_day(identity, mailbox, clock):
    started = clock.now
    while clock.now < started + datetime.timedelta(days=1):
        identity.request_code(f"c{clock.now}", ALICE, "site")
        clock.advance(minutes=13)
    assert len(mailbox.mails) == 20


@pytest.mark.parametrize("address", ["alice@example.com\r\nBcc: eve@example.com", "\u0430lice@example.com", "alice"])
def test_a_bad_address_is_refused_before_anything_is_sent_or_kept(identity, mailbox, address):
    with pytest.raises(InvalidAddress):
        identity.request_code("c1", address, "site")
    assert mailbox.mails == []
    assert identity.waiting("c1") is None


@pytest.mark.parametrize("other", ["alice+work@example.com", "a.lice@example.com", "alice@mail.example.com"])
def test_a_look_alike_address_proves_only_itself(identity, mailbox, other):
    identity.request_code("c1", other, "site")
    assert identity.check_code("c1", mailbox.code()) == Proven(other)
    assert identity.refuse_reason("c1", ALICE)


def test_a_code_that_could_not_be_sent_was_never_made(database, identity, mailbox, clock):
    def broken(connection, address, code, expires_at):
        raise BotError("no outbox")

    identity._send = broken
    with pytest.raises(BotError):
        identity.request_code("c1", ALICE, "site")
    assert identity.waiting("c1") is None
    identity._send = mailbox
    assert isinstance(identity.request_code("c1", ALICE, "site"), CodeRequested)


def test_the_mail_is_written_in_the_transaction_of_the_code(database, identity):
    def outbox(connection, address, code, expires_at):
        connection.execute(sql.text("INSERT INTO mails VALUES (:address)"), {"address": address})
        raise BotError("crash after the mail was written")

    with database.transaction() as connection:
        connection.execute(sql.text("CREATE TABLE mails (address VARCHAR(255))"))
    identity._send = outbox
    with pytest.raises(BotError):
        identity.request_code("c1", ALICE, "site")
    with database.transaction() as connection:
        assert connection.execute(sql.text("SELECT count(*) FROM mails")).scalar() == 0


def test_a_known_and_an_unknown_address_cause_the_same_work_and_the_same_answer(database, identity, mailbox, clock):
    """Alice has codes, proofs and lookups already; what the service does must not depend on it, or on other tables."""
    identity.request_code("earlier", ALICE, "site")
    identity.check_code("earlier", mailbox.code())
    identity.log_lookup("earlier", "site", ALICE, ALICE, rights="code", outcome="shown")
    statements = []

    def note(connection, cursor, statement, parameters, context, executemany):
        statements.append(statement)

    sql.event.listen(database.engine, "before_cursor_execute", note)

    def work(conversation_id, address):
        statements.clear()
        asked = identity.request_code(conversation_id, address, "site")
        answers = [identity.check_code(conversation_id, mailbox.wrong()), identity.waiting(conversation_id)]
        answers.append(identity.refuse_reason(conversation_id, address))
        return (asked.expires_at, asked.resend_after, answers[0], answers[1].expires_at, answers[2], list(statements))

    known, unknown = work("c1", ALICE), work("c2", "nobody@example.com")
    assert known == unknown
    assert len(known[-1]) > 5
    used = {word for statement in known[-1] for word in statement.replace("\n", " ").split() if "." not in word}
    named = {table for table in sql.inspect(database.engine).get_table_names() if table in used}
    assert named and named <= TABLES


def test_no_code_and_no_address_reaches_the_logs(identity, mailbox, caplog):
    caplog.set_level(logging.INFO)
    identity.request_code("c1", ALICE, "site")
    identity.check_code("c1", mailbox.wrong())
    identity.check_code("c1", mailbox.code())
    identity.refuse_reason("c1", BOB)
    with pytest.raises(InvalidAddress):
        identity.request_code("c1", "alice@localhost", "site")
    assert mailbox.code() not in caplog.text
    assert "alice" not in caplog.text and "bob" not in caplog.text


def test_the_database_holds_neither_the_code_nor_a_plain_hash_of_it(database, identity, mailbox):
    identity.request_code("c1", ALICE, "site")
    with database.transaction() as connection:
        row = connection.execute(sql.text("SELECT * FROM one_time_codes")).one()
    cells = {str(cell) for cell in row}
    assert ALICE in cells
    assert not any(mailbox.code() == cell for cell in cells)
    assert hashlib.sha256(mailbox.code().encode()).hexdigest() not in cells
