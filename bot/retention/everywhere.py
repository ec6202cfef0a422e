"""One person's data in all places at once: handed out, or erased and looked for again."""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bot.attachments.store import AttachmentStore
from bot.errors import MissingFile, StoreUnavailable
from bot.retention.counters import LimitCounters
from bot.retention.files import Files
from bot.retention.person import Retention
from bot.retention.search import compact, tables_with
from bot.retention.traces import Traces


@dataclass(frozen=True)
class Erasure:
    """What was erased by kind, where the person is still found, and what lies where we cannot reach it."""

    counts: dict[str, int]
    left: tuple[str, ...]
    elsewhere: tuple[str, ...]


@dataclass(frozen=True)
class Everywhere:
    """Database, Rasa's record, files, counters, and the contents of what was attached."""

    retention: Retention
    files: Files
    counters: LimitCounters
    database_url: str
    contents: AttachmentStore

    def export(self, address: str) -> dict[str, list[dict[str, Any]]]:
        """All that is kept, by kind, fit for JSON. `address` is normalised."""
        found = self.retention.export(address)
        files = self.files.export(Traces(address), [row["reference"] for row in found["tickets"]])
        return {**found, "files": files, "contents": list(self._contents(found["attachments"]))}

    def erase(self, address: str) -> Erasure:
        """Erase it, then look everywhere again, for the names in the person's records too."""
        traces, tickets = Traces(address), self.retention.tickets(address)
        names, cards = self.retention.names(address), self.retention.cards(address)
        attached = [row["id"] for row in self.retention.files(address)]
        kept = list(self._not_deleted(attached))  # first: the rows are what tells of them
        files = self.files.erase(traces, tickets)
        counts = {**self.retention.erase(address), "files": files, "counters": self.counters.erase(traces)}
        sought = Traces(address, names)
        left = [
            *compact(self.database_url),
            *tables_with(self.database_url, sought),
            *self.files.left(sought, tickets),
            *self.counters.left(traces),
            *kept,
        ]
        return Erasure(counts, tuple(left), tuple(cards))

    def _contents(self, attached: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
        for row in attached:
            with suppress(MissingFile):
                yield {"name": row["name"], "base64": b64encode(self.contents.get(row["id"])).decode("ascii")}

    def _not_deleted(self, keys: Iterable[str]) -> Iterator[str]:
        for key in keys:
            try:
                self.contents.delete(key)
            except StoreUnavailable as error:
                yield f"the attachment {key}: {error} (it is swept once it can be)"
