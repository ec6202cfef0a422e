"""The folder from which content is read: the installation's own, or that of the newest publication.

Whatever is read from it is read once for each folder. Where a process follows (`follow`), a thread reads a new one
before anybody asks for it, so that nobody waits for files.
"""

import functools
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

from bot.live import INSTALLED, LIVE_SECONDS, Follower, Live, folder_of
from bot.settings import Settings

MOST_FOLDERS = 4  # folders: what is live, what was before, and those that are read by their names
WhatIsRead = TypeVar("WhatIsRead")
_readers: "list[Kept[Any]]" = []


class Kept(Generic[WhatIsRead]):
    """A reader of content whose results are kept, by folder; without a folder it reads what is live."""

    def __init__(self, read: Callable[[Path], WhatIsRead], ahead: bool = True) -> None:
        """`read` gets the folder; whatever it raises for a new one keeps that from going live in this process.

        `ahead`: where this process follows, a new folder is read before it is live; else when somebody asks.
        """
        functools.update_wrapper(self, read)
        self._read = read
        self._found: dict[Path, WhatIsRead] = {}
        self._guard = threading.RLock()
        if ahead:
            _readers.append(self)

    def __call__(self, root: Path | None = None) -> WhatIsRead:
        """What is read from a folder. Raises what reading it raises."""
        where = content_root() if root is None else root
        try:
            return self._found[where]
        except KeyError:
            return self._read_once(where)

    def forget(self) -> None:
        """Read anew at the next call, as after a file was written in place."""
        with self._guard:
            self._found = {}

    def _read_once(self, where: Path) -> WhatIsRead:
        with self._guard:
            if where not in self._found:
                found = self._read(where)
                kept = [root for root in self._found if root != _live.root][1 - MOST_FOLDERS :]
                self._found = {root: one for root, one in self._found.items() if root in (*kept, _live.root)}
                self._found[where] = found
            return self._found[where]


def kept(read: Callable[[Path], WhatIsRead]) -> "Kept[WhatIsRead]":
    """Keep what a reader finds, by folder."""
    return Kept(read)


def kept_when_asked(read: Callable[[Path], WhatIsRead]) -> "Kept[WhatIsRead]":
    """The same for what takes long and is seldom wanted: no process reads it before somebody asks."""
    return Kept(read, ahead=False)


def content_root() -> Path:
    """The folder with data/ and domain.yml that is live; another publication is seen within a second."""
    return live().root


def live() -> Live:
    """What this process takes for live."""
    if not _following:
        _look()
    return _live


def follow(settings: Settings) -> None:
    """Take over publications in the background for as long as this process lives; safe to call again."""
    global _following
    with _guard:
        if not _following:
            _follower_of(settings).look()
            _following = True
            _follower_of(settings).follow("content")


_guard = threading.RLock()
_live = INSTALLED
_following = False
_follower: Follower | None = None
_looked = -LIVE_SECONDS


def _look() -> None:
    """What a process does that does not follow: a look at the file from time to time, by whoever asks."""
    global _looked
    if time.monotonic() - _looked < LIVE_SECONDS or not _guard.acquire(blocking=False):
        return
    try:
        _looked = time.monotonic()
        (_follower or _follower_of(Settings.load())).look()
    finally:
        _guard.release()


def _follower_of(settings: Settings) -> Follower:
    global _follower
    if _follower is None:
        _follower = Follower(folder_of(settings), _take)
    return _follower


def _take(new: Live) -> None:
    """Read all that this process reads of content, then let it be live."""
    global _live
    for reader in _readers if _following else ():
        reader(new.root)
    _live = new
