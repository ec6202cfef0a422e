"""Keeps processes running: what dies is started again, with growing pauses where it never comes up."""

import datetime
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TextIO

import httpx
from honcho.colour import get_colours
from honcho.printer import Message, Printer
from honcho.process import Popen

LOOK_SECONDS = 0.1
HEALTH_TIMEOUT = 2.0  # seconds
LONGEST_RESTART_PAUSE = 60.0  # seconds between two tries
SHORT_LIFE = 10.0  # seconds; so many as FORGIVEN in a row, although it was up each time, are no mishap any more
FORGIVEN = 20
LEAST_BETWEEN_STARTS = 1.0  # seconds, whatever the reason
LAST_LINES_SECONDS = 1.0
STOP_SECONDS = 5.0  # for what is asked to end; then it is killed
SPEAKER = "system"  # who speaks in the supervisor's own lines


@dataclass(frozen=True)
class Program:
    """A process to keep running.

    Args:
        command: for the shell; or what gives it at each start, where it may be another one then.
        health: an address that answers once the process is up.
        says: words that it prints once it is up, where it has no such address.
        meanwhile: what to tell while it is away.
    """

    name: str
    command: str | Callable[[], str]
    environment: Mapping[str, str] = field(repr=False)
    health: str = ""
    says: str = ""
    meanwhile: str = ""


def pause_after(failures: int) -> float:
    """Seconds until the next try, after so many lives in a row that came to nothing."""
    return min(2.0 ** min(failures - 1, 10), LONGEST_RESTART_PAUSE) if failures > 0 else 0.0


class Life:
    """One run of a program, with what it has started itself; its output goes to the printer line by line."""

    def __init__(self, program: Program, write: "Writer") -> None:
        """Start it, in a process group of its own: Ctrl-C in a terminal reaches the supervisor alone."""
        self._program, self._write, self.up, self._began = program, write, False, time.monotonic()
        command = program.command if isinstance(program.command, str) else program.command()
        self._process = Popen(f"exec {command}", env=dict(program.environment))
        self._relaying = threading.Thread(target=self._relay, name=f"relay {program.name}", daemon=True)
        self._relaying.start()
        if program.health:
            threading.Thread(target=self._probe, name=f"probe {program.name}", daemon=True).start()

    @property
    def seconds(self) -> float:
        """How long it has lasted."""
        return time.monotonic() - self._began

    def ended(self) -> int | None:
        """Its exit code, minus the signal's number where it was killed; None while it runs."""
        code: int | None = self._process.poll()
        return code

    def send(self, number: int) -> None:
        """Send a signal to it and to whatever it has started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def bury(self) -> None:
        """It has ended: end what it has left behind, which may hold its port, and print its last lines."""
        self.send(signal.SIGKILL)
        self._relaying.join(LAST_LINES_SECONDS)

    def _relay(self) -> None:
        for line in iter(self._process.stdout.readline, b""):
            if self._program.says and self._program.says.encode() in line:
                self.up = True
            self._write(self._program.name, line)

    def _probe(self) -> None:
        # One client for all tries: each new one reads the certificate authorities anew, which takes half a core.
        with httpx.Client(timeout=HEALTH_TIMEOUT, trust_env=False) as client:
            while not self.up and self.ended() is None:
                with suppress(httpx.HTTPError):
                    self.up = client.get(self._program.health).status_code < 500
                time.sleep(LOOK_SECONDS)


class Writer:
    """Prints whole lines of several processes, each after its name."""

    def __init__(self, names: Sequence[str], output: TextIO) -> None:
        """Give each name a colour, where the output has any."""
        self._printer = Printer(output, width=max(map(len, (SPEAKER, *names))))
        self._colours: dict[str, Any] = dict(zip(names, get_colours()))
        self._guard = threading.Lock()

    def __call__(self, name: str, line: str | bytes) -> None:
        """Print one line."""
        now = datetime.datetime.now()
        with self._guard, suppress(OSError):  # nobody reads any more
            self._printer.write(Message(type="line", data=line, time=now, name=name, colour=self._colours.get(name)))


class Supervised:
    """A program with its present life, if it has one, and how many before it came to nothing."""

    def __init__(self, program: Program, write: Writer) -> None:
        """Nothing is started yet."""
        self.program, self._write = program, write
        self.life: Life | None = None
        self._lives, self._failures, self._short, self._due, self._told = 0, 0, 0, 0.0, False

    def look(self) -> None:
        """Start it where it is due, and tell where it has ended or come up."""
        if self.life is None:
            self._start()
        elif (code := self.life.ended()) is not None:
            self._end(self.life, code)
        elif self.life.up and not self._told:
            self._told = True
            if self._lives > 1:
                self._say(f"is up again, {self.life.seconds:.0f} s after it was started.")

    def _start(self) -> None:
        if time.monotonic() < self._due:
            return
        self._lives, self._told = self._lives + 1, False
        try:
            self.life = Life(self.program, self._write)
        except OSError as error:  # no process or no memory left
            self._failures += 1
            self._again(f"cannot be started ({error.strerror})")

    def _end(self, life: Life, code: int) -> None:
        life.bury()
        self.life, how = None, f"was killed by signal {-code}" if code < 0 else f"has ended with exit code {code}"
        self._failures = 0 if life.up else self._failures + 1
        self._short = self._short + 1 if life.seconds < SHORT_LIFE else 0
        self._due = time.monotonic() + max(0.0, LEAST_BETWEEN_STARTS - life.seconds)
        self._again(how if life.up else f"{how} before it was up; its lines above may tell why")

    def _again(self, how: str) -> None:
        pause = max(pause_after(self._failures), pause_after(self._short - FORGIVEN))
        self._due = max(self._due, time.monotonic() + pause)
        times = f" ({self._failures} times in a row)" if self._failures > 1 else ""
        when = f"is tried again in {pause:.0f} s" if pause else "is started again"
        self._say(f"{how}{times}. It {when}. {self.program.meanwhile}".strip())

    def _say(self, words: str) -> None:
        self._write(SPEAKER, f"{self.program.name} {words}")


class Supervisor:
    """Starts programs and keeps them running until it is asked to stop."""

    def __init__(self, programs: Sequence[Program], output: TextIO | None = None) -> None:
        """Nothing is started yet; what is printed goes to `output`, or else to standard output."""
        self._write = Writer([program.name for program in programs], output or sys.stdout)
        self.supervised = [Supervised(program, self._write) for program in programs]
        self._asked = 0

    def stop(self) -> None:
        """Ask everything to end; asked twice, it is killed. Safe in a signal handler."""
        self._asked += 1

    def run(self) -> None:
        """Until `stop`, SIGINT, SIGTERM or SIGHUP; when it returns, nothing that was started is left."""
        with _signals(self.stop):
            try:
                while not self._asked:
                    for one in self.supervised:
                        one.look()
                    time.sleep(LOOK_SECONDS)
            finally:
                self._end()

    def _end(self) -> None:
        self._write(SPEAKER, "Stopping.")
        lives = [one.life for one in self.supervised if one.life]
        for life in lives:
            life.send(signal.SIGTERM)
        limit = time.monotonic() + STOP_SECONDS
        while self._asked < 2 and time.monotonic() < limit and any(life.ended() is None for life in lives):
            time.sleep(LOOK_SECONDS)
        for life in lives:
            life.bury()
        while any(life.ended() is None for life in lives):
            time.sleep(LOOK_SECONDS)


@contextmanager
def _signals(stop: Any) -> Iterator[None]:
    """Call `stop` at each of the signals that end a program, for the length of the block."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: stop()) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
