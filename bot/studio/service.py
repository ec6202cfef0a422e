"""Drafts go live as publications, and come back; only one at a time, and never half.

The rows say what is live, the files follow them: a folder is written and renamed, the commit made, then the row becomes
live, then the file that all processes look at is replaced. What stops in between is put right by `Studio.reconcile`.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.database import Database
from bot.errors import EmptyText, RequestError, TextTooLong
from bot.studio import store
from bot.studio.content import InvalidContent
from bot.studio.drafts import ChangedMeanwhile, Draft, DraftState, NoDraft
from bot.studio.editing import Judging
from bot.studio.files import TELL, ContentFiles, content_files, what_helps
from bot.studio.holder import at_work, has_died
from bot.studio.items import Change
from bot.studio.merge import difference, patch
from bot.studio.publications import (
    LONGEST_PUBLICATION_MESSAGE,
    MODELS_KEPT,
    PUBLISHING_SILENCE,
    CannotPublish,
    NoPublication,
    Publication,
    PublicationState,
    TrainsFirst,
    against_publishing,
    against_trial,
)
from bot.studio.repository import Repository, RepositoryFailed
from bot.studio.trials import Trying

BRING_IN_TITLE = "Changes of the installation"
ROLL_BACK_TITLE = "Back to publication {number}"
ROLL_BACK_MESSAGE = "Back to publication {number}: {message}"
INSTALLED_MESSAGE = "Back to what is installed"
ANOTHER = "Somebody is publishing at this moment. Try again in a minute."
NOTHING_TO_BRING_IN = "The installation has not changed since it was taken over: there is nothing to bring in."
INSTALLED_IS_LIVE = "What is installed is live, so there is nothing to bring in."
LATER = "The publication is kept, but a file could not be written: it goes live by itself as soon as there is room."
MOVED_ON = "Something else was published meanwhile. Try the draft out again."
log = logging.getLogger(__name__)


class NotSecondPerson(RequestError):
    """Raised when somebody would approve what they have asked for, or worked on."""

    message = "Somebody else must approve this: not who asked for it, and nobody who worked on one of its changes."


class Studio(Trying):
    """Drafts, trials and publications."""

    def __init__(
        self,
        database: Database,
        files: ContentFiles,
        repository: Repository,
        clock: Clock,
        may_edit: Callable[[str], bool] = lambda address: True,
        judging: Judging | None = None,
        second_person: bool = False,
        date_faqs: Callable[[Path], object] = lambda folder: None,
    ) -> None:
        """Put the parts together.

        Args:
            database: whose schema exists.
            files: CONTENT_PATH and the installation.
            repository: where publications are committed.
            clock: the time.
            may_edit: whether an address may change content, asked at each use.
            judging: what findings are made with.
            second_person: whether somebody else must approve what goes live.
            date_faqs: notes in a folder of content on which day its FAQs changed.
        """
        super().__init__(database, files, clock, may_edit, judging)
        self.repository, self.second_person, self._date_faqs = repository, second_person, date_faqs

    def publish(
        self, draft_id: int, by: str, message: str, override: str = "", revision: int | None = None
    ) -> Publication:
        """Put a tried draft live; where a second person must agree, ask for that.

        Args:
            message: what changes and why, for the history.
            override: why it is published though answers got worse; kept in the history.
            revision: `Draft.revision` as the editor saw it; None publishes whatever is in it now.

        Raises:
            ChangedMeanwhile: a colleague has changed the draft since.
            CannotPublish: with the reasons; nothing has changed.
            EmptyText, TextTooLong, NoDraft, NotEditor: likewise.
        """
        self.editor(by)
        message, override = _words(message, "Please say in a few words what changes and why."), override.strip()
        draft = self._open(draft_id)
        if revision not in (None, draft.revision):
            raise ChangedMeanwhile
        if draft.waiting:
            raise CannotPublish("This draft is waiting for approval already.")
        wanted = self._wanted(draft, by, message, override)
        if self.second_person:
            with self.database.transaction() as connection:
                store.alone(connection)
                self._unchanged(connection, draft)
                return store.add_publication(connection, wanted)
        return self._go_live(wanted, draft)

    def approve(self, publication_id: int, by: str) -> Publication:
        """Agree, which puts it live.

        Raises:
            NotSecondPerson: one cannot agree with oneself.
            CannotPublish: with the reasons; it still waits.
            NoPublication, NotEditor: likewise.
        """
        self.editor(by)
        asked = self._waiting(publication_id)
        if not asked.may_approve(by):
            raise NotSecondPerson
        draft = self.draft(asked.draft_id)
        current = self._wanted(draft, asked.by, asked.message, asked.override)
        if current.digest != asked.digest:
            raise CannotPublish("What is live has changed since this was asked for. Withdraw it and ask again.")
        return self._go_live(replace(asked, approved_by=by, model=current.model, follows=current.follows), draft)

    def reject(self, publication_id: int, by: str, reason: str) -> Publication:
        """Disagree, or withdraw one's own request; the draft can be changed again.

        Raises:
            NoPublication, EmptyText, TextTooLong, NotEditor: nothing has changed.
        """
        self.editor(by)
        reason = _words(reason, "Please say why, so that the author knows what to change.")
        waits = PublicationState.WAITING
        self._waiting(publication_id)
        values = {"state": PublicationState.REJECTED.value, "reason": reason, "approved_by": by}
        with self.database.transaction() as connection:
            if not store.set_publication(connection, publication_id, waits, **values):
                raise NoPublication
        return self.publication(publication_id)

    def roll_back(self, publication_id: int, by: str) -> Publication:
        """Put live again what was live with a publication, or what is installed (0); needs no second person.

        Raises:
            TrainsFirst: its model is not kept any more; a draft with its content was opened, and its trial waits.
            NoPublication, CannotPublish, NotEditor: nothing has changed.
        """
        self.editor(by)
        now = self.clock()
        with self.database.transaction() as connection:
            live = store.live_publication(connection)
            target = store.find_publication(connection, publication_id) if publication_id else None
        if publication_id and not (target and target.was_live):
            raise NoPublication("There is no such publication, or it has never been live.")
        root = target.root if target else ""
        if root == (live.root if live else ""):
            raise CannotPublish("That is what is live now.")
        if root and not self.files.has(root):
            raise NoPublication("The files of this publication are not there any more.")
        if target and root and not self.files.has(target.model):
            raise self._trained_first(target, by)
        wanted = Publication(
            id=0,
            at=now,
            by=by,
            message=ROLL_BACK_MESSAGE.format(number=target.id, message=target.message)[:LONGEST_PUBLICATION_MESSAGE]
            if target and root
            else INSTALLED_MESSAGE,
            model=target.model if target else "",
            root=root,
            back_to=target.id if target else 0,
            digest=target.digest if target else "",
            follows=live.id if live else 0,
            installed=target.installed if target and root else self._keep_installed(),
        )
        return self._go_live(wanted, None)

    def publications(self) -> list[Publication]:
        """All of them, newest first; those that wait for approval and those that were rejected, too."""
        with self.database.transaction() as connection:
            return store.all_publications(connection)

    def publication(self, publication_id: int) -> Publication:
        """One of them; raises NoPublication."""
        with self.database.transaction() as connection:
            found = store.find_publication(connection, publication_id)
        if found is None:
            raise NoPublication
        return found

    def changes(self, publication_id: int, since: int | None = None) -> list[Change]:
        """What a publication changed, item by item, or how it differs from another (0: what was installed).

        Raises:
            NoPublication: one of them is not there, or was never live.
            InvalidContent: its files cannot be read any more.
        """
        before, after = self._folders(publication_id, since)
        return difference(self._reading(before), self._reading(after))

    def patch(self, publication_id: int, since: int | None = None) -> str:
        """The same as a patch that `git apply` takes; raises as `changes`."""
        before, after = self._folders(publication_id, since)
        return patch(before, _texts(before, after))

    def reconcile(self) -> None:
        """Make the files follow the rows, and end what died in the middle; when a process starts, and now and then.

        Raises:
            OSError: a file cannot be written; the next call tries again.
        """
        self._end_the_dead()
        folders = self.files.versions()  # before the rows: a row is there before its folder
        with self.database.transaction() as connection:
            known = store.publication_numbers(connection)
        if not known:  # another database than the folder belongs to, or nothing to do
            return
        for number in {number for number in folders.values() if number not in known}:
            self.files.remove_version(number)
        self._follow()

    def tidy(self) -> None:
        """Remove the models that no roll-back and no open draft needs, and what was left half; now and then."""
        with self.database.transaction() as connection:
            were_live = [one for one in store.all_publications(connection) if one.was_live]
            tried, live = store.models_of_trials(connection), store.live_publication(connection)
        if not (were_live or tried) or (self.files.live() and not (live and self._follows(live))):
            return  # the folder may belong to another database, which names what is in it
        known = {one.model for one in were_live}
        self.files.remove_archives({one.model for one in were_live[:MODELS_KEPT]} | tried, known)
        self.files.remove_left()

    def installed_changes(self) -> Sequence[Change]:
        """What developers changed, item by item, in the installation since it was taken over into what is live."""
        taken = self._taken_over()
        return difference(self._reading(taken), self._reading(self.files.installation)) if taken else []

    def installed_files(self) -> list[str]:
        """The files in which they did, those with rules and tasks included; none while the installation is live."""
        taken = self._taken_over()
        if taken is None or self.files.digest(taken) == self.files.digest(self.files.installation):
            return []
        return sorted(_different(taken, self.files.installation))

    def bring_in(self, by: str) -> Draft:
        """A draft of the installation's changes on what is live; rules, tasks and comments are the installation's.

        Raises:
            CannotPublish: there is nothing to bring in.
            NotEditor: nothing was kept.
        """
        self.editor(by)
        if not self.installed_files():
            raise CannotPublish(NOTHING_TO_BRING_IN if self._taken_over() else INSTALLED_IS_LIVE)
        changes, digest = self.installed_changes(), self._keep_installed()
        with self.database.transaction() as connection:
            store.alone(connection)
            for known in store.open_drafts(connection):
                if known.brings_in == digest:
                    return known
            return self._draft_of(connection, BRING_IN_TITLE, changes, by, digest)

    # What publishing is made of
    def _wanted(self, draft: Draft, by: str, message: str, override: str) -> Publication:
        """A publication of a draft as it is now; raises CannotPublish with what stands against it."""
        live = self._live()
        taken_over = live.installed if live and live.root else ""
        installed = draft.brings_in or taken_over or self._keep_installed()
        content = self.draft_content(draft)
        reasons = against_trial(draft, len(content.conflicts))
        trial = self.trial(draft.id)
        reasons = reasons or against_publishing(trial, content.digest, override, self._errors(content))
        if draft.brings_in and draft.brings_in != self.files.digest(self.files.installation):
            reasons = reasons or ["The installation has changed again. Bring its changes in anew."]
        if trial and not reasons and not self.files.has(trial.model):
            reasons = ["The model of the trial is not there any more. Try the draft out again."]
        if reasons or trial is None:
            raise CannotPublish(*reasons)
        return Publication(
            id=0,
            at=self.clock(),
            by=by,
            message=message,
            draft_id=draft.id,
            override=override if trial.floors_fallen else "",
            floors_fallen=trial.floors_fallen,
            model=trial.model,
            digest=content.digest,
            follows=live.id if live else 0,
            installed=installed,
            authors=tuple(sorted(draft.authors)),
        )

    def _go_live(self, wanted: Publication, draft: Draft | None) -> Publication:
        """Do all the steps, or leave everything as it was; raises CannotPublish."""
        with at_work() as holder:
            begun = self._begin(wanted, draft, holder)
            try:
                live = self._write(begun, draft, holder)
                self._become_live(live, holder)
            except BaseException as error:
                self._give_up(begun, holder)
                if isinstance(error, OSError | SQLAlchemyError | RepositoryFailed | InvalidContent):
                    log.error("publishing failed: %s", type(error).__name__, exc_info=error)
                    raise CannotPublish(_trouble(error)) from error
                raise
            try:
                self._follow()
            except OSError as error:
                self._take_back(live)
                raise CannotPublish(_trouble(error)) from error
        self.tidy()
        return self.publication(live.id)

    def _begin(self, wanted: Publication, draft: Draft | None, holder: str) -> Publication:
        """Say in the database that this process publishes, which no other may meanwhile."""
        self._end_the_dead()
        now = self.clock()
        with self.database.transaction() as connection:
            store.alone(connection)
            if store.publishing(connection):
                raise CannotPublish(ANOTHER)
            live = store.live_publication(connection)
            if (live.id if live else 0) != wanted.follows:
                raise CannotPublish(MOVED_ON)
            if draft:
                self._unchanged(connection, draft)
            if not wanted.id:
                begun = replace(wanted, state=PublicationState.PUBLISHING)
                return store.add_publication(connection, begun, holder)
            values = {
                "state": PublicationState.PUBLISHING.value,
                "approved_by": wanted.approved_by,
                "follows": wanted.follows,
                "model": wanted.model,
                "holder": holder,
                "touched_at": now,
            }
            if not store.set_publication(connection, wanted.id, PublicationState.WAITING, **values):
                raise NoPublication
            return wanted

    def _write(self, begun: Publication, draft: Draft | None, holder: str) -> Publication:
        """All that can fail for a full disk, before anything is live."""
        root = begun.root
        if draft:
            content = self.draft_content(draft)
            if content.digest != begun.digest:
                raise CannotPublish(MOVED_ON)
            base = content.base.root
            if base == self.files.installation:  # which may change while it is copied
                if self.files.digest(base) != begun.installed:
                    raise CannotPublish(MOVED_ON)
                base = self.files.installed_copy(begun.installed)
            folder = self.files.write_version(begun.id, base, content.files())
            self._date_faqs(folder)
            self.files.complete_version(begun.id, folder)
            root = self.files.version(begun.id)
            self._touch(begun, holder)
        after = self.root / root if root else self.files.installed_copy(begun.installed)
        commit = self._commit(begun, after)
        self._touch(begun, holder)
        self.files.prepare_live(begun.id, root, begun.model)
        return replace(begun, root=root, commit=commit)

    def _commit(self, begun: Publication, after: Path) -> str:
        live = self._live()
        texts = _texts(self._folder(live), after)
        newest = [commit["id"] for commit in self.repository.log(1)]
        if newest != ([live.commit] if live else []):  # a process that died left a commit that never went live
            texts |= _every_text(after)
        return self.repository.commit(texts, begun.by, _commit_message(begun), self.files.installation)

    def _touch(self, begun: Publication, holder: str) -> None:
        """Show life; raises CannotPublish where another process has taken this one for dead."""
        state = PublicationState.PUBLISHING
        with self.database.transaction() as connection:
            if not store.set_publication(connection, begun.id, state, holder, touched_at=self.clock()):
                raise CannotPublish(ANOTHER)

    def _become_live(self, ready: Publication, holder: str) -> None:
        """The one moment in which it goes live: a transaction."""
        now = self.clock()
        values = {
            "state": PublicationState.LIVE.value,
            "at": now,
            "root": ready.root,
            "commit_id": ready.commit,
            "holder": "",
        }
        with self.database.transaction() as connection:
            store.alone(connection)
            live = store.live_publication(connection)
            if live:
                store.set_publication(connection, live.id, PublicationState.LIVE, state=PublicationState.PAST.value)
            if not store.set_publication(connection, ready.id, PublicationState.PUBLISHING, holder, **values):
                raise CannotPublish(ANOTHER)
            if ready.draft_id:
                store.set_draft(connection, ready.draft_id, state=DraftState.PUBLISHED.value, updated_at=now)

    def _give_up(self, begun: Publication, holder: str) -> None:
        """Leave everything as it was; what cannot be done now is done by the next `reconcile`."""
        self.files.remove_prepared(begun.id)
        with suppress(SQLAlchemyError), self.database.transaction() as connection:
            store.alone(connection)
            if any((one.id, by) == (begun.id, holder) for one, by, _ in store.publishing(connection)):
                self._forget(connection, begun, holder)

    def _forget(self, connection: Connection, begun: Publication, holder: str) -> None:
        """One that did not go live waits again, or was never there; nor was anything written."""
        self.files.remove_version(begun.id)
        self.files.remove_prepared(begun.id)
        if begun.approved_by:
            values = {"state": PublicationState.WAITING.value, "approved_by": "", "holder": ""}
            store.set_publication(connection, begun.id, PublicationState.PUBLISHING, holder, **values)
        else:
            store.delete_publication(connection, begun.id)

    def _take_back(self, live: Publication) -> None:
        """The row became live, but the file cannot be replaced: what was live before is so again."""
        try:
            with self.database.transaction() as connection:
                store.alone(connection)
                if store.take_back(connection, live) and live.draft_id:
                    store.set_draft(connection, live.draft_id, state=DraftState.OPEN.value)
        except SQLAlchemyError as error:
            raise CannotPublish(LATER) from error
        self.files.remove_prepared(live.id)
        if live.draft_id:
            self.files.remove_version(live.id)

    def _end_the_dead(self) -> None:
        """End publications whose process has died in the middle."""
        now = self.clock()
        with self.database.transaction() as connection:
            if not store.publishing(connection):
                return
        with self.database.transaction() as connection:
            store.alone(connection)
            for one, holder, touched_at in store.publishing(connection):
                if has_died(holder, touched_at, now, PUBLISHING_SILENCE):
                    log.warning("publication %d was not completed: its process has died", one.id)
                    self._forget(connection, one, holder)

    def _follow(self) -> None:
        """Let the file say what the row says; alone, so that no older row is written over a newer one."""
        if self._follows(self._live()):
            return
        with self.database.transaction() as connection:
            store.alone(connection)
            live = store.live_publication(connection)
            if live and not self._follows(live):
                self.files.replace_live(live.id, live.root, live.model)

    def _follows(self, live: Publication | None) -> bool:
        """Whether the file says what a row says; where nothing was published, whatever it says is not ours."""
        wanted = {"publication": live.id, "root": live.root, "model": live.model} if live else None
        return live is None or self.files.live() == wanted

    # What was live
    def _live(self) -> Publication | None:
        with self.database.transaction() as connection:
            return store.live_publication(connection)

    def _waiting(self, publication_id: int) -> Publication:
        found = self.publication(publication_id)
        if found.state is not PublicationState.WAITING:
            raise NoPublication("This does not wait for approval any more.")
        return found

    def _unchanged(self, connection: Connection, draft: Draft) -> None:
        """Go on if a draft is still what was looked at; raises CannotPublish."""
        now = self._known(connection, draft.id)
        if now.state is not DraftState.OPEN:
            raise NoDraft
        if now.revision != draft.revision or now.waiting != draft.waiting:
            raise CannotPublish("A colleague has just changed this draft. Look at it again.")

    def _folder(self, publication: Publication | None) -> Path:
        """Where the content lies that was live with a publication, or is installed."""
        if publication is None:
            return self.files.installation
        if publication.root:
            return self.root / publication.root
        return self.files.installed_copy(publication.installed)

    def _folders(self, publication_id: int, since: int | None) -> tuple[Path, Path]:
        """What was live before a publication, or with another one, and what was live with it."""
        found = self._once_live(publication_id)
        before = found.follows if since is None else since
        if not before:
            return self.files.installed_copy(found.installed), self._folder(found)
        earlier = self._once_live(before)
        if since is None and not earlier.root:
            return self.files.installed_copy(found.installed), self._folder(found)
        return self._folder(earlier), self._folder(found)

    def _once_live(self, publication_id: int) -> Publication:
        found = self.publication(publication_id)
        if not found.was_live:
            raise NoPublication("This was never live.")
        return found

    def _keep_installed(self) -> str:
        try:
            return self.files.keep_installed()
        except OSError as error:
            raise CannotPublish(_trouble(error)) from error

    def _taken_over(self) -> Path | None:
        """The copy of the installation that what is live was made from; None while the installation itself is live."""
        live = self._live()
        return self.files.installed_copy(live.installed) if live and live.root else None

    def _trained_first(self, target: Publication, by: str) -> TrainsFirst:
        """Open a draft with the content of a publication, and let its trial wait."""
        title = ROLL_BACK_TITLE.format(number=target.id)
        changes = difference(self.content(), self._reading(self._folder(target)))
        with self.database.transaction() as connection:
            store.alone(connection)
            found = next((one for one in store.open_drafts(connection) if one.title == title), None)
            found = found or self._draft_of(connection, title, changes, by)
        self.try_out(found.id, by)
        return TrainsFirst(target.id, found.id)

    def _draft_of(
        self, connection: Connection, title: str, changes: Sequence[Change], by: str, brings_in: str = ""
    ) -> Draft:
        number = store.add_draft(connection, title, by, self.clock(), brings_in)
        for change in changes:
            self._keep(connection, self._known(connection, number), change, by, None)
        return self._known(connection, number)


def _words(text: str, otherwise: str) -> str:
    text = text.strip()
    if not text:
        raise EmptyText(otherwise)
    if len(text) > LONGEST_PUBLICATION_MESSAGE:
        raise TextTooLong(LONGEST_PUBLICATION_MESSAGE)
    return text


def _trouble(error: BaseException) -> str:
    """What went wrong with files, in words that say what to do."""
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        return f"Nothing was published, because a file could not be written ({reason}). {what_helps(error)}"
    if isinstance(error, SQLAlchemyError):
        return "Nothing was published, because the database did not answer. Try again in a minute."
    if isinstance(error, RepositoryFailed):
        helps = what_helps(error.__cause__) if isinstance(error.__cause__, OSError) else TELL
        return f"Nothing was published, because Git did not keep it: {error} {helps}"
    return f"Nothing was published: {error}"


def _different(before: Path, after: Path) -> set[str]:
    """The files that differ between two folders of content."""
    old, new = dict(content_files(before)), dict(content_files(after))
    return {
        name for name in {*old, *new} if name not in old or name not in new or _bytes(old[name]) != _bytes(new[name])
    }


def _every_text(folder: Path) -> dict[str, str | None]:
    return {name: path.read_bytes().decode("utf-8", "replace") for name, path in content_files(folder)}


def _bytes(path: Path) -> bytes:
    return path.read_bytes()


def _texts(before: Path, after: Path) -> dict[str, str | None]:
    """The text of each file of the later folder that differs; None for one that it has not."""
    there = dict(content_files(after))
    return {
        name: there[name].read_bytes().decode("utf-8", "replace") if name in there else None
        for name in sorted(_different(before, after))
    }


def _commit_message(publication: Publication) -> str:
    lines = [publication.message, "", f"Publication: {publication.id}"]
    lines += [f"Approved-by: {publication.approved_by}"] if publication.approved_by else []
    lines += [f"Published-in-spite-of: {one}" for one in publication.floors_fallen if publication.override]
    lines += [f"Because: {publication.override}"] if publication.override else []
    return "\n".join(lines)
