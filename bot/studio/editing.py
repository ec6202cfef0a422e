"""Editors change content in drafts; each use case is one transaction."""

from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import RLock

from sqlalchemy.engine import Connection

from bot.clock import Clock
from bot.database import Database
from bot.errors import EmptyText, RequestError, TextTooLong
from bot.studio import store
from bot.studio.checks import ContentFinding, Severity, UnitVectors, check
from bot.studio.content import Content, InvalidContent
from bot.studio.draft_content import DraftContent
from bot.studio.drafts import (
    LONGEST_DRAFT_TITLE,
    ChangedMeanwhile,
    Draft,
    DraftBusy,
    DraftChange,
    DraftState,
    EditedMeanwhile,
    NoDraft,
)
from bot.studio.files import ContentFiles
from bot.studio.items import Change, InvalidItem, Item, ItemValue, fits, tidy
from bot.studio.merge import Conflict, merged

OURS, THEIRS = "ours", "theirs"
MOST_READINGS = 6  # of content, kept in memory


class NotEditor(RequestError):
    """Raised when somebody changes content who may not."""

    message = "Only editors can do this. Whoever runs the assistant can add an address to CONTENT_EDITORS."


@dataclass(frozen=True)
class Judging:
    """What findings are made with.

    Args:
        links: names of the links that settings give an address.
        masked: blacks out personal data.
        test_texts: the messages of the tests and what they mean.
        likeness: gives vectors of texts; None where meaning is not asked.
    """

    links: Container[str] = ()
    masked: Callable[[str], str] = str
    test_texts: Callable[[], Mapping[str, str]] = dict
    likeness: UnitVectors | None = None


