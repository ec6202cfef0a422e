"""Counts by day stay what the conversations say, whatever changes them; on both databases."""

import datetime
import threading
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sql

from bot import worker
from bot.conversations.store import ConversationStore, Message, messages
from bot.insight import analytics
from bot.insight.daily_counts import (
    SETTLED_AT_ONCE,
    counts_due,
    daily_counts,
    settle,
    settle_erased,
    settle_some,
    subject_counts,
)
from bot.tickets.ticket import HandoverReason
from tests.tickets.conftest import NOON, request
from tests.tickets.runner import tickets_on

UTC = datetime.timezone.utc
STAFF, OTHER = "anna@example.com", "ben@example.com"
DAY = datetime.timedelta(days=1)
ANSWER, DECLINED, TEAM = "utter_faq/what_is_credly", "utter_out_of_scope/exam_price", "utter_ticket_opened"


@pytest.fixture()
def store(database):
    return ConversationStore(database)


def talk(store, name, *utterances, at=NOON):
    store.create(name, "site", at)
    say(store, name, *utterances, at=at)


def say(store, name, *utterances, at=NOON):
    for number, utterance in enumerate(utterances):
        store.add(name, Message(f"{name} {at} {number} u", "user", "what is it", created_at=at))
        store.add(name, Message(f"{name} {at} {number}", "bot", "This.", utterance, created_at=at))


def read(database, zone=UTC):
    return analytics.read(database, NOON - 30 * DAY, NOON + DAY, zone)


def rows(database, table):
    with database.transaction() as connection:
        return connection.execute(table.select()).all()


def test_a_conversation_that_goes_on_is_counted_as_it_is_now(store, database):
    talk(store, "c", ANSWER, at=NOON - 10 * DAY)
    assert (read(database).outcomes, read(database).kinds) == ({"silent": 1}, {"answered": 1})
    say(store, "c", DECLINED)
    found = read(database)
    assert (found.outcomes, found.kinds) == ({"declined": 1}, {"answered": 1, "declined": 1})
    assert found.days[NOON.date()] == {"declined": 1} and found.days[(NOON - 10 * DAY).date()] == {"answered": 1}


def test_a_rating_is_counted_once_and_anew_when_it_changes(store, database):
    talk(store, "c", ANSWER)
    answer = f"c {NOON} 0"
    for helpful in (True, True, False):
        store.rate("c", answer, helpful, "no picture")
        found = read(database).helpfulness["what_is_credly"]
        assert (found.yes, found.no, found.comments) == (int(helpful), int(not helpful), ["no picture"])


def test_what_is_deleted_is_in_no_figure_and_leaves_no_row(store, database):
    talk(store, "c", ANSWER)
    talk(store, "other", ANSWER)
    assert read(database).kinds == {"answered": 2}
    store.delete("c")
    assert read(database).kinds == {"answered": 1}
    assert store.delete_before(NOON + DAY) == 1
    found = read(database)
    assert not found.kinds and not found.outcomes
    assert [rows(database, table) for table in (subject_counts, daily_counts, counts_due)] == [[], [], []]


def test_a_question_with_a_reply_that_is_no_more_is_still_one_for_the_review(store, database):
    talk(store, "c", "utter_out_of_scope/of_last_year")
    read(database)
    asked = analytics.conversations_to_review(database, NOON - DAY, NOON + DAY, UTC, 10)
    assert [name for name, *_ in asked] == ["c"]


def test_what_was_changed_past_the_code_is_counted_too_as_by_the_version_before(store, database):
    talk(store, "c", ANSWER)
    assert read(database).kinds == {"answered": 1}
    with database.transaction() as connection:
        connection.execute(sql.text("UPDATE messages SET utterance = 'utter_greet'"))
    assert not read(database).kinds
    with database.transaction() as connection:
        connection.execute(sql.text("DELETE FROM conversations"))
    settle_some(database, UTC)
    assert rows(database, messages) == rows(database, subject_counts) == []


def test_what_was_there_before_is_counted_by_the_first_who_looks_and_in_another_zone_anew(store, database):
    talk(store, "c", ANSWER, at=NOON.replace(hour=23, minute=30))
    with database.transaction() as connection:
        connection.execute(counts_due.delete())  # as after the migration, which notes nothing
    assert read(database).days[NOON.date()] == {"answered": 1}
    assert read(database, ZoneInfo("Europe/Berlin")).days[(NOON + DAY).date()] == {"answered": 1}
    assert sum(read(database, ZoneInfo("Europe/Berlin")).kinds.values()) == 1


