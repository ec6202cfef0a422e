import asyncio

import pytest
import sqlalchemy as sql
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SessionStarted, UserUttered

from bot.database import tracker_url
from bot.rasa.tracker_store import DatabaseTrackerStore


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("sqlite:///var/bot.db", "sqlite:///var/rasa.db"),
        ("sqlite:////data/x/bot.db", "sqlite:////data/x/rasa.db"),
        ("sqlite:///bot.db", "sqlite:///rasa.db"),
        ("postgresql://u:p@h/d", "postgresql://u:p@h/d"),
    ],
)
def test_rasa_keeps_its_conversations_beside_the_sites(given, expected):
    assert tracker_url(given) == expected


def test_a_conversation_survives_a_restart(database_url):
    async def remembered():
        store = DatabaseTrackerStore(Domain.empty(), host=database_url)
        tracker = await store.get_or_create_tracker("c1")
        tracker.update(UserUttered("where is my badge"))
        await store.save(tracker)
        store.engine.dispose()
        again = DatabaseTrackerStore(Domain.empty(), host=database_url)
        found = await again.retrieve("c1")
        journal = again.engine.connect().execute(sql.text("PRAGMA journal_mode")).scalar() if _sqlite(again) else "wal"
        again.engine.dispose()
        return found.latest_message.text, journal

    assert asyncio.run(remembered()) == ("where is my badge", "wal")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_first_message_after_a_restart_of_the_database_is_kept(database_url):
    store = DatabaseTrackerStore(Domain.empty(), host=database_url)
    talk(store, "where is my badge")
    other = sql.create_engine(database_url)
    with other.connect() as watching:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        watching.execute(sql.text(f"{ended} AND pid <> pg_backend_pid()"))
        talk(store, "and the other one")
    other.dispose()
    tracker = asyncio.run(store.retrieve("c1"))
    said = [event.text for event in tracker.events if isinstance(event, UserUttered)]
    assert said == ["where is my badge", "and the other one"]
    store.engine.dispose()


def _sqlite(store):
    return store.engine.dialect.name == "sqlite"


def talk(store, *texts, sender="c1"):
    """One message after the other, each as a turn of its own."""

    async def turns():
        for text in texts:
            tracker = await store.get_or_create_tracker(sender)
            tracker.update(UserUttered(text))
            await store.save(tracker)

    asyncio.run(turns())


def said(store, sender="c1"):
    tracker = asyncio.run(store.retrieve(sender))
    return [one.text for one in tracker.events if isinstance(one, UserUttered)]


@pytest.fixture()
def stores(database_url):
    made = [DatabaseTrackerStore(Domain.empty(), host=database_url) for _ in range(2)]
    yield made
    for store in made:
        store.engine.dispose()


def test_two_servers_see_each_others_turns(stores):
    one, other = stores
    talk(one, "first", "second")
    talk(other, "third")
    talk(one, "fourth")
    assert said(one) == said(other) == ["first", "second", "third", "fourth"]


def test_a_turn_that_failed_before_it_was_kept_leaves_nothing(stores):
    store, other = stores
    talk(store, "first")

    async def broken():
        (await store.retrieve("c1")).update(UserUttered("lost"))

    asyncio.run(broken())
    talk(store, "second")
    assert said(store) == said(other) == ["first", "second"]


def test_turns_of_two_servers_at_once_are_both_kept(stores):
    one, other = stores
    talk(one, "first")

    async def together():
        mine, theirs = await one.retrieve("c1"), await other.retrieve("c1")
        mine.update(UserUttered("mine"))
        await one.save(mine)
        await other.save(theirs)  # has nothing new: must not repeat or drop what is there

    asyncio.run(together())
    assert said(one) == said(other) == ["first", "mine"]


def test_a_new_session_starts_afresh(stores):
    store, _ = stores
    talk(store, "before")

    async def new_session():
        tracker = await store.retrieve("c1")
        tracker.update(SessionStarted())
        tracker.update(UserUttered("after"))
        await store.save(tracker)

    asyncio.run(new_session())
    talk(store, "later")
    assert said(store) == ["after", "later"]


def test_what_is_written_is_what_rasa_writes(stores):
    ours, _ = stores
    talk(ours, "where is it", sender="ours")
    rasas = SQLTrackerStore(Domain.empty(), host=str(ours.engine.url.render_as_string(hide_password=False)))
    talk(rasas, "where is it", sender="rasas")
    columns = "type_name, intent_name, action_name"
    with ours.engine.connect() as connection:
        rows = {
            sender: connection.execute(
                sql.text(f"SELECT {columns} FROM events WHERE sender_id = :s ORDER BY id"), {"s": sender}
            ).all()
            for sender in ("ours", "rasas")
        }
    assert rows["ours"] == rows["rasas"] != []
    assert [one.as_dict()["event"] for one in asyncio.run(rasas.retrieve("ours")).events] == ["action", "user"]
    rasas.engine.dispose()


def test_a_conversation_that_was_read_before_another_model_came_is_read_anew_for_that(database_url):
    slots = {"address": {"type": "text", "mappings": [{"type": "custom"}]}}
    old, new = Domain.from_dict({}), Domain.from_dict({"slots": slots})
    store = DatabaseTrackerStore(old, host=database_url)

    async def across():
        tracker = await store.get_or_create_tracker("c1")
        tracker.update(UserUttered("first"))
        await store.save(tracker)
        tracker = await store.get_or_create_tracker("c1")
        store.domain = new  # while the message is in hand
        tracker.update(UserUttered("second"))
        await store.save(tracker)
        return await store.get_or_create_tracker("c1")

    tracker = asyncio.run(across())
    store.engine.dispose()
    assert "address" in tracker.slots
    assert [one.text for one in tracker.events if isinstance(one, UserUttered)] == ["first", "second"]
