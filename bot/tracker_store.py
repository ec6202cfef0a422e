"""Rasa's conversations in the database of DATABASE_URL, for endpoints.yml."""

from typing import Any, Optional

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from sqlalchemy import event
from sqlalchemy.engine import make_url

from bot.database import prepare_sqlite
from bot.settings import Settings

SQLITE_FILE = "rasa.db"


class DatabaseTrackerStore(SQLTrackerStore):
    """Rasa's own SQL store; on SQLite in a file beside the site's (one writer each), with the site's pragmas."""

    def __init__(
        self,
        domain: Optional[Domain] = None,
        event_broker: Optional[EventBroker] = None,
        host: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        """Connect; `host` is the `url` of endpoints.yml and wins over DATABASE_URL."""
        super().__init__(domain, host=host or tracker_url(Settings.load().database_url), event_broker=event_broker)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", prepare_sqlite)
            self.engine.dispose()  # what is open already has not been prepared


def tracker_url(database_url: str) -> str:
    """The same PostgreSQL database, or a SQLite file in the same folder."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return database_url
    folder = url.database.rpartition("/")[0]
    return f"sqlite:///{folder}/{SQLITE_FILE}" if folder else f"sqlite:///{SQLITE_FILE}"
