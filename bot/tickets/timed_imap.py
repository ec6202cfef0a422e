"""IMAP connections that end at a given time, however slowly the server goes on talking."""

import imaplib
import io
import socket
from collections.abc import Callable
from typing import Any

LONGEST_IMAP_LINE = 1_000_000  # bytes

SecondsLeft = Callable[[], float]


class _TimedSocket(io.RawIOBase):
    """Reads from a socket until the time is over, however little comes at once: a time-out begins anew at each byte."""

    def __init__(self, connected: socket.socket, left: SecondsLeft) -> None:
        self._socket, self._left = connected, left
        self._timeout = connected.gettimeout()

    def readable(self) -> bool:
        """It is for nothing else."""
        return True

    def readinto(self, buffer: Any) -> int:
        """What has come; raises TimeoutError."""
        left = self._left()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left if self._timeout is None else min(self._timeout, left))
        return self._socket.recv_into(buffer)


class _Timed(imaplib.IMAP4):
    """Its documented ways to be changed: how it opens, and how it reads."""

    def __init__(self, left: SecondsLeft, *arguments: Any, **more: Any) -> None:
        self._left = left
        super().__init__(*arguments, **more)

    def open(self, *arguments: Any, **more: Any) -> None:
        """Connect."""
        super().open(*arguments, **more)
        self._timed = io.BufferedReader(_TimedSocket(self.socket(), self._left))

    def read(self, size: int) -> bytes:
        """So many bytes."""
        return self._timed.read(size)

    def readline(self) -> bytes:
        """One line."""
        line = self._timed.readline(LONGEST_IMAP_LINE + 1)
        if len(line) > LONGEST_IMAP_LINE:
            raise self.error("the line is too long")
        return line


class TimedImap(_Timed):
    """Without TLS."""


class TimedImapSsl(_Timed, imaplib.IMAP4_SSL):
    """With TLS."""
