import datetime

import pytest
import sqlalchemy as sql
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.outbox.store import Counts, outbox
from tests.outbox.conftest import NOON, mail

LEASE = datetime.timedelta(minutes=1)
KINDS = ("mail",)


def rows(database):
    with database.transaction() as connection:
        return connection.execute(outbox.select().order_by(outbox.c.created_at)).all()


def claim(store, clock, worker="worker-a", limit=10):
    return store.claim(clock(), worker, limit, LEASE, KINDS)


def test_the_migration_makes_what_the_code_declares(database):
    declared = sql.MetaData()
    outbox.to_metadata(declared)
    with database.transaction() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": only_outbox})
        assert compare_metadata(context, declared) == []
        names = {index["name"] for index in sql.inspect(connection).get_indexes("outbox")}
    assert names == {"ix_outbox_due", "ix_outbox_urgent", "ix_outbox_dead", "ix_outbox_delivered"}


def only_outbox(name, kind, parents):
    return kind != "table" or name == outbox.name


def test_a_mail_is_there_only_if_its_transaction_is(database, store):
    with pytest.raises(ZeroDivisionError), database.transaction() as connection:
        store.add(connection, mail(), NOON)
        1 / 0  # noqa: B018
    assert rows(database) == []


def test_letters_are_claimed_in_the_order_they_are_due_and_only_once(store, add, clock):
    first = add(mail())
    clock.advance(seconds=1)
    second, third = add(mail()), None
    clock.advance(seconds=1)
    third = add(mail())
    assert [letter.id for letter in claim(store, clock, limit=2)] == [first, second]
    assert [letter.id for letter in claim(store, clock, "worker-b")] == [third]
    assert claim(store, clock, "worker-c") == []


def test_a_code_goes_before_whatever_has_waited_for_longer(store, add, clock):
    many = [add(mail()) for _ in range(3)]
    clock.advance(hours=1)
    code = add(mail(not_after=clock() + datetime.timedelta(minutes=10), secret=True))
    [first] = claim(store, clock, limit=1)
    assert first.id == code
    assert {letter.id for letter in claim(store, clock, "worker-b")} == set(many)


def test_a_code_that_is_not_due_holds_nothing_up(store, add, clock):
    code = add(mail(not_after=clock() + datetime.timedelta(minutes=10), secret=True))
    store.failed(claim(store, clock)[0], "worker-a", clock() + datetime.timedelta(minutes=5), "later")
    other = add(mail())
    [letter] = claim(store, clock)
    assert letter.id == other
    store.delivered(letter, clock())
    clock.advance(minutes=5)
    assert [letter.id for letter in claim(store, clock)] == [code]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_code_behind_many_letters_is_found_by_an_index(database, store, add, clock):
    add(*[mail()] * 3000)
    add(mail(not_after=clock() + datetime.timedelta(minutes=10)))
    seen = []
    with database.transaction() as connection:
        connection.exec_driver_sql("ANALYZE outbox")

    def explain(connection, cursor, statement, parameters, context, executemany):
        if statement.startswith("SELECT") and "FOR UPDATE" in statement:
            cursor.execute(f"EXPLAIN {statement}", parameters)
            seen.append("\n".join(row[0] for row in cursor.fetchall()))

    sql.event.listen(database.engine, "before_cursor_execute", explain)
    assert len(claim(store, clock, limit=1)) == 1
    assert len(seen) == 1 and "ix_outbox_urgent" in seen[0]


def test_a_letter_is_not_claimed_before_it_is_due(store, add, clock):
    add(mail())
    clock.advance(seconds=-1)
    assert claim(store, clock) == []


def test_kinds_that_a_worker_cannot_carry_are_left_to_others(store, add, clock):
    add(mail())
    assert store.claim(clock(), "worker-a", 1, LEASE, ["slack"]) == []
    assert store.next_due(clock(), ["slack"]) is None
    assert len(claim(store, clock)) == 1


def test_an_expired_lease_is_claimed_again_and_the_tries_are_counted(store, add, clock):
    letter_id = add(mail())
    assert claim(store, clock)[0].tries == 1
    clock.advance(seconds=59)
    assert claim(store, clock, "worker-b") == []
    clock.advance(seconds=1)
    [again] = claim(store, clock, "worker-b")
    assert (again.id, again.tries) == (letter_id, 2)


