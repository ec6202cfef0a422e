"""What benches ask of the machine: ports, programs that are not on everybody's path, and an end that leaves nothing."""

import os
import random
import shutil
import signal
import socket
import sys
from contextlib import suppress

PORTS = range(20_000, 32_000)  # of which no system gives any away by itself, neither to servers nor to connections


def free_port() -> int:
    """A port of loopback that nobody uses, and hardly anybody will until the caller does; SystemExit where all are."""
    for port in random.SystemRandom().sample(PORTS, 100):
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise SystemExit("No port of loopback is free.")


def installed(name: str) -> str:
    """Where a program of Debian's package of the same name is; raises SystemExit where it is not."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        raise SystemExit(f"{name} is missing: install Debian's package of that name.")
    return found


def end_all_on_sigterm() -> None:
    """Let SIGTERM raise SystemExit from now on, so that what a bench has started ends with it."""
    signal.signal(signal.SIGTERM, _end)


def _end(number: int, frame: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not keep this from ending what was started
    sys.exit(1)
