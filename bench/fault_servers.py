"""The servers around the processes that are tried: each can be stopped, frozen, made slow, or filled up."""

import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench.machine import free_port
from tests.servers.smtp import SmtpServer

FILLED = "filled-up"
LEFT_BYTES = 4096


class Room:
    """A small file system in memory, which can be filled up; a folder where it cannot be mounted."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        """Mount it, where that is allowed."""
        self.folder = folder
        folder.mkdir(mode=0o755)
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(folder)]
        self.is_small = (
            shutil.which("mount") is not None and not subprocess.run(command, capture_output=True).returncode
        )

    def fill(self) -> None:
        """Leave no room."""
        with suppress(OSError), open(self.folder / FILLED, "wb", buffering=0) as file:
            for size in (1 << 20, LEFT_BYTES, 1):
                with suppress(OSError):
                    while file.write(b"\0" * size) == size:
                        pass

    def empty(self) -> None:
        """Give the room back."""
        (self.folder / FILLED).unlink(missing_ok=True)

    def close(self) -> None:
        """Unmount it."""
        if self.is_small:
            subprocess.run(["umount", "-l", str(self.folder)], capture_output=True)


class PostgresServer:
    """A PostgreSQL server of its own, with one database; as root it runs as the user postgres."""

    def __init__(self, folder: Path) -> None:
        """Make and start it in an empty folder."""
        self._data, self._as = folder / "data", []
        self._programs = _programs()
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
            self._as = ["runuser", "-u", "postgres", "--"]
        self.port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "--no-sync")
        self.start()

    def start(self) -> None:
        """Start it; raises SystemExit where it does not come up."""
        options = f"-p {self.port} -k {self._data} -h 127.0.0.1 -c min_wal_size=32MB -c max_wal_size=64MB"
        self._run("pg_ctl", "-D", str(self._data), "-l", str(self._data / "log"), "-w", "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """End it, and every connection."""
        self._run("pg_ctl", "-D", str(self._data), "-m", mode, "-w", "stop")

    @property
    def is_running(self) -> bool:
        """Whether it has survived."""
        command = [*self._as, str(self._programs / "pg_ctl"), "-D", str(self._data), "status"]
        return not subprocess.run(command, stdout=subprocess.DEVNULL, cwd="/").returncode

    def signal(self, number: int) -> None:
        """Send a signal to all of its processes."""
        main = int((self._data / "postmaster.pid").read_text().split()[0])
        for pid in (main, *children(main)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def close(self) -> None:
        """End it, whatever state it is in."""
        with suppress(OSError, ValueError):
            self.signal(signal.SIGCONT)
        with suppress(SystemExit):
            self.stop("immediate")

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as, str(self._programs / program), *arguments]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd="/")
        if done.returncode:
            raise SystemExit(f"{program} failed: {done.stderr[-1000:]}")


class Post(SmtpServer):  # type: ignore[misc]
    """A mail server that notes when each mail came."""

    def __init__(self) -> None:
        """Take mails from now on."""
        super().__init__()
        self.mails = _Stamped()


class _Stamped(list[Any]):
    def append(self, mail: Any) -> None:
        mail["X-Came"] = str(time.monotonic())
        super().append(mail)


class Relay:
    """Passes connections on to a server, and can be away."""

    def __init__(self, host: str, port: int) -> None:
        """Listen from now on."""
        self._to, self.port = (host, port), free_port()
        self._open: list[socket.socket] = []
        self._listening: socket.socket | None = None
        self.start()

    def start(self) -> None:
        """Take connections."""
        self._listening = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def stop(self) -> None:
        """End all connections and take none."""
        closing, self._open = [self._listening, *self._open], []
        for one in closing:
            if one is not None:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                near = listening.accept()[0]
                far = socket.create_connection(self._to)
            except OSError:
                return
            self._open += [near, far]
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=_copy, args=(source, target), daemon=True).start()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for one in (source, target):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


def children(parent: int) -> Iterable[int]:
    """The processes that a process has started."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError, ValueError):
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                yield int(folder.name)


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    named = shutil.which("initdb") or (str(found[-1]) if found else "")
    if not named:
        raise SystemExit("PostgreSQL is missing: install Debian's package postgresql.")
    return Path(named).resolve().parent