def test_a_worker_that_lost_its_lease_can_neither_put_back_nor_bury_the_letter(database, store, add, clock):
    add(mail())
    [late] = claim(store, clock)
    clock.advance(minutes=2)
    [current] = claim(store, clock, "worker-b")
    store.failed(late, "worker-a", clock(), "late")
    store.dead(late, "worker-a", clock(), "late", wipe=True)
    [row] = rows(database)
    assert (row.leased_by, row.dead_at, row.payload) == ("worker-b", None, current.payload)


def test_what_was_sent_stays_delivered_even_if_the_lease_was_lost(database, store, add, clock):
    add(mail())
    [late] = claim(store, clock)
    clock.advance(minutes=2)
    [current] = claim(store, clock, "worker-b")
    store.delivered(late, clock())
    store.failed(current, "worker-b", clock(), "failed")
    assert rows(database)[0].delivered_at == clock()
    assert claim(store, clock) == []


@pytest.mark.parametrize("secret", [True, False])
def test_only_a_secret_is_wiped_when_delivered(database, store, add, clock, secret):
    add(mail(subject="123456", secret=secret))
    store.delivered(claim(store, clock)[0], clock())
    assert ("123456" in rows(database)[0].payload) is not secret
    assert rows(database)[0].leased_by is None


def test_dead_letters_are_requeued_one_or_all_with_a_new_day(database, store, add, clock):
    for _ in range(3):
        add(mail())
    for letter in claim(store, clock):
        store.dead(letter, "worker-a", clock(), "mail refused (554)", wipe=False)
    clock.advance(days=3)
    assert store.requeue(clock(), rows(database)[0].id) == 1
    assert store.requeue(clock(), "unknown") == 0
    assert store.requeue(clock()) == 2
    letters = claim(store, clock)
    assert [letter.tries for letter in letters] == [1, 1, 1]
    assert {letter.give_up_at for letter in letters} == {clock() + datetime.timedelta(days=1)}


def test_a_wiped_letter_cannot_be_requeued(store, add, clock):
    add(mail(secret=True))
    store.dead(claim(store, clock)[0], "worker-a", clock(), "recipient refused (550)", wipe=True)
    assert store.requeue(clock()) == 0


def test_counts_tell_what_waits_and_what_was_given_up(store, add, clock):
    assert store.counts(clock()) == Counts(0, 0.0, 0, 0)
    for secret in (False, True, False):
        add(mail(secret=secret))
    kept, wiped, sent = claim(store, clock)
    store.dead(kept, "worker-a", clock(), "x", wipe=False)
    store.dead(wiped, "worker-a", clock(), "x", wipe=True)
    store.delivered(sent, clock())
    clock.advance(seconds=30)
    add(mail())
    clock.advance(seconds=90)
    add(mail())
    assert store.counts(clock()) == Counts(2, 90.0, 1, 1)


def test_old_letters_are_deleted_but_not_those_that_wait_or_can_be_requeued(database, store, add, clock):
    for _ in range(4):
        add(mail(secret=True))
    sent, wiped, dead, waiting = claim(store, clock)
    store.delivered(sent, clock())
    store.dead(wiped, "worker-a", clock(), "x", wipe=True)
    store.dead(dead, "worker-a", clock(), "x", wipe=False)
    assert store.delete_before(clock()) == 0
    assert store.delete_before(clock() + LEASE, batch=1) == 1
    assert store.delete_before(clock() + LEASE) == 1
    assert {row.id for row in rows(database)} == {dead.id, waiting.id}


def test_finding_what_is_due_stays_quick_among_thousands_sent(database, store, add, clock):
    with database.transaction() as connection:
        old = [sent_row(number) for number in range(5_000)]
        connection.execute(outbox.insert(), old)
        connection.exec_driver_sql("ANALYZE outbox")
        plan = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        query = (
            "SELECT * FROM outbox WHERE delivered_at IS NULL AND dead_at IS NULL "
            "AND due_at <= '2030-01-01' AND kind IN ('mail') ORDER BY due_at LIMIT 1"
        )
        assert "ix_outbox_due" in str(connection.exec_driver_sql(f"{plan} {query}").all())
    letter_id = add(mail())
    assert [letter.id for letter in claim(store, clock)] == [letter_id]


def sent_row(number):
    return {
        "id": f"sent-{number}",
        "kind": "mail",
        "payload": "{}",
        "created_at": NOON,
        "due_at": NOON,
        "give_up_at": NOON,
        "tries": 1,
        "delivered_at": NOON,
        "secret": False,
    }
