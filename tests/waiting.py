"""Waiting for what another thread or process brings about."""

import threading
import time

LIMIT_SECONDS = 240.0  # before a test gives up, on a machine with other work


def wait_until(condition, what="it", seconds=LIMIT_SECONDS):
    """Look again and again until a condition gives something, which is returned; fails where that takes too long."""
    pause, end = threading.Event(), time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"{what} was waited for in vain"
        pause.wait(0.02)
    return found
