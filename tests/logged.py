"""What this process logs, as an operator's tools read it."""

import logging
from contextlib import contextmanager

from bot.telemetry.logs import LineFormatter


@contextmanager
def logged(read):
    """The lines of our own from now on, each as `read` (json.loads, or str) makes it of the line."""

    class Kept(logging.Handler):
        def emit(self, record):
            written.append(read(self.format(record)))

    written, logger, handler = [], logging.getLogger("bot"), Kept()
    handler.setFormatter(LineFormatter("site", "json"))
    logger.addHandler(handler)
    before = logger.level
    logger.setLevel(logging.INFO)
    yield written
    logger.removeHandler(handler)
    logger.setLevel(before)
