"""Content is edited in drafts, tried out, published and rolled back; each use case is one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.studio.checks import ContentFinding
from bot.studio.content import Content
from bot.studio.drafts import Draft, Trial
from bot.studio.items import Change, Item, ItemValue
from bot.studio.merge import Conflict
from bot.studio.publications import Publication


@dataclass(frozen=True)
class DraftContent:
    """A draft on what is live now.

    `changes` are without conflict: `before` is what is live now, `after` what the draft makes of it. An item in
    `conflicts` was published otherwise since the draft changed it, and stays as it is live until somebody resolves it.
    `digest` names exactly this content on exactly what is live; a trial holds for it alone.
    """

    draft: Draft
    live: Content
    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]
    digest: str

    def value(self, item: Item) -> ItemValue | None:
        """An item with the draft's change; in a conflict what the draft made of it."""
        raise NotImplementedError

    def files(self) -> Mapping[str, str]:
        """The files that differ from what is live, by their path; raises InvalidContent."""
        raise NotImplementedError

    def write(self, folder: Path) -> None:
        """Write the whole content, data/ and domain.yml, into a folder that is not there yet; raises OSError."""
        raise NotImplementedError


class Studio:
    """Drafts, trials and publications."""

    root: Path  # CONTENT_PATH

    # Drafts
    def open_draft(self, title: str, by: str) -> Draft:
        """A new draft; raises NotEditor."""
        raise NotImplementedError

    def drafts(self) -> list[Draft]:
        """Those that are open, newest change first."""
        raise NotImplementedError

    def draft(self, draft_id: int) -> Draft:
        """One of them, in whatever state; raises NoDraft."""
        raise NotImplementedError

    def edit(
        self,
        draft_id: int,
        item: Item,
        after: ItemValue | None,
        by: str,
        version: int,
        path: str = "",
        on: int | None = None,
    ) -> Draft:
        """Change an item in a draft; what equals the live value takes the change back.

        Args:
            after: the new value; None takes the item away.
            version: `Draft.version(item)` as the editor saw it.
            path: where a new item goes, "" for where its siblings are.
            on: the publication (`live_id`) that was live when the editor saw the item; None for the one that is now. So
                what was published in between shows as a conflict, and is not overwritten.

        Raises:
            EditedMeanwhile: a colleague has changed the item in this draft since.
            NoDraft, DraftBusy, NotEditor: nothing was kept.
        """
        raise NotImplementedError

    def undo(self, draft_id: int, item: Item, by: str) -> Draft:
        """Take the change of an item back; raises NoDraft, DraftBusy, NotEditor."""
        raise NotImplementedError

    def rename(self, draft_id: int, title: str, by: str) -> Draft:
        """Give a draft another title; raises NoDraft, NotEditor."""
        raise NotImplementedError

    def discard(self, draft_id: int, by: str) -> None:
        """Put a draft away with all its changes; raises NoDraft, DraftBusy, NotEditor."""
        raise NotImplementedError

    def resolve(self, draft_id: int, item: Item, choice: ItemValue | str | None, by: str) -> Draft:
        """End a conflict.

        Args:
            choice: "ours" for the draft's version, "theirs" for what is live, else the value that both make together.

        Raises:
            NoDraft, DraftBusy, NotEditor: nothing was kept.
        """
        raise NotImplementedError

    def live_id(self) -> int:
        """The publication that is live; 0 while nothing was published."""
        raise NotImplementedError

    def content(self) -> Content:
        """What is live."""
        raise NotImplementedError

    def draft_content(self, draft: Draft) -> DraftContent:
        """A draft's changes on what is live now."""
        raise NotImplementedError

    def findings(self, draft: Draft) -> list[ContentFinding]:
        """What is wrong with a draft's changes, or may be."""
        raise NotImplementedError

    # Trials
    def try_out(self, draft_id: int, by: str) -> Trial:
        """Ask for a trial, or get the one that holds for the same content; raises NoDraft, CannotPublish, NotEditor."""
        raise NotImplementedError

    def trial(self, draft_id: int) -> Trial | None:
        """The newest of a draft."""
        raise NotImplementedError

    def claim_trial(self, worker: str, trial_id: int = 0) -> Trial | None:
        """Begin the oldest trial that waits, or this one; None where there is none. Only one process gets it."""
        raise NotImplementedError

    def progress(self, trial_id: int, share: float, words: str) -> bool:
        """Say how far a trial is (0 to 1), every few seconds; False when nobody waits for it any more: stop then."""
        raise NotImplementedError

    def finish(self, trial_id: int, result: Mapping[str, Any], model: str) -> bool:
        """Keep what came out, and the archive (relative to CONTENT_PATH); False when nobody waits for it any more."""
        raise NotImplementedError

    def fail(self, trial_id: int, words: str) -> bool:
        """End a trial with words that say what to do; False when it had ended."""
        raise NotImplementedError

    # Publications
    def publish(self, draft_id: int, by: str, message: str, override: str = "") -> Publication:
        """Put a tried draft live; where a second person must agree, ask for it. Raises CannotPublish with reasons."""
        raise NotImplementedError

    def approve(self, publication_id: int, by: str) -> Publication:
        """Agree, which puts it live; raises NoPublication, NotSecondPerson, CannotPublish, NotEditor."""
        raise NotImplementedError

    def reject(self, publication_id: int, by: str, reason: str) -> Publication:
        """Disagree, or withdraw one's own; the draft is free again. Raises NoPublication, EmptyText, NotEditor."""
        raise NotImplementedError

    def roll_back(self, publication_id: int, by: str) -> Publication:
        """Put live again what was live with a publication, or what is installed (0).

        Raises:
            TrainsFirst: its model is not kept any more; a draft with its content was opened.
            NoPublication, CannotPublish, NotEditor: nothing has changed.
        """
        raise NotImplementedError

    def publications(self) -> list[Publication]:
        """All of them, newest first."""
        raise NotImplementedError

    def publication(self, publication_id: int) -> Publication:
        """One of them; raises NoPublication."""
        raise NotImplementedError

    def changes(self, publication_id: int, since: int | None = None) -> list[Change]:
        """What a publication changed, item by item, or how it differs from another (0: what was installed)."""
        raise NotImplementedError

    def patch(self, publication_id: int, since: int | None = None) -> str:
        """The same as a patch that `git apply` takes."""
        raise NotImplementedError

    def reconcile(self) -> None:
        """Make the files follow the rows, and end what died in the middle; when a process starts, and now and then."""
        raise NotImplementedError

    def installed_changes(self) -> Sequence[Change]:
        """What developers changed in the installation since it was taken over into what is live; [] without that."""
        raise NotImplementedError

    def bring_in(self, by: str) -> Draft:
        """A draft of the installation's changes on what is live, whose rules and tasks come from the installation."""
        raise NotImplementedError
