"""The worker's part in trials: it starts a process for each draft that is to be tried out, one at a time."""

import logging
import os
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
STOPPED = "The server was stopped while this draft was tried out. Try the draft out again."
log = logging.getLogger(__name__)


def trial_command(trial_id: int) -> list[str]:
    """What does a trial."""
    return [sys.executable, "-m", "bot", "content", "try", "--trial", str(trial_id)]


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
        code = self._do(trial_id)
        if code < 0:  # killed: by us, or by whoever is short of memory
            self._studio.fail(trial_id, STOPPED if self._stop.is_set() else TRIAL_DIED)
        if code:
            log.warning("the process of a trial has ended with exit code %d", code)
        return LOOK_FOR_TRIALS_SECONDS if code else 0.0

    def _oldest(self) -> int:
        waits = content_trials.c.state == TrialState.WAITING.value
        with self._studio.database.transaction() as connection:
            return connection.execute(sql.select(sql.func.min(content_trials.c.id)).where(waits)).scalar() or 0

    def _do(self, trial_id: int) -> int:
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
        return process.wait()
