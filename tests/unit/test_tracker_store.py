import asyncio

import pytest
import sqlalchemy as sql
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered

from bot.tracker_store import DatabaseTrackerStore, tracker_url


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


def _sqlite(store):
    return store.engine.dialect.name == "sqlite"
