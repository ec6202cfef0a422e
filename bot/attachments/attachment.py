"""A file that somebody has added: what is known of it, and how one that comes in is judged. No I/O."""

import datetime
import hashlib
from dataclasses import dataclass, field
from uuid import UUID

from bot.attachments.kinds import FileKind, is_whole_pdf, kind_of_file
from bot.attachments.names import clean_name, size_in_words
from bot.attachments.pictures import DAMAGED, made_anew
from bot.errors import FileRefused

EMPTY = "That file is empty. Please choose another one."
WRONG_KIND = "Only pictures (PNG, JPEG, GIF, WebP) and PDF files can be added. A screenshot will do."


@dataclass(frozen=True)
class Upload:
    """A file as it came: its content, and the name that it is said to have."""

    name: str = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class ReadyFile:
    """A file as it is kept."""

    name: str = field(repr=False)
    kind: FileKind
    content: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """What tells whether the content is still the same."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Attachment:
    """A file that is kept. `reference` is "" before it is a ticket's, `conversation_id` where it belongs to none.

    `who` is a staff address or "learner"; `event_key` names the event of the ticket that it came with, "" for the
    ticket itself; `message_id` the message of the conversation that shows it.
    """

    id: str
    name: str = field(repr=False)
    kind: FileKind
    size: int
    who: str = field(repr=False)
    at: datetime.datetime
    conversation_id: str = ""
    reference: str = ""
    event_key: str = ""
    message_id: str = ""

    @property
    def uuid(self) -> UUID:
        """Its id as addresses have it."""
        return UUID(self.id)

    @property
    def size_words(self) -> str:
        """Its size as people read it."""
        return size_in_words(self.size)


def ready(upload: Upload, largest: int) -> ReadyFile:
    """A file as it can be kept; raises FileRefused, and TooManyFiles while others are being read.

    Args:
        upload: what came.
        largest: bytes.
    """
    if not upload.content:
        raise FileRefused(EMPTY)
    if len(upload.content) > largest:
        raise too_large(largest)
    kind, content = kind_of_file(upload.content), upload.content
    if kind is None:
        raise FileRefused(WRONG_KIND)
    if kind.is_picture:
        content, kind = made_anew(content, kind, largest)
    elif not is_whole_pdf(content):
        raise FileRefused(DAMAGED)
    return ReadyFile(clean_name(upload.name, kind), kind, content)


def too_large(largest: int) -> FileRefused:
    """What to raise for a file of more bytes than that."""
    return FileRefused(f"That file is larger than {largest // 1_000_000} MB. Please send a smaller one.")
