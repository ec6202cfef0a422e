"""Which process has a piece of work in hand, and whether it can still be at it."""

import datetime
import itertools
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager

_PROCESS = secrets.token_hex(4)
_numbers = itertools.count(1)
_at_work: set[str] = set()


@contextmanager
def at_work() -> Iterator[str]:
    """A name for a piece of work, which counts as in hand until the block ends or the process does."""
    name = f"{socket.gethostname()[:40]} {os.getpid()} {_PROCESS} {next(_numbers)}"
    _at_work.add(name)
    try:
        yield name
    finally:
        _at_work.discard(name)


def has_died(name: str, last_sign: datetime.datetime, now: datetime.datetime, silence: datetime.timedelta) -> bool:
    """Whether nobody is at a piece of work any more.

    Args:
        name: as `at_work` gave it to whatever process.
        last_sign: when that process last showed life.
        silence: after which a process of another machine counts as dead.
    """
    if now - last_sign > silence:
        return True
    host, _, rest = name.partition(" ")
    if host != socket.gethostname()[:40]:
        return False
    pid, _, rest = rest.partition(" ")
    if pid == str(os.getpid()):
        return name not in _at_work
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return True
    except PermissionError:
        return False
    return False
