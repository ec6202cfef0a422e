"""Use cases of files: take one in, hand one out, take away what belongs to nobody any more."""

import datetime
import hashlib
import logging
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from itertools import islice

from sqlalchemy.engine import Connection

from bot.attachments import records
from bot.attachments.attachment import Attachment, Upload, ready
from bot.attachments.limits import check_files
from bot.attachments.store import AttachmentStore
from bot.clock import Clock
from bot.database import Database, begin_alone
from bot.errors import DeliveryFailed, MissingFile, StoreUnavailable, TooManyFiles, UnknownFile

BY_LEARNER = "learner"  # who, where it is nobody of the team
LEFT_ALONE = datetime.timedelta(days=1)  # longer than it can take until a file that came in belongs to something
SWEPT_AT_ONCE = 200
FILES_LOCK = 7_262_011  # any number, as long as every process asks for the same
Show = Callable[[Connection, Attachment], str]
log = logging.getLogger(__name__)


class Attachments:
    """What one can do with files, whatever the face. A content is kept before its row, and taken away after it."""

    def __init__(self, database: Database, store: AttachmentStore, clock: Clock, largest: int, show: Show) -> None:
        """Put the parts together.

        Args:
            database: one whose schema exists.
            store: where contents lie.
            clock: the time.
            largest: bytes of one file.
            show: puts a message with the file into its conversation, within the transaction; returns the message's id,
                "" where there is no such conversation.
        """
        self._database, self.store, self._clock, self.largest, self._show = database, store, clock, largest, show

    def from_learner(
        self, upload: Upload, conversation_id: str = "", network: str = "", *, key: str = "", shown: bool = False
    ) -> Attachment:
        """Keep what somebody has added who is not the team.

        Args:
            upload: what came.
            conversation_id: whose conversation, "" for none.
            network: what stands for the network that it came from, "" where that is not known.
            key: names the file, so that the same one that comes twice is one.
            shown: whether the conversation shows it from now on.

        Raises:
            FileRefused, TooManyFiles: it is not taken.
            StoreUnavailable: it cannot be kept now.
        """
        return self._take(upload, BY_LEARNER, conversation_id, network, key, shown)

    def from_team(self, upload: Upload, who: str) -> Attachment:
        """Keep what somebody of the team has added. Raises FileRefused, StoreUnavailable."""
        return self._take(upload, who)

    def get(self, key: str) -> Attachment:
        """One file; raises UnknownFile."""
        with self._database.transaction() as connection:
            found = records.get(connection, key)
        if found is None:
            raise UnknownFile
        return found

    def shown_in(self, key: str, conversation_id: str) -> Attachment:
        """A file as a conversation shows it; raises UnknownFile where it does not."""
        found = next((one for one in self.of_conversation(conversation_id) if one.id == key), None)
        if found is None:
            raise UnknownFile
        return found

    def some(self, keys: Collection[str]) -> tuple[Attachment, ...]:
        """Those of some files that there still are."""
        with self._database.transaction() as connection:
            return tuple(file for key in keys if (file := records.get(connection, key)))

    def content(self, key: str) -> bytes:
        """The content of a file; raises UnknownFile, StoreUnavailable."""
        try:
            return self._kept(key)
        except MissingFile:
            log.warning("the content of an attachment is missing")
            raise UnknownFile from None

    def enclosed(self, key: str) -> bytes | None:
        """The content of a file that goes with a mail, None for one that has been erased; raises DeliveryFailed."""
        try:
            return self._kept(key)
        except MissingFile:
            return None
        except StoreUnavailable as error:
            raise DeliveryFailed(str(error)) from error

    def of_tickets(self, references: Collection[str]) -> tuple[Attachment, ...]:
        """The files of tickets, the oldest first."""
        with self._database.transaction() as connection:
            return records.of_tickets(connection, references)

    def of_conversation(self, conversation_id: str) -> tuple[Attachment, ...]:
        """The files that a conversation shows, the oldest first."""
        with self._database.transaction() as connection:
            return records.of_conversation(connection, conversation_id)

    def discard(self, keys: Collection[str]) -> None:
        """Take back files that became part of nothing."""
        with self._database.transaction() as connection:
            records.delete(connection, keys)
        for key in keys:
            with suppress(StoreUnavailable):  # swept later
                self.store.delete(key)

    def sweep(self) -> int:
        """Take away files that belong to nothing, and contents that no file has; returns how many, 0 when done."""
        before = self._clock() - LEFT_ALONE
        with self._database.transaction() as connection:
            nobodys = [file.id for file in records.without_owner(connection, before)[:SWEPT_AT_ONCE]]
            records.delete(connection, nobodys)
        orphans = list(islice(self._orphans(before), SWEPT_AT_ONCE))
        for key in orphans:
            self.store.delete(key)
        return len(orphans)

    def _take(
        self, upload: Upload, who: str, conversation_id: str = "", network: str = "", key: str = "", shown: bool = False
    ) -> Attachment:
        key = key or uuid.uuid4().hex
        with self._database.transaction() as connection:
            if known := records.get(connection, key):
                return known
            if who == BY_LEARNER:
                check_files(connection, conversation_id, network, self._clock())  # before the work
        made = ready(upload, self.largest)
        file = Attachment(
            id=key,
            name=made.name,
            kind=made.kind,
            size=len(made.content),
            who=who,
            at=self._clock(),
            conversation_id=conversation_id,
        )
        self.store.put(key, made.content)
        try:
            with self._database.transaction() as connection:
                begin_alone(connection, FILES_LOCK)  # so that no two count the same as the last that is allowed
                if known := records.get(connection, key):  # it has come twice at the same time
                    return known
                if who == BY_LEARNER:
                    check_files(connection, conversation_id, network, file.at)
                if records.add(connection, file, made, network) and shown:
                    records.shown_by(connection, [key], conversation_id, self._show(connection, file))
        except TooManyFiles:
            self.discard([key])
            raise
        return self.get(key)

    def _kept(self, key: str) -> bytes:
        """A content, if it is still the one that was kept; raises MissingFile, StoreUnavailable."""
        content = self.store.get(key)
        with self._database.transaction() as connection:
            digest = records.digest(connection, key)
        if digest and hashlib.sha256(content).hexdigest() != digest:
            log.error("the content of an attachment is not the one that was kept: somebody has changed it in its store")
            raise MissingFile(key)
        return content

    def _orphans(self, before: datetime.datetime) -> Iterator[str]:
        keys = self.store.older_than(before)
        while some := list(islice(keys, SWEPT_AT_ONCE)):
            with self._database.transaction() as connection:
                there = records.known(connection, some)
            yield from (key for key in some if key not in there)
