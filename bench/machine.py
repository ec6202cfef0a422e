"""What benches ask of the machine: ports that nobody uses, and programs that are not on everybody's path."""

import os
import shutil
import socket


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
