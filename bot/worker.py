"""The background worker: sends what waits, tells news, reminds, deletes what is past its age, until asked to stop."""

import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.bootstrap import Services
from bot.outbox.service import Outbox
from bot.tickets.replies import MAILS_A_ROUND, Replies

PURGE_SECONDS = 3600.0
REMIND_SECONDS = 3600.0
ANSWERS_SECONDS = 30.0
LONGEST_IDLE = 1.0  # seconds without a look at the outbox
SHORTEST_WAIT = 0.05  # seconds; another worker may be about to take what is due
LONGEST_RETRY_PAUSE = 60.0  # seconds after repeated failures
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
            wait = min(2.0 ** min(self.failures - 1, 10), LONGEST_RETRY_PAUSE)
            log.warning("%s failed, trying again in %.0f s: %s", self.name, wait, type(error).__name__)
        self.due = time.monotonic() + wait


def tasks(services: Services, outbox: Outbox, stop: threading.Event) -> list[PeriodicTask]:
    """What the worker does."""
    answers = [answering(services.replies)] if services.replies else []
    return [sending(outbox, stop), *answers, reminding(services), watching(services), purging(services)]


def sending(outbox: Outbox, stop: threading.Event) -> PeriodicTask:
    """Looks into the outbox at least every second, and at once when a letter is known to be due."""
    worker = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"

    def run() -> float:
        outbox.deliver_due(worker, stop)
        return max(SHORTEST_WAIT, outbox.seconds_to_next(LONGEST_IDLE))

    return PeriodicTask("sending", run)


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


def work(todo: Sequence[PeriodicTask], stop: threading.Event) -> None:
    """Do every task when it is due; returns once `stop` is set, after the letter in hand."""
    while not stop.is_set():
        for task in todo:
            if task.due <= time.monotonic() and not stop.is_set():
                task.attempt()
        stop.wait(max(0.0, min(task.due for task in todo) - time.monotonic()))


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
    log.info("the worker has started")
    while thread.is_alive():
        thread.join(LONGEST_IDLE)  # a signal just before it waits is only seen after it: waiting for ever would lose it
    log.info("the worker has stopped")
