"""A draft on what is live: its values, its conflicts, its files."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.studio.content import Content, changed_files
from bot.studio.drafts import Draft
from bot.studio.files import OWN_DATES, copy_content
from bot.studio.items import Change, Item, ItemValue
from bot.studio.merge import Conflict, merged


@dataclass(frozen=True)
class DraftContent:
    """A draft on what is live now.

    `changes` are without conflict: `before` is what is live now, `after` what the draft makes of it. An item in
    `conflicts` was published otherwise since the draft changed it, and stays as it is live until somebody resolves it.
    `base` is the content whose files are changed: what is live, or what is installed in a draft that brings that in.
    `digest` names exactly this content on exactly what is live; a trial holds for it alone.
    """

    draft: Draft
    live: Content = field(repr=False)
    base: Content = field(repr=False)
    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]
    digest: str

    @classmethod
    def of(cls, draft: Draft, live: Content, base: Content, live_digest: str) -> "DraftContent":
        """Put a draft's changes on what is live."""
        changes, conflicts = [], []
        for made in sorted(draft.changes, key=lambda one: one.item.id):
            current = live.value(made.item)
            try:
                after = merged(made.change, current)
            except Conflict as conflict:
                conflicts.append(conflict)
                continue
            if after != current:
                changes.append(Change(made.item, current, after, made.change.path))
        told = [live_digest, draft.brings_in, [(one.item.id, one.after, one.path) for one in changes]]
        told.append(sorted(conflict.item.id for conflict in conflicts))
        digest = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]
        return cls(
            draft=draft,
            live=live,
            base=base,
            changes=tuple(changes),
            conflicts=tuple(conflicts),
            digest=digest,
        )

    def value(self, item: Item) -> ItemValue | None:
        """An item with the draft's change; in a conflict what the draft made of it."""
        for conflict in self.conflicts:
            if conflict.item == item:
                return conflict.ours
        for change in self.changes:
            if change.item == item:
                return change.after
        return self.live.value(item)

    def files(self) -> Mapping[str, str]:
        """The files that differ from `base`, their text by path; raises InvalidContent."""
        if self.base is self.live:
            return changed_files(self.base.root, self.changes)
        dates = self.live.root / OWN_DATES
        own = {OWN_DATES: dates.read_text(encoding="utf-8")} if dates.exists() else {}
        return {**own, **changed_files(self.base.root, self._from_base())}

    def write(self, folder: Path) -> None:
        """Write the whole content, data/ and domain.yml, into a folder that is not there yet.

        Raises:
            InvalidContent: the files cannot hold the changes.
            OSError: they cannot be written.
        """
        copy_content(self.base.root, folder, self.files())

    def _from_base(self) -> list[Change]:
        """What makes of the base what is live with the draft's changes."""
        made = {change.item: change for change in self.changes}
        items = dict.fromkeys([*self.base.items(), *self.live.items(), *made])
        found = []
        for item in items:
            wanted = made[item].after if item in made else self.live.value(item)
            if wanted != self.base.value(item):
                path = made[item].path if item in made else ""
                found.append(Change(item, self.base.value(item), wanted, path or self.live.path(item)))
        return found
