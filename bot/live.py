"""What is live: the file CONTENT_PATH/live names the content and the model of the newest publication.

Light processes and Rasa read the same file. It is replaced as a whole, so that nobody sees half of a publication.
"""

import json
import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client import Gauge

LIVE_FILE = "live"
CONTENT = ("domain.yml", "data")  # what a folder with content holds
LIVE_SECONDS = 0.5
PUBLICATION_LIVE = Gauge("publication_live", "Number of the publication that this process follows, 0 for none")
LONGEST_LIVE_PAUSE = 60.0  # seconds until what could not be taken over is tried again
Stamp = tuple[int, int, int]
log = logging.getLogger(__name__)


class InvalidLive(Exception):
    """What is to be live cannot be used; what was live before stays so."""


@dataclass(frozen=True)
class Live:
    """Content and model of a publication.

    Args:
        publication: its number, 0 where nothing was published.
        root: the folder with the content.
        model: the file of the model; None for the newest in models/.
    """

    publication: int = 0
    root: Path = Path(".")
    model: Path | None = None


INSTALLED = Live()


def read_live(folder: Path) -> Live:
    """What the file in `folder` (the setting CONTENT_PATH) says; INSTALLED where there is none.

    Raises:
        InvalidLive: it is broken, or names a folder without content or something outside of `folder`.
    """
    try:
        said = json.loads((folder / LIVE_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return INSTALLED
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidLive(f"it cannot be read ({type(error).__name__})") from error
    if not isinstance(said, dict) or type(said.get("publication")) is not int:
        raise InvalidLive("it must be an object with the number of a publication")
    root, model = _within(folder, said, "root"), _within(folder, said, "model")
    if root and not all((root / name).exists() for name in CONTENT):
        raise InvalidLive(f"there is no content in {root}")
    return Live(said["publication"], root or INSTALLED.root, model)


def _within(folder: Path, said: dict[str, Any], name: str) -> Path | None:
    """A path of the file; None where it has none, which stands for what is installed."""
    value = said.get(name) or ""
    if not isinstance(value, str) or Path(value).is_absolute() or ".." in Path(value).parts:
        raise InvalidLive(f"{name} must be a path within the folder of the file")
    return folder / value if value else None


def folder_of(settings: object) -> Path:
    """The setting CONTENT_PATH."""
    return Path(getattr(settings, "content_path", "") or os.environ.get("CONTENT_PATH") or "var/content")


class Follower:
    """Takes over what goes live; what cannot be taken over is tried again, ever more slowly."""

    def __init__(self, folder: Path, take: Callable[[Live], None]) -> None:
        """Nothing is looked at yet.

        Args:
            folder: the setting CONTENT_PATH.
            take: gets it ready and puts it in the place of what was live; whatever it raises leaves that in place.
        """
        self.folder, self._take = folder, take
        self.problem = ""  # why what should be live is not, "" where it is
        self._seen: Stamp | None = None
        self._failed: Stamp | None = None
        self._failures, self._due = 0, 0.0
        self._ended = threading.Event()

    def look(self) -> None:
        """Take over what is new; never fails."""
        stamp = _stamp(self.folder / LIVE_FILE)
        if stamp == self._seen:
            self._failures, self.problem = 0, ""
            return
        if stamp == self._failed and self._failures and time.monotonic() < self._due:
            return
        try:
            if stamp is None:
                raise InvalidLive("it is gone; a roll-back brings back what is installed")
            new = read_live(self.folder)
            self._take(new)
        except Exception as error:  # noqa: BLE001  whatever is wrong with a publication, the one before goes on
            self._fail(stamp, str(error) if isinstance(error, InvalidLive) else type(error).__name__)
        else:
            self._seen, self._failures, self.problem = stamp, 0, ""
            PUBLICATION_LIVE.set(new.publication)

    def follow(self, name: str) -> None:
        """Look from now on in a thread of that name, until `stop`."""
        threading.Thread(target=self._go_on, name=name, daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()

    def _fail(self, stamp: Stamp | None, problem: str) -> None:
        self._failures = self._failures + 1 if stamp == self._failed else 1
        self._failed, self._due = stamp, time.monotonic() + min(2.0 ** (self._failures - 1), LONGEST_LIVE_PAUSE)
        if problem != self.problem:
            self.problem = problem
            log.warning("%s is not followed, what was live before stays: %s", self.folder / LIVE_FILE, problem)

    def _go_on(self) -> None:
        while not self._ended.wait(LIVE_SECONDS):
            self.look()


def _stamp(file: Path) -> Stamp | None:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
