"""The worker's part in trials: it starts a process for each draft that is to be tried out, one at a time."""

import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sql

from bot.studio.drafts import DraftState, TrialState
from bot.studio.service import Studio
from bot.studio.store import TRIAL_DIED, content_changes, content_drafts, content_trials

TRAINED_MODELS = Path("models")
LOOK_FOR_TRIALS_SECONDS = 1.0
LOWER_PRIORITY, LOWEST_PRIORITY = 10, 19  # below the worker's, so that answers do not wait for trials
END_SECONDS = 0.3  # between two looks whether the worker ends
LAST_WORDS_SECONDS = 2.0  # between asking a process to end and killing it
NOT_STARTED = (
    "The draft could not be tried out: its process did not start. Try it again; if it fails again, tell those who run "
    "this."
)
STOPPED = "The server was stopped while this draft was tried out. Try the draft out again."
log = logging.getLogger(__name__)


def trial_command(trial_id: int) -> list[str]:
    """What does a trial."""
    return [sys.executable, "-m", "bot", "content", "try", "--trial", str(trial_id)]


def preparing_command(content: Path) -> list[str]:
    """What asks the questions of the tests before the first trial does."""
    return [sys.executable, "-m", "bot.studio.preparing", str(content)]


def is_of_process(worker: str, pid: int) -> bool:
    """Whether a name that `holder.at_work` gave is that of a process of this machine."""
    host, _, rest = worker.partition(" ")
    return host == socket.gethostname()[:40] and rest.partition(" ")[0] == str(pid)


class TrialProcesses:
    """Starts trials that wait."""

    def __init__(
        self,
        studio: Studio,
        stop: threading.Event,
        command: Callable[[int], Sequence[str]] = trial_command,
        prepares: Callable[[Path], Sequence[str]] = preparing_command,
    ) -> None:
        """Begin with none.

        Args:
            stop: set when the worker ends; a process that is at work ends with it.
            command: of the process for a trial.
            prepares: of the one that asks what is live beforehand, from CONTENT_PATH.
        """
        self._studio, self._stop, self._command, self._prepares = studio, stop, command, prepares
        self._prepared = ""

    def look(self) -> float:
        """Do the oldest trial that waits, if there is one; returns in how many seconds to look again."""
        trial_id = self._oldest()
        if not trial_id:
            self._prepare()
            return LOOK_FOR_TRIALS_SECONDS
        process = self._run(self._command(trial_id), lambda: False)
        if process.returncode:
            log.warning("the process of a trial has ended with exit code %d", process.returncode)
        self._tidy(trial_id, process.pid)
        return LOOK_FOR_TRIALS_SECONDS if process.returncode else 0.0

    def _tidy(self, trial_id: int, pid: int) -> None:
        """The process has ended: what it has not ended has failed, but for what the next worker can begin."""
        query = sql.select(content_trials.c.state, content_trials.c.worker).where(content_trials.c.id == trial_id)
        with self._studio.database.transaction() as connection:
            row = connection.execute(query).first()
        stopped = self._stop.is_set()
        if row and row.state == TrialState.RUNNING.value and is_of_process(row.worker, pid):
            self._studio.fail(trial_id, STOPPED if stopped else TRIAL_DIED)
        elif row and row.state == TrialState.WAITING.value and not stopped:
            self._studio.fail(trial_id, NOT_STARTED)

    def _oldest(self) -> int:
        waits = content_trials.c.state == TrialState.WAITING.value
        with self._studio.database.transaction() as connection:
            return connection.execute(sql.select(sql.func.min(content_trials.c.id)).where(waits)).scalar() or 0

    def _prepare(self) -> None:
        """Once somebody edits, ask what is live what trials will compare; a trial that waits comes first."""
        live = self._live()
        if live == self._prepared or not self._is_edited():
            return
        self._prepared = live
        self._run(self._prepares(self._studio.root), lambda: bool(self._oldest()))
        if self._oldest():
            self._prepared = ""  # the rest is done when there is time

    def _live(self) -> str:
        archives = [f"{path.name} {path.stat().st_mtime_ns}" for path in TRAINED_MODELS.glob("*.tar.gz")]
        return f"{self._studio.files.live()} {max(archives, default='')}"

    def _is_edited(self) -> bool:
        is_open = content_drafts.c.state == DraftState.OPEN.value
        edited = sql.select(content_changes.c.draft_id).join(content_drafts).where(is_open & ~content_changes.c.undone)
        with self._studio.database.transaction() as connection:
            return connection.execute(edited.limit(1)).first() is not None

    def _run(self, command: Sequence[str], is_enough: Callable[[], bool]) -> "subprocess.Popen[bytes]":
        """Until it ends, the worker does, or it is enough, asked now and then."""
        quiet = subprocess.DEVNULL  # nobody reads what libraries say; a trial keeps words for its editor
        process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)  # noqa: S603
        with suppress(OSError):
            lower = os.getpriority(os.PRIO_PROCESS, 0) + LOWER_PRIORITY
            os.setpriority(os.PRIO_PROCESS, process.pid, min(lower, LOWEST_PRIORITY))
        try:
            while not self._stop.is_set():
                with suppress(subprocess.TimeoutExpired):
                    process.wait(END_SECONDS)
                    break
                if is_enough():
                    break
        finally:
            if process.poll() is None:
                process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(LAST_WORDS_SECONDS)
                process.kill()
            process.wait()
        return process