class Editing:
    """Drafts on what is live."""

    def __init__(
        self,
        database: Database,
        files: ContentFiles,
        clock: Clock,
        may_edit: Callable[[str], bool] = lambda address: True,
        judging: Judging | None = None,
    ) -> None:
        """Put the parts together.

        Args:
            database: whose schema exists.
            files: CONTENT_PATH and the installation.
            clock: the time.
            may_edit: whether an address may change content, asked at each use.
            judging: what findings are made with.
        """
        self.database, self.files, self.clock = database, files, clock
        self.root = files.root
        self._may_edit, self._judging = may_edit, judging or Judging()
        self._readings: dict[Path, tuple[str, Content]] = {}
        self._guard = RLock()

    def open_draft(self, title: str, by: str) -> Draft:
        """A new draft; raises NotEditor, EmptyText, TextTooLong."""
        self.editor(by)
        with self.database.transaction() as connection:
            number = store.add_draft(connection, _title(title), by, self.clock())
            return self._known(connection, number)

    def drafts(self) -> list[Draft]:
        """Those that are open, newest change first."""
        with self.database.transaction() as connection:
            return store.open_drafts(connection)

    def draft(self, draft_id: int) -> Draft:
        """One of them, in whatever state; raises NoDraft."""
        with self.database.transaction() as connection:
            return self._known(connection, draft_id)

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
            InvalidItem: the value has another form than its kind of content.
            NoDraft, DraftBusy, NotEditor: nothing was kept.
        """
        self.editor(by)
        after = tidy(item.kind, after)
        if not fits(item.kind, after):
            raise InvalidItem("The change has another form than its kind of content.")
        live = self.content()
        seen = live if on is None else self._content_of(on)
        with self._changing(draft_id) as (connection, draft):
            kept, undone = store.kept_change(connection, draft.id, item) or (None, True)
            if kept and version != kept.version and not (undone and version == 0):
                value = live.value(item) if undone else kept.change.after
                raise EditedMeanwhile(kept.by, kept.at, value, 0 if undone else kept.version)
            before = seen.value(item)
            if kept and not undone:
                path = path or kept.change.path
                if _conflicts(kept.change, live):
                    before = kept.change.before
            self._keep(connection, draft, Change(item, before, after, path), by, None if undone else kept)
            return self._known(connection, draft_id)

    def undo(self, draft_id: int, item: Item, by: str, version: int | None = None) -> Draft:
        """Take the change of an item back.

        Args:
            version: `Draft.version(item)` as the editor saw it; None takes back whatever it is now.

        Raises:
            EditedMeanwhile: a colleague has changed the item in this draft since.
            NoDraft, DraftBusy, NotEditor: nothing was kept.
        """
        self.editor(by)
        with self._changing(draft_id) as (connection, draft):
            made = draft.change(item)
            if made:
                _as_seen(made, version)
                self._keep(connection, draft, replace(made.change, after=made.change.before), by, None)
            return self._known(connection, draft_id)

    def rename(self, draft_id: int, title: str, by: str) -> Draft:
        """Give a draft another title; raises NoDraft, DraftBusy, NotEditor, EmptyText, TextTooLong."""
        self.editor(by)
        with self._changing(draft_id) as (connection, draft):
            store.set_draft(connection, draft.id, title=_title(title))
            return self._known(connection, draft_id)

    def discard(self, draft_id: int, by: str, revision: int | None = None) -> None:
        """Put a draft away with all its changes.

        Args:
            revision: `Draft.revision` as the editor saw it; None puts away whatever is in it now.

        Raises:
            ChangedMeanwhile: a colleague has changed the draft since.
            NoDraft, DraftBusy, NotEditor: nothing has changed.
        """
        self.editor(by)
        with self._changing(draft_id) as (connection, draft):
            if revision not in (None, draft.revision):
                raise ChangedMeanwhile
            now = self.clock()
            store.set_draft(connection, draft.id, state=DraftState.DISCARDED.value, updated_at=now)
            store.end_trials_of(connection, draft.id, now)

    def resolve(
        self, draft_id: int, item: Item, choice: ItemValue | str | None, by: str, version: int | None = None
    ) -> Draft:
        """End a conflict.

        Args:
            choice: "ours" for the draft's version, "theirs" for what is live, else the value that both make together.
            version: `Draft.version(item)` as the editor saw it; None chooses among what is there now.

        Raises:
            EditedMeanwhile: a colleague has changed the item in this draft since.
            NoDraft, DraftBusy, NotEditor: nothing was kept.
        """
        self.editor(by)
        current = self.content().value(item)
        with self._changing(draft_id) as (connection, draft):
            made = draft.change(item)
            if made:
                _as_seen(made, version)
                chosen = {OURS: made.change.after, THEIRS: current}
                after = chosen[choice] if isinstance(choice, str) else tidy(item.kind, choice)
                self._keep(connection, draft, Change(item, current, after, made.change.path), by, made)
            return self._known(connection, draft_id)

    def live_id(self) -> int:
        """The publication that is live; 0 while nothing was published."""
        with self.database.transaction() as connection:
            live = store.live_publication(connection)
        return live.id if live else 0

    def content(self) -> Content:
        """What is live; raises InvalidContent where its files cannot be read."""
        return self._content_of(self.live_id())

    def draft_content(self, draft: Draft) -> DraftContent:
        """A draft's changes on what is live now; raises InvalidContent."""
        live = self.content()
        base = self._reading(self.files.installed_copy(draft.brings_in)) if draft.brings_in else live
        return DraftContent.of(draft, live, base, self.files.digest(live.root))

    def findings(self, draft: Draft) -> list[ContentFinding]:
        """What is wrong with a draft's changes, or may be; errors first."""
        return self._findings(self.draft_content(draft), self._judging.likeness)

    def editor(self, by: str) -> None:
        """Go on if an address may change content; raises NotEditor."""
        if not self._may_edit(by):
            raise NotEditor

    def _findings(self, content: DraftContent, likeness: UnitVectors | None = None) -> list[ContentFinding]:
        judging = self._judging
        return check(
            content.live,
            content.changes,
            likeness=likeness,
            test_texts=judging.test_texts,
            settings_links=judging.links,
            masked=judging.masked,
        )

    def _errors(self, content: DraftContent) -> list[str]:
        """What must be put right before a draft goes live, in words."""
        try:
            content.files()
        except InvalidContent as error:
            return [str(error)]
        # Without likeness: what it tells are no errors, and it takes longest.
        found = [one for one in self._findings(content) if one.level is Severity.ERROR]
        return [f"{one.item.name}: {one.message}" for one in found]

    def _content_of(self, publication_id: int) -> Content:
        """What was live with a publication; what is installed for 0, and for one that is not there."""
        with self.database.transaction() as connection:
            found = store.find_publication(connection, publication_id) if publication_id else None
        return self._reading(self.root / found.root if found and found.root else self.files.installation)

    def _reading(self, folder: Path) -> Content:
        """A folder's content, read again where a file has changed."""
        with self._guard:
            digest = self.files.digest(folder)
            known = self._readings.pop(folder, None)
            if known is None or known[0] != digest:
                known = digest, Content.read(folder)
            self._readings[folder] = known
            while len(self._readings) > MOST_READINGS:
                del self._readings[next(iter(self._readings))]
            return known[1]

    def _keep(self, connection: Connection, draft: Draft, change: Change, by: str, made: DraftChange | None) -> None:
        """Keep a change in the place of what somebody made before."""
        now = self.clock()
        authors = dict.fromkeys([*(made.authors if made else ()), by])
        kept = DraftChange(change=change, by=by, at=now, version=draft.revision + 1, authors=tuple(authors))
        store.keep_change(connection, draft, kept, change.after == change.before, now)

    @contextmanager
    def _changing(self, draft_id: int) -> Iterator[tuple[Connection, Draft]]:
        """A transaction in which nobody else changes the draft."""
        with self.database.transaction() as connection:
            store.alone(connection)
            draft = self._known(connection, draft_id)
            if draft.state is not DraftState.OPEN:
                raise NoDraft
            if draft.waiting:
                raise DraftBusy
            yield connection, draft

    def _known(self, connection: Connection, draft_id: int) -> Draft:
        found = store.find_draft(connection, draft_id)
        if found is None:
            raise NoDraft
        return found


def _as_seen(made: DraftChange, version: int | None) -> None:
    """Go on if a change is still the one that was looked at; raises EditedMeanwhile."""
    if version not in (None, made.version):
        raise EditedMeanwhile(made.by, made.at, made.change.after, made.version)


def _conflicts(change: Change, live: Content) -> bool:
    try:
        merged(change, live.value(change.item))
    except Conflict:
        return True
    return False


def _title(text: str) -> str:
    title = " ".join(text.split())
    if not title:
        raise EmptyText("Please give the draft a title.")
    if len(title) > LONGEST_DRAFT_TITLE:
        raise TextTooLong(LONGEST_DRAFT_TITLE)
    return title
