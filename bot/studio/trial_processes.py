"""The worker's part in trials: it starts a process for each draft that is to be tried out, one at a time."""

import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

import sqlalchemy as sql

from bot.studio.drafts import TrialState
from bot.studio.service import Studio
from bot.studio.store import TRIAL_DIED, content_trials

LOOK_FOR_TRIALS_SECONDS = 1.0
LOWER_PRIORITY = 10  # of 19, so that answers do not wait for trials
LAST_WORDS_SECONDS = 2.0  # between asking a process to end and killing it
NOT_STARTED = "The draft could not be tried out: its process did not start. Tell those who run this."
STOPPED = "The server was stopped while this draft was tried out. Try the draft out again."
log = logging.getLogger(__name__)


def trial_command(trial_id: int) -> list[str]:
    """What does a trial."""
    return [sys.executable, "-m", "bot", "content", "try", "--trial", str(trial_id)]


def is_of_process(worker: str, pid: int) -> bool:
    """Whether a name that `holder.at_work` gave is that of a process of this machine."""
    host, _, rest = worker.partition(" ")
    return host == socket.gethostname()[:40] and rest.partition(" ")[0] == str(pid)


class TrialProcesses:
    """Starts trials that wait."""

    def __init__(
        self, studio: Studio, stop: threading.Event, command: Callable[[int], Sequence[str]] = trial_command
    ) -> None:
        """Begin with none.

        Args:
            stop: set when the worker ends; a process that is at work ends with it.
            command: of the process for a trial.
        """
        self._studio, self._stop, self._command = studio, stop, command

    def look(self) -> float:
        """Do the oldest trial that waits, if there is one; returns in how many seconds to look again."""
        trial_id = self._oldest()
        if not trial_id:
            return LOOK_FOR_TRIALS_SECONDS
        process = self._do(trial_id)
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

    def _do(self, trial_id: int) -> "subprocess.Popen[bytes]":
        quiet = subprocess.DEVNULL  # nobody reads what libraries say; the trial keeps words for its editor
        process = subprocess.Popen(self._command(trial_id), stdin=quiet, stdout=quiet, stderr=quiet)  # noqa: S603
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, LOWER_PRIORITY)
        try:
            while process.poll() is None and not self._stop.wait(0.1):
                pass
        finally:
            if process.poll() is None:
                process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(LAST_WORDS_SECONDS)
                process.kill()
            process.wait()
        return process
