"""The background worker: sends what waits, tells news, reminds, deletes what is past its age, tries drafts out.

Each task has a thread of its own, so that none waits for the server of another.
"""

import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from prometheus_client import Counter

from bot.bootstrap import Services
from bot.clock import Steadiness
from bot.insight.daily_counts import settle
from bot.outbox.service import Outbox
from bot.studio.trial_processes import TrialProcesses
from bot.tickets.replies import MAILS_A_ROUND, Replies

PURGE_SECONDS = 3600.0
REMIND_SECONDS = 3600.0
WAITING_SECONDS = 300.0
SWEEP_FILES_SECONDS = 3600.0
RECONCILE_SECONDS = 30.0
TIDY_SECONDS = 3600.0
COUNT_SECONDS = 10.0
COUNT_PAUSE = 0.1  # seconds between batches, in which others get on
UNSETTLED_SECONDS = 60.0
ANSWERS_SECONDS = 30.0
HEARTBEAT_SECONDS = 15.0
LONGEST_IDLE = 1.0  # seconds without a look at the outbox
SHORTEST_WAIT = 0.05  # seconds; another worker may be about to take what is due
HAS_STARTED = "the worker has started"  # what tells that it is up
STOPS = "the worker stops after what is in hand"
LONGEST_RETRY_PAUSE = 60.0  # seconds after repeated failures
LONGEST_STOP = 4.0  # seconds for what is in hand; who stops us kills after five (honcho) to thirty (Kubernetes)
TASK_FAILURES = Counter("worker_task_failures", "Rounds of a task that failed as a whole", ("task",))
log = logging.getLogger(__name__)


@dataclass
class PeriodicTask:
    """Something to do again and again; `run` returns in how many seconds it wants to run next."""

    name: str
    run: Callable[[], float]
    due: float = 0.0  # on the monotonic clock
    failures: int = 0

    def attempt(self) -> None:
        """Run once; a failure is logged without its text (it may name persons) and tried again, ever more slowly."""
        try:
            wait = self.run()
            self.failures = 0
        except Exception as error:  # noqa: BLE001  database or mail server may be away; the loop must outlive it
            self.failures += 1
            TASK_FAILURES.labels(self.name).inc()
            wait = min(2.0 ** min(self.failures - 1, 10), LONGEST_RETRY_PAUSE)
            log.warning("%s failed, trying again in %.0f s: %s", self.name, wait, type(error).__name__)
        self.due = time.monotonic() + wait


def tasks(services: Services, outbox: Outbox, stop: threading.Event) -> list[PeriodicTask]:
    """What the worker does."""
    answers = [answering(services.replies)] if services.replies else []
    letters = [sending(outbox, stop, [kind]) for kind in outbox.kinds]
    trials = TrialProcesses(services.studio, stop)
    by_age = [reminding(services), waiting(services), watching(services), purging(services), sweeping(services)]
    by_age.append(tidying(services))
    aged = [when_steady(task, Steadiness(services.clock)) for task in by_age]
    steady = [counting(services), reconciling(services), trying_out(trials), beating(services)]
    return [*letters, *answers, *aged, *steady]


def when_steady(task: PeriodicTask, steadiness: Steadiness) -> PeriodicTask:
    """The same, but not within an hour after the clock has jumped: a wrong one deletes and closes nothing."""

    def run() -> float:
        jump = steadiness.jump()
        if jump is not None:
            log.warning("the clock has jumped by %.0f s: %s waits for an hour", jump.total_seconds(), task.name)
        return task.run() if steadiness.is_settled else UNSETTLED_SECONDS

    return PeriodicTask(task.name, run)


def sending(outbox: Outbox, stop: threading.Event, kinds: Sequence[str] | None = None) -> PeriodicTask:
    """Looks into the outbox at least every second, and at once when a letter of these kinds is known to be due."""
    worker = _own_name()

    def run() -> float:
        outbox.deliver_due(worker, stop, kinds)
        return max(SHORTEST_WAIT, outbox.seconds_to_next(LONGEST_IDLE, kinds))

    return PeriodicTask(" ".join(["sending", *(kinds or ())]), run)


def beating(services: Services) -> PeriodicTask:
    """Notes that this worker lives."""
    worker = _own_name()

    def run() -> float:
        services.heartbeats.beat(worker)
        return HEARTBEAT_SECONDS

    return PeriodicTask("heartbeat", run)


