"""What benches ask of the machine: ports, programs that are not on everybody's path, and an end that leaves nothing."""

import os
import shutil
import signal
import socket
import sys


def free_port() -> int:
    """A port of loopback that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
