"""What a backup says of itself: when it was made, of which schema, how many rows, and the digest of each file."""

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
BACKUP_FORMAT = 1


class BackupFailed(Exception):
    """A backup could not be made or brought back; the text says what to do, in words for whoever runs it."""


@dataclass(frozen=True)
class Manifest:
    """What lies in a backup.

    Args:
        began_at: rows are as they were at this moment or soon after.
        seconds: how long it took.
        database: "sqlite" or "postgresql".
        revision: the newest migration that its schema has.
        rows: how many each table has, Rasa's too.
        files: the SHA-256 of each file, by its path in the backup.
        settings: names of those that were set; never what they were set to.
        left_out: what is kept elsewhere, in words.
    """

    began_at: datetime.datetime
    seconds: float
    database: str
    revision: str
    rows: Mapping[str, int]
    files: Mapping[str, str]
    settings: tuple[str, ...] = ()
    left_out: tuple[str, ...] = field(default=())

    def write(self, folder: Path) -> None:
        """Write it into the backup's folder; raises OSError."""
        said = {**vars(self), "format": BACKUP_FORMAT, "began_at": self.began_at.isoformat()}
        (folder / MANIFEST).write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """That of a backup; raises BackupFailed where there is none, or not one that this version can read."""
        try:
            said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise BackupFailed(f"{folder} is no backup: it has no {MANIFEST}.") from None
        except (OSError, ValueError) as error:
            raise BackupFailed(f"{folder / MANIFEST} cannot be read ({type(error).__name__}).") from error
        try:
            return cls._of(said)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BackupFailed(f"{folder / MANIFEST} is no manifest of a backup that this version can read.") from error

    @classmethod
    def _of(cls, said: Mapping[str, Any]) -> "Manifest":
        if said["format"] != BACKUP_FORMAT:
            raise ValueError("another format")
        return cls(
            began_at=datetime.datetime.fromisoformat(said["began_at"]),
            seconds=float(said["seconds"]),
            database=str(said["database"]),
            revision=str(said["revision"]),
            rows={str(name): int(count) for name, count in said["rows"].items()},
            files={str(name): str(digest) for name, digest in said["files"].items()},
            settings=tuple(said["settings"]),
            left_out=tuple(said["left_out"]),
        )