def _own_name() -> str:
    """An id that no other worker has."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"


def answering(replies: Replies) -> PeriodicTask:
    """Reads answers by mail; a full batch is followed by the next one at once."""
    return PeriodicTask("answering", lambda: 0.0 if replies.poll() >= MAILS_A_ROUND else ANSWERS_SECONDS)


def reminding(services: Services) -> PeriodicTask:
    """Reminds the team of tickets that nobody touched."""

    def run() -> float:
        reminded = services.tickets.remind()
        if reminded:
            log.info("reminded of %d tickets", reminded)
        return REMIND_SECONDS

    return PeriodicTask("reminding", run)


def waiting(services: Services) -> PeriodicTask:
    """Asks learners again, closes what they do not answer, and wakes what was snoozed."""

    def run() -> float:
        changed = services.waiting.look()
        if changed:
            log.info("%d tickets were asked about, closed or woken", changed)
        return WAITING_SECONDS

    return PeriodicTask("waiting", run)


def watching(services: Services) -> PeriodicTask:
    """Tells who waits for a credential what has become of it, a few at a time, so that mail goes out in between."""

    def run() -> float:
        done = services.watching.check_some()
        if done.told:
            log.info("told news of %d credentials", done.told)
        return done.pause

    return PeriodicTask("watching", run)


def purging(services: Services) -> PeriodicTask:
    """Deletes what is too old, one batch at a time, so that mail goes out in between; then rests for an hour."""

    def run() -> float:
        purged = services.purge.some(services.clock())
        if not purged:
            return PURGE_SECONDS
        log.info("purged %d conversations, %d letters", purged.conversations, purged.letters)
        return 0.0

    return PeriodicTask("purging", run)


def sweeping(services: Services) -> PeriodicTask:
    """Takes away files that belong to nothing, and contents that no file has, some at a time."""

    def run() -> float:
        swept = services.attachments.sweep()
        if swept:
            log.info("swept %d attachments", swept)
        return 0.0 if swept else SWEEP_FILES_SECONDS

    return PeriodicTask("sweeping", run)


def counting(services: Services) -> PeriodicTask:
    """Counts anew what has changed, for the pages of a period, a batch at a time."""

    def run() -> float:
        return COUNT_PAUSE if settle(services.database, services.settings.time_zone) else COUNT_SECONDS

    return PeriodicTask("counting", run)


def reconciling(services: Services) -> PeriodicTask:
    """Completes or takes back what of a publication was left when its process died."""

    def run() -> float:
        services.studio.reconcile()
        return RECONCILE_SECONDS

    return PeriodicTask("reconciling publications", run)


def tidying(services: Services) -> PeriodicTask:
    """Takes away drafts' models that nobody needs any more, and what was left by processes that were killed."""

    def run() -> float:
        services.studio.tidy()
        return TIDY_SECONDS

    return PeriodicTask("tidying content", run)


def trying_out(trials: TrialProcesses) -> PeriodicTask:
    """Lets drafts of content be tried out, one at a time, in a process of its own."""
    return PeriodicTask("trying drafts out", trials.look)


def work(todo: Sequence[PeriodicTask], stop: threading.Event, longest_stop: float = LONGEST_STOP) -> None:
    """Do every task when it is due, each in a thread of its own; returns once `stop` is set, after what is in hand.

    A server that stalls may hold a task for a minute; it is not waited for. What was in hand is done again by the next
    worker, once its lease has run out.
    """
    threads = [threading.Thread(target=_repeat, args=(task, stop), name=task.name, daemon=True) for task in todo]
    for thread in threads:
        thread.start()
    stop.wait()
    log.info(STOPS)
    end = time.monotonic() + longest_stop
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
        if thread.is_alive():
            log.warning("%s was still waiting for its server and is left", thread.name)


def _repeat(task: PeriodicTask, stop: threading.Event) -> None:
    while not stop.is_set():
        task.attempt()
        stop.wait(max(0.0, task.due - time.monotonic()))


def run_until_signalled(todo: Callable[[threading.Event], Sequence[PeriodicTask]]) -> None:
    """Work until SIGTERM or SIGINT.

    The work has a thread of its own: a signal handler that sets an Event which its own thread is just waiting for
    can wait for itself for ever.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    thread = threading.Thread(target=work, args=(todo(stop), stop), name="worker")
    thread.start()
    log.info(HAS_STARTED)
    while thread.is_alive():
        thread.join(LONGEST_IDLE)  # a signal just before it waits is only seen after it: waiting for ever would lose it
    log.info("the worker has stopped")
