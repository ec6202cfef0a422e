"""Rasa's record is deleted by the last thing that happened in a conversation, and read no further than it is old."""

import json

import pytest
import sqlalchemy as sql

from bot.database import Database, tracker_url
from bot.retention import tracker_events
from bot.retention.tracker_events import TrackerEvents, tracker_rows


@pytest.fixture()
def record(empty_database_url):
    database = Database(tracker_url(empty_database_url))
    tracker_rows.metadata.create_all(database.engine)
    yield Record(empty_database_url, database)
    database.engine.dispose()


class Record:
    def __init__(self, url, database):
        self.events, self.database = TrackerEvents(url), database

    def add(self, *events):
        """Of (conversation, time), in their order."""
        rows = [{"sender_id": name, "timestamp": float(at), "data": json.dumps({})} for name, at in events]
        with self.database.transaction() as connection:
            connection.execute(tracker_rows.insert(), rows)

    def left(self):
        with self.database.transaction() as connection:
            return set(connection.execute(sql.select(tracker_rows.c.sender_id)).scalars())


def test_conversations_in_which_nothing_happened_since_go_and_others_stay(record):
    record.add(("silent", 1), ("goes on", 2), ("silent", 3), ("goes on", 20), ("new", 21))
    assert record.events.delete_before(10.0) == 1
    assert record.left() == {"goes on", "new"}
    assert record.events.delete_before(10.0) == 0


def test_old_conversations_behind_many_that_go_on_are_found(record, monkeypatch):
    monkeypatch.setattr(tracker_events, "EVENTS_A_LOOK", 3)
    many = [(f"goes on {n}", n) for n in range(10)]
    record.add(*many, ("silent", 11), *((name, 30) for name, _ in many))
    assert record.events.delete_before(20.0) == 1
    assert record.left() == {name for name, _ in many}


def test_a_batch_is_no_larger_than_asked_for(record):
    record.add(*((f"silent {n}", n) for n in range(7)))
    assert [record.events.delete_before(20.0, 3) for _ in range(4)] == [3, 3, 1, 0]
