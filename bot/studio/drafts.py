"""Drafts of content and their trials: who changed which item, and what a trained draft would change. No I/O."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from bot.errors import RequestError
from bot.studio.items import Change, Item, ItemValue

LONGEST_DRAFT_TITLE = 120  # characters
TRIAL_SILENCE = datetime.timedelta(seconds=60)  # without progress, after which a trial's process counts as dead


class NoDraft(RequestError):
    """Raised for a draft that is not there, or not open any more."""

    message = "There is no such draft, or it is not open any more. Open another one."


class DraftBusy(RequestError):
    """Raised when a draft is changed while its publication waits for approval or goes on."""

    message = "This draft is waiting for approval, so it cannot be changed. Withdraw the request first."


class ChangedMeanwhile(RequestError):
    """Raised when a colleague has changed a draft since it was looked at; nothing has changed."""

    message = "A colleague has changed this draft since you opened it. Look at it again, then decide."


class EditedMeanwhile(RequestError):
    """Raised when a colleague has changed the same item since it was looked at; nothing was kept."""

    def __init__(self, by: str, at: datetime.datetime, value: ItemValue | None, version: int) -> None:
        """Keep what the editor chooses by.

        Args:
            by: who changed it, or took the change back.
            at: when.
            value: the item in this draft now; None: it is not there.
            version: what to hand in with the next try.
        """
        super().__init__(
            f"{by} changed this at {at:%H:%M} UTC, after you opened it. Look at their version, then save yours again."
        )
        self.by, self.at, self.value, self.version = by, at, value, version


class DraftState(str, Enum):
    """What becomes of a draft."""

    OPEN = "open"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class TrialState(str, Enum):
    """What becomes of a trial."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class DraftChange:
    """A change in a draft.

    `version` grows with each edit; `authors` are all who have worked on it, `by` the last of them.
    """

    change: Change
    by: str = field(repr=False)
    at: datetime.datetime
    version: int
    authors: tuple[str, ...] = field(default=(), repr=False)

    @property
    def item(self) -> Item:
        """What is changed."""
        return self.change.item


@dataclass(frozen=True)
class Draft:
    """Changes that belong together.

    `revision` grows with each edit of any item. `brings_in` names the installed content that the draft takes over,
    "" for a draft of editors. `waiting` is the publication that waits for approval or goes on, 0 for none.
    """

    id: int
    title: str
    author: str = field(repr=False)
    created_at: datetime.datetime
    updated_at: datetime.datetime
    state: DraftState = DraftState.OPEN
    changes: tuple[DraftChange, ...] = ()
    revision: int = 0
    brings_in: str = ""
    waiting: int = 0

    @property
    def authors(self) -> frozenset[str]:
        """All who have worked on a change that is in it."""
        return frozenset(author for one in self.changes for author in one.authors)

    def change(self, item: Item) -> DraftChange | None:
        """The change of an item, if there is one."""
        return next((one for one in self.changes if one.item == item), None)

    def version(self, item: Item) -> int:
        """What `Studio.edit` wants to know of an item; 0 where it is not changed."""
        found = self.change(item)
        return found.version if found else 0


@dataclass(frozen=True)
class Trial:
    """A draft trained and compared with what is live.

    `digest` says for exactly which content on exactly which live content it holds (`DraftContent.digest`), `share` how
    much is done (0 to 1) and `words` what is done now, or why it failed. `model` is the archive, relative to
    CONTENT_PATH. `begun_at` is when a process began, `touched_at` its last sign of life.
    """

    id: int
    draft_id: int
    digest: str
    by: str = field(repr=False)
    asked_at: datetime.datetime
    state: TrialState = TrialState.WAITING
    share: float = 0.0
    words: str = ""
    result: Mapping[str, Any] = field(default_factory=dict, repr=False)
    model: str = ""
    worker: str = ""
    begun_at: datetime.datetime | None = None
    touched_at: datetime.datetime | None = None
    ended_at: datetime.datetime | None = None

    @property
    def floors_fallen(self) -> tuple[str, ...]:
        """What must not get worse and did, in words."""
        return tuple(self.result.get("floors_fallen") or ())
