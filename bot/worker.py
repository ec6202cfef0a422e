"""The background worker: deletes conversations past their age, every hour, until it is asked to stop."""

import datetime
import logging
import signal
import threading

from bot.bootstrap import Services

PAUSE_SECONDS = 3600.0
log = logging.getLogger(__name__)


def purge(services: Services, now: datetime.datetime) -> int:
    """Delete every conversation older than RETENTION_DAYS, in small batches; returns how many."""
    limit = now - datetime.timedelta(days=services.settings.retention_days)
    total = 0
    while deleted := services.store.delete_before(limit):
        total += deleted
    return total


def work(services: Services, stop: threading.Event) -> None:
    """Purge, wait, and again; returns once `stop` is set."""
    while not stop.is_set():
        try:
            log.info("purged %d conversations", purge(services, datetime.datetime.utcnow()))
        except Exception as error:  # noqa: BLE001  the database may be away; the next round tries again
            log.warning("purge failed, trying again later: %s", type(error).__name__)
        stop.wait(PAUSE_SECONDS)


def run_until_signalled(services: Services) -> None:
    """Work until SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    work(services, stop)
