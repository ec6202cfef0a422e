"""What the lock files pin."""

import re
from pathlib import Path
from typing import NamedTuple

LOCKS = ("requirements.lock", "requirements-test.lock", "requirements-tools.lock")
_PIN = re.compile(
    r"^([A-Za-z0-9][\w.-]*)==([^ \\;\n]+)((?:.*\\\n)*.*)", re.MULTILINE
)  # up to the line that does not go on
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class Pin(NamedTuple):
    """One package in one version, and the files that may be installed for it, by their SHA-256."""

    name: str
    version: str
    hashes: tuple[str, ...] = ()


def normal(name: str) -> str:
    """A package's name as it is compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: Path) -> list[Pin]:
    """All pins of a lock file, in its order."""
    entries = _PIN.findall(lock.read_text(encoding="utf-8"))
    return [Pin(normal(name), version, tuple(_HASH.findall(rest))) for name, version, rest in entries]


def pinned(folder: Path = Path()) -> set[tuple[str, str]]:
    """Name and version of everything that is pinned for running, testing and as a tool."""
    return {(pin.name, pin.version) for lock in LOCKS for pin in pins(folder / lock)}
