"""Whose data was erased and when, as keyed hashes: so that a backup which is brought back is erased again."""

import datetime
import hashlib
import hmac
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from bot.settings import Settings

ERASURES_FILE = "erasures"  # in CONTENT_PATH, the one folder that all processes share
_PURPOSE = b"credential-assistant: erased address"


def kept_place(settings: Settings) -> Path | None:
    """The file of erasures where it will be there tomorrow; None where it would go with the container."""
    folder, var = Path(settings.content_path).resolve(), Path("var").resolve()
    return None if not settings.var_lasts and folder.is_relative_to(var) else folder / ERASURES_FILE


class ErasureLog:
    """A line for each erasure: the moment, and what stands for the address; nobody can read it from there."""

    def __init__(self, file: Path, secret: str, accepted: Sequence[str] = ()) -> None:
        """Nothing is written yet.

        Args:
            file: made with the first erasure, for its owner only.
            secret: the site's secret key.
            accepted: former keys, whose lines still count.
        """
        self._file, self._secret, self._accepted = file, secret, accepted

    def add(self, address: str, at: datetime.datetime) -> None:
        """Note that an address, normalised, was erased; raises OSError."""
        self._append([self.line(address, at)])

    def line(self, address: str, at: datetime.datetime) -> str:
        """What is noted of an erasure, for whoever keeps it elsewhere."""
        return f"{at.isoformat()} {_hashed(self._secret, address)} {_mark(self._secret)}"

    def bring_back(self, other: Path) -> None:
        """Add those lines of another such file, if there is one, that are not in this one; raises OSError."""
        there = set(_lines(self._file))
        self._append([line for line in _lines(other) if line not in there])

    def since(self, moment: datetime.datetime) -> frozenset[str]:
        """What stands for the addresses that were erased after a moment."""
        found = (line.split() for line in _lines(self._file))
        return frozenset(hashed for at, hashed, *_ in found if datetime.datetime.fromisoformat(at) >= moment)

    def of_other_keys(self, moment: datetime.datetime, other: Path) -> int:
        """How many erasures after a moment, here and in another such file, were noted under no key that we have."""
        known = {_mark(key) for key in (self._secret, *self._accepted)}
        lines = [line.split() for line in {*_lines(self._file), *_lines(other)}]
        return len(
            {
                hashed
                for at, hashed, *mark in lines
                if datetime.datetime.fromisoformat(at) >= moment and mark and mark[0] not in known
            }
        )

    def stands_for(self, address: str, hashes: frozenset[str]) -> bool:
        """Whether an address, normalised, is one of those."""
        return any(_hashed(key, address) in hashes for key in (self._secret, *self._accepted))

    def _append(self, lines: Sequence[str]) -> None:
        if not lines:
            return
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="ascii") as file:
            file.write("".join(f"{line}\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())


def erased_among(addresses: Iterator[str], log: ErasureLog, since: datetime.datetime) -> list[str]:
    """Those addresses that were erased after a moment; each once."""
    hashes = log.since(since)
    return sorted({one for one in addresses if log.stands_for(one, hashes)}) if hashes else []


def _lines(file: Path) -> list[str]:
    with suppress(FileNotFoundError):
        return file.read_text(encoding="ascii").splitlines()
    return []


def _mark(secret: str) -> str:
    """By which a line says under which key it was noted."""
    return hmac.digest(secret.encode(), _PURPOSE + b", key", hashlib.sha256).hex()[:8]


def _hashed(secret: str, address: str) -> str:
    return hmac.digest(secret.encode(), _PURPOSE + address.encode(), hashlib.sha256).hex()
