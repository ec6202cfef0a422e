"""Rasa's conversations in the database of DATABASE_URL, for endpoints.yml.

Same tables and same events as Rasa's SQLTrackerStore. What a message costs there is reading and rebuilding the whole
conversation; here the tracker of the last turn is kept, and used again while nobody else has added to the conversation.
"""

import itertools
import json
from dataclasses import dataclass
from typing import Any, Optional

from cachetools import LRUCache
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore, create_engine_kwargs
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import bindparam, func, select
from sqlalchemy.engine import Connection, Engine

from bot.database import postgres_engine, sqlite_engine, tracker_url
from bot.settings import Settings

MOST_KEPT = 256  # conversations; a long one takes some 100 kB
_events = SQLTrackerStore.SQLEvent.__table__
_LAST = select(func.max(_events.c.id)).where(_events.c.sender_id == bindparam("sender"))
_ADD = _events.insert()


@dataclass
class _Kept:
    """A tracker with the number of its events that are stored, the id of the last one, and whether Rasa has it now."""

    tracker: DialogueStateTracker
    domain: Domain
    stored: int
    last: Optional[int]
    lent: bool = True


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
        self._kept: LRUCache[str, _Kept] = LRUCache(MOST_KEPT)
        self.engine.dispose()
        url, light = self.engine.url.render_as_string(hide_password=False), self.engine.dialect.name == "sqlite"
        # Rasa's own engine would give a message to connections that ended with the database's last restart.
        self.engine: Engine = sqlite_engine(url) if light else postgres_engine(url, **create_engine_kwargs(url))
        self.sessionmaker.configure(bind=self.engine)

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """The conversation's latest session, None when there is none."""
        kept = self._kept.get(sender_id)
        with self.engine.connect() as connection:
            last = self._last(connection, sender_id)
        if last is None:
            return None
        if kept and not kept.lent and kept.last == last and kept.domain is self.domain:
            kept.lent = True
            return kept.tracker
        tracker = await super().retrieve(sender_id)
        if tracker is not None:
            self._kept[sender_id] = _Kept(tracker=tracker, domain=self.domain, stored=len(tracker.events), last=last)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Add the events that are new."""
        kept = self._kept.pop(tracker.sender_id, None)
        if kept is None and not tracker.events:  # a new conversation, of which nothing is to be written yet
            self._kept[tracker.sender_id] = _Kept(tracker=tracker, domain=self.domain, stored=0, last=None)
            return
        if kept is None or kept.tracker is not tracker:
            await super().save(tracker)
            return
        new = list(itertools.islice(tracker.events, kept.stored, None))
        added = False
        with self.engine.begin() as connection:
            if self._last(connection, tracker.sender_id) == kept.last:
                if new:
                    connection.execute(_ADD, [_row(tracker.sender_id, one) for one in new])
                last = self._last(connection, tracker.sender_id)
                if not any(isinstance(one, SessionStarted) for one in new):  # a new session is read on its own
                    stored = len(tracker.events)
                    kept = _Kept(tracker=tracker, domain=kept.domain, stored=stored, last=last, lent=False)
                    self._kept[tracker.sender_id] = kept
                added = True
        if not added:
            await super().save(tracker)  # somebody else has added events: Rasa counts what is there
        elif self.event_broker is not None:
            await self._stream_new_events(self.event_broker, new, tracker.sender_id)

    def _last(self, connection: Connection, sender_id: str) -> Optional[int]:
        found: Optional[int] = connection.execute(_LAST, {"sender": sender_id}).scalar()
        return found


def _row(sender_id: str, one: Event) -> dict[str, Any]:
    """The columns that Rasa writes for an event."""
    data = one.as_dict()
    return {
        "sender_id": sender_id,
        "type_name": one.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": ((data.get("parse_data") or {}).get("intent") or {}).get("name"),
        "action_name": data.get("name"),
        "data": json.dumps(data),
    }
