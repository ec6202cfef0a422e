"""Drafts are tried out: trials wait for a process, which says how far it is and what came out."""

from collections.abc import Mapping
from typing import Any

from bot.studio import store
from bot.studio.content import InvalidContent
from bot.studio.draft_content import DraftContent
from bot.studio.drafts import TRIAL_SILENCE, Draft, DraftState, NoDraft, Trial, TrialState
from bot.studio.editing import Editing
from bot.studio.holder import has_died
from bot.studio.publications import CannotPublish, against_trial

NOT_ENDED = (TrialState.WAITING, TrialState.RUNNING)


class Trying(Editing):
    """Drafts with their trials."""

    def try_out(self, draft_id: int, by: str) -> Trial:
        """Ask for a trial, or get the one that holds for the same content and has not failed.

        Raises:
            CannotPublish: nothing is changed, or conflicts have to be resolved first.
            NoDraft, NotEditor: nothing was kept.
        """
        self.editor(by)
        draft = self._open(draft_id)
        content = self.draft_content(draft)
        reasons = against_trial(draft, len(content.conflicts)) or _unwritable(content)
        if reasons:
            raise CannotPublish(*reasons)
        now = self.clock()
        with self.database.transaction() as connection:
            store.alone(connection)
            if self._known(connection, draft_id).revision != draft.revision:
                raise CannotPublish("A colleague has just changed this draft. Look at it again, then try it out.")
            store.end_silent_trials(connection, now)
            known = store.newest_trial(connection, draft_id)
            if known and known.digest == content.digest and self._holds(known):
                return known
            return store.add_trial(connection, draft_id, content.digest, by, now)

    def trial(self, draft_id: int) -> Trial | None:
        """The newest of a draft; one whose process has died has failed."""
        with self.database.transaction() as connection:
            found = store.newest_trial(connection, draft_id)
        if found is None or found.state is not TrialState.RUNNING:
            return found
        if not has_died(found.worker, found.touched_at or found.asked_at, self.clock(), TRIAL_SILENCE):
            return found
        with self.database.transaction() as connection:
            store.end_silent_trials(connection, self.clock())
            return store.newest_trial(connection, draft_id)

    def claim_trial(self, worker: str, trial_id: int = 0) -> Trial | None:
        """Begin the oldest trial that waits, or this one; None where there is none. Only one process gets it."""
        now = self.clock()
        with self.database.transaction() as connection:
            store.alone(connection)
            store.end_silent_trials(connection, now)
            return store.take_trial(connection, worker, trial_id, now)

    def progress(self, trial_id: int, share: float, words: str) -> bool:
        """Say how far a trial is (0 to 1), every few seconds; False when nobody waits for it any more: stop then."""
        values = {"share": min(max(share, 0.0), 1.0), "words": words, "touched_at": self.clock()}
        with self.database.transaction() as connection:
            return store.set_trial(connection, trial_id, [TrialState.RUNNING], **values)

    def finish(self, trial_id: int, result: Mapping[str, Any], model: str) -> bool:
        """Keep what came out, and the archive (relative to CONTENT_PATH); False when nobody waits for it any more."""
        now = self.clock()
        values = {
            "state": TrialState.DONE.value,
            "share": 1.0,
            "words": "",
            "result": store.result_text(result),
            "model": model,
            "touched_at": now,
            "ended_at": now,
        }
        with self.database.transaction() as connection:
            return store.set_trial(connection, trial_id, [TrialState.RUNNING], **values)

    def fail(self, trial_id: int, words: str) -> bool:
        """End a trial with words that say what to do; False when it had ended."""
        values = {"state": TrialState.FAILED.value, "words": words, "ended_at": self.clock()}
        with self.database.transaction() as connection:
            return store.set_trial(connection, trial_id, NOT_ENDED, **values)

    def _holds(self, trial: Trial) -> bool:
        """Whether a trial of the same content needs no other one."""
        if trial.state is TrialState.DONE:
            return self.files.has(trial.model)
        return trial.state in NOT_ENDED

    def _open(self, draft_id: int) -> Draft:
        draft = self.draft(draft_id)
        if draft.state is not DraftState.OPEN:
            raise NoDraft
        return draft


def _unwritable(content: DraftContent) -> list[str]:
    """Why the files could not hold a draft's changes, in words; empty where they can."""
    try:
        content.files()
    except InvalidContent as error:
        return [str(error)]
    return []
