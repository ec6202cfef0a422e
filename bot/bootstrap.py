"""Builds the services from settings; the only place that picks implementations."""

from dataclasses import dataclass

from bot.conversations.assistant import Assistant
from bot.conversations.service import Conversations
from bot.conversations.store import ConversationStore
from bot.database import Database
from bot.settings import Settings


@dataclass(frozen=True)
class Services:
    """Everything the faces use."""

    settings: Settings
    database: Database
    store: ConversationStore
    assistant: Assistant
    conversations: Conversations


def build(settings: Settings) -> Services:
    """Services on the configured database, with its schema made."""
    database = Database(settings.database_url)
    database.create_schema()
    store = ConversationStore(database)
    assistant = Assistant(settings.rasa_url, settings.site_secret_key)
    return Services(settings, database, store, assistant, Conversations(store, assistant))
