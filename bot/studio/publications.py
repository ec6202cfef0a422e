"""Publications: content with its model that went live, who wanted it and who agreed. No I/O."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import Enum

from bot.errors import RequestError
from bot.studio.drafts import Draft, Trial, TrialState

LONGEST_PUBLICATION_MESSAGE = 1_000  # characters
MODELS_KEPT = 10  # publications that come back in one step; older ones are trained first
PUBLISHING_SILENCE = datetime.timedelta(seconds=60)  # after which the process that publishes counts as dead


class NoPublication(RequestError):
    """Raised for a publication that is not there, or that has not the state that is needed."""

    message = "There is no such publication."


class CannotPublish(RequestError):
    """Raised when something stands against publishing; nothing has changed, and `reasons` say what to do."""

    def __init__(self, *reasons: str) -> None:
        """Keep the reasons, each a sentence."""
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class TrainsFirst(RequestError):
    """Raised by a roll-back whose model is not kept any more: a draft with that content is being trained."""

    def __init__(self, publication_id: int, draft_id: int) -> None:
        """Name the draft that was opened, and whose trial waits."""
        super().__init__(
            f"The model of publication {publication_id} is not kept any more, so it is trained again first. "
            f"Draft {draft_id} has that content; publish it when its trial is done."
        )
        self.draft_id = draft_id


class PublicationState(str, Enum):
    """What becomes of a publication. PUBLISHING: its files are being written."""

    WAITING = "waiting"
    PUBLISHING = "publishing"
    LIVE = "live"
    PAST = "past"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Publication:
    """Content that went live, or that waits for it.

    `at` is when it was asked for, and once it has been live, since when. `root` and `model` are relative to
    CONTENT_PATH, "" for what is installed. `back_to` is the publication that a roll-back returned to (0: what is
    installed), None where it is none. `follows` is the publication that was live before, `installed` the digest of the
    installed content that it contains. `override` is the reason to publish though something got worse, `reason` why
    it was rejected.
    """

    id: int
    at: datetime.datetime
    by: str = field(repr=False)
    message: str
    draft_id: int = 0
    state: PublicationState = PublicationState.WAITING
    approved_by: str = field(default="", repr=False)
    override: str = ""
    commit: str = ""
    model: str = ""
    root: str = ""
    back_to: int | None = None
    digest: str = ""
    follows: int = 0
    installed: str = ""
    reason: str = ""
    authors: tuple[str, ...] = field(default=(), repr=False)
    floors_fallen: tuple[str, ...] = ()

    @property
    def was_live(self) -> bool:
        """Whether it can be gone back to."""
        return self.state in (PublicationState.LIVE, PublicationState.PAST)

    def may_approve(self, address: str) -> bool:
        """Whether somebody is a second person: has neither asked for it nor worked on any of its changes."""
        return address not in {self.by, *self.authors}


def against_trial(draft: Draft, conflicts: int) -> list[str]:
    """What stands against trying a draft out, each a sentence that says what to do; empty for nothing.

    Args:
        conflicts: how many items were published otherwise since the draft changed them.
    """
    if not draft.changes and not draft.brings_in:
        return ["This draft changes nothing yet. Edit something first."]
    if conflicts:
        number = "One item was" if conflicts == 1 else f"{conflicts} items were"
        return [f"{number} published otherwise since you changed them here. Choose which version stays."]
    return []


def against_publishing(trial: Trial | None, digest: str, override: str, errors: Collection[str]) -> list[str]:
    """What stands against publishing a draft without conflicts; as `against_trial`.

    Args:
        trial: the newest of the draft.
        digest: of the draft's content on what is live now.
        override: the reason to publish in spite of fallen floors, "" for none.
        errors: what is wrong with the changes.
    """
    if errors:
        return list(errors)
    if trial is None:
        return ["This draft has not been tried out yet. Try it out first."]
    if trial.digest != digest:
        return ["The draft, or what is live, has changed since the trial. Try the draft out again."]
    if trial.state is TrialState.FAILED:
        return [f"The trial failed: {trial.words} Try the draft out again."]
    if trial.state is not TrialState.DONE:
        return ["The trial is not done yet. Publish when it is."]
    if trial.floors_fallen and not override.strip():
        fallen = "; ".join(trial.floors_fallen)
        return [f"Answers got worse than is allowed: {fallen}. Improve the draft, or say why it is published anyway."]
    return []
