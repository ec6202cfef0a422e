import datetime

import pytest

from bot.conversations.store import ConversationStore, Message

NOW = datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.timezone.utc)


@pytest.fixture()
def store(database):
    return ConversationStore(database)


def test_messages_keep_their_order_and_buttons(store):
    store.create("c1", "site", NOW)
    said = [Message.new("user", f"m{i}", "", [{"title": "t", "payload": "/p"}], now=NOW) for i in range(5)]
    store.add("c1", *said)
    assert store.all("c1") == said


def test_feedback_needs_an_own_bot_message(store):
    store.create("c1", "site", NOW)
    store.create("c2", "site", NOW)
    bot, user = Message.new("bot", "answer", now=NOW), Message.new("user", "question", now=NOW)
    store.add("c1", user, bot)
    assert store.rate("c1", bot.id, True, None)
    assert not store.rate("c2", bot.id, True, None)
    assert not store.rate("c1", user.id, True, None)


def test_only_old_conversations_are_deleted(store):
    store.create("old", "site", NOW - datetime.timedelta(days=91))
    store.create("new", "site", NOW)
    store.add("old", Message.new("user", "x", now=NOW))
    assert store.delete_before(NOW - datetime.timedelta(days=90)) == 1
    assert not store.exists("old") and store.exists("new")