def test_what_waits_to_be_counted_is_told_and_is_counted_by_the_next(store, database):
    read(database)
    for number in range(4):
        talk(store, f"c{number}", ANSWER)
    assert settle_some(database, UTC, most=0) == 8
    assert settle(database, UTC) == 8 and settle(database, UTC) == 0
    assert settle_some(database, UTC, most=0) == 0


def test_what_is_said_while_others_are_counted_is_not_forgotten(store, database, monkeypatch):
    """A message that comes between reading a conversation and keeping its count."""
    talk(store, "c", ANSWER)
    read(database)
    say(store, "c", ANSWER, at=NOON + datetime.timedelta(minutes=1))
    late = threading.Thread(target=say, args=(store, "c", DECLINED), kwargs={"at": NOON + datetime.timedelta(hours=1)})

    def is_open(told, unhelpful):
        if not late.ident:
            late.start()
            if database.engine.dialect.name == "postgresql":  # on SQLite it waits until all is counted
                late.join(20)
        return False

    monkeypatch.setattr("bot.insight.daily_counts.has_open", is_open)
    settle(database, UTC)
    late.join(20)
    assert read(database).kinds == {"answered": 2, "declined": 1}


def test_the_counts_of_what_was_erased_go_at_once(store, database):
    talk(store, "c", ANSWER)
    talk(store, "other", ANSWER)
    read(database)
    store.delete("c")
    settle_erased(database, ["c"])
    assert [row.subject for row in rows(database, subject_counts)] == ["other"]
    assert "c" not in {row.subject for row in rows(database, counts_due)}
    assert {(row.what, row.number) for row in rows(database, daily_counts)} == {
        ("kind", 1),
        ("outcome", 1),
        ("given", 1),
        ("asked", 1),
        ("answered", 1),
    }


def test_a_form_that_was_deleted_is_passed_to_nobody(store, database):
    tickets = tickets_on(database, lambda: NOON)
    form = HandoverReason.NO_ASSISTANT
    alone = tickets.open(request("alone", conversation_id="", reason=form)).reference
    talk(store, "c", ANSWER)
    tickets.open(request("in a chat", conversation_id="c", reason=form))
    assert read(database).outcomes == {"escalated": 2} and read(database).kinds == {"answered": 1, "escalated": 2}
    with database.transaction() as connection:
        for table, column in (("ticket_events", "reference"), ("ticket_words", "reference"), ("tickets", "reference")):
            connection.execute(sql.text(f"DELETE FROM {table} WHERE {column} <> :r"), {"r": alone})
    assert read(database).outcomes == {"escalated": 1, "silent": 1}


def test_a_ticket_is_counted_as_reopened_whatever_the_team_noted_in_between(database):
    tickets = tickets_on(database, lambda: NOON)
    reference = tickets.open(request()).reference
    tickets.reply(reference, STAFF, "Which address?", "console")
    tickets.note(reference, STAFF, "Jane wrote to me in private, too.", "console")
    tickets.answer(reference, "jane.d@example.com", "site")  # to a ticket that is open
    assert read(database).reopened == 0
    tickets.resolve(reference, STAFF, via="console")
    tickets.note(reference, STAFF, "Issued by hand.", "console")
    tickets.note(reference, OTHER, "Thank you!", "console")
    tickets.answer(reference, "Still not there", "mail")
    assert read(database).reopened == 1
    tickets.resolve(reference, STAFF, via="console")
    tickets.reopen(reference, OTHER, "console")
    assert read(database).reopened == 2
    assert analytics.read(database, NOON + DAY, NOON + 2 * DAY).reopened == 0


def test_more_than_a_batch_is_counted_in_batches_and_comes_to_the_same(store, database):
    at, many = NOON - DAY, SETTLED_AT_ONCE // 2 + 3
    with database.transaction() as connection:
        for number in range(many):
            values = {"id": f"{number}", "role": "user", "text": "x", "conversation_id": "c", "created_at": at}
            if number == 0:
                connection.execute(
                    sql.text("INSERT INTO conversations (id, channel, created_at) VALUES ('c', 'site', :a)"),
                    {"a": at.replace(tzinfo=None)},
                )
            connection.execute(messages.insert().values(**values))
            connection.execute(
                messages.insert().values({**values, "id": f"{number} a", "role": "bot", "utterance": ANSWER})
            )
    assert settle_some(database, UTC) == 0
    assert read(database).kinds == {"answered": many} and read(database).uncounted == 0


def test_the_worker_counts_what_has_changed_and_then_rests(services):
    talk(services.store, "c", ANSWER, at=services.clock())
    counting = worker.counting(services)
    assert [counting.run(), counting.run()] == [worker.COUNT_PAUSE, worker.COUNT_SECONDS]
    assert [row.subject for row in rows(services.database, subject_counts)] == ["c"]
