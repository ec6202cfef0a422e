"""Where the contents of files lie, outside the database: a folder or a bucket, behind one small interface."""

import datetime
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from bot.attachments.bucket import Bucket
from bot.attachments.keys import STORE_KEY, checked_key
from bot.attachments.s3 import S3Store
from bot.errors import MissingFile, StoreUnavailable

ATTACHMENTS_FOLDER = Path("var/attachments")


class AttachmentStore(Protocol):
    """Contents by key: 32 hexadecimal digits, never a part of what somebody wrote.

    All methods raise StoreUnavailable when the store cannot be used, and ValueError for anything that is no key.
    """

    def put(self, key: str, content: bytes) -> None:
        """Keep a content, complete or not at all; the same key again takes its place."""

    def get(self, key: str) -> bytes:
        """A content; raises MissingFile where there is none."""

    def delete(self, key: str) -> None:
        """Take a content away; one that is not there is no error."""

    def older_than(self, moment: datetime.datetime) -> Iterator[str]:
        """The keys of what was kept before a moment."""


def store_of(url: str) -> AttachmentStore:
    """The one that ATTACHMENTS_URL names: folder:PATH, s3://…, or var/attachments for ""; raises InvalidSetting."""
    if url.startswith("s3:"):
        return S3Store(Bucket.parse(url))
    return FolderStore(Path(url.removeprefix("folder:"))) if url else FolderStore()


class FolderStore:
    """A file each, in folders by the first two digits."""

    def __init__(self, folder: Path = ATTACHMENTS_FOLDER) -> None:
        """Use a folder, which is made when the first content comes, for its owner only."""
        self._folder = folder

    def put(self, key: str, content: bytes) -> None:
        """See AttachmentStore."""
        place = self._place(key)
        draft = place.with_name(f"{key}.{secrets.token_hex(8)}")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            place.parent.mkdir(mode=0o700, exist_ok=True)
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, place)
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise StoreUnavailable(f"the folder of attachments cannot be written ({type(error).__name__})") from error

    def get(self, key: str) -> bytes:
        """See AttachmentStore."""
        try:
            return self._place(key).read_bytes()
        except FileNotFoundError:
            raise MissingFile(key) from None
        except OSError as error:
            raise StoreUnavailable(f"the folder of attachments cannot be read ({type(error).__name__})") from error

    def delete(self, key: str) -> None:
        """See AttachmentStore."""
        try:
            self._place(key).unlink(missing_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"the folder of attachments cannot be changed ({type(error).__name__})") from error

    def older_than(self, moment: datetime.datetime) -> Iterator[str]:
        """See AttachmentStore. What a process that died has left half written is taken away on the way."""
        for file in sorted(self._folder.glob("??/*")):
            with suppress(FileNotFoundError):  # another worker was quicker
                if file.stat().st_mtime >= moment.timestamp():
                    continue
                if STORE_KEY.fullmatch(file.name):
                    yield file.name
                else:
                    file.unlink()

    def _place(self, key: str) -> Path:
        return self._folder / checked_key(key)[:2] / key
