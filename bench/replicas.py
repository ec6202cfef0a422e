"""Two of each process on PostgreSQL and Redis behind HAProxy, in a folder of their own; for tests and other benches.

HAProxy runs with the configuration of docs/scaling.md. It needs the trained model, HAProxy and the address of an empty
PostgreSQL database. `python -m bench.replicas DATABASE_URL [REDIS_URL]` starts them and prints the site's address until
Ctrl-C.
"""

import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench.machine import free_port, installed
from bot.certificates import trusted

START_SECONDS = 600.0  # two models are loaded, maybe beside other work
SWITCH_SECONDS = 120.0  # maybe beside other work
STOP_TOGETHER_SECONDS = 3.0  # then they are killed
LINKED = ("data", "models", "domain.yml", "config.yml", "credentials.yml", "bot", "actions")
SECRET = "a secret of the replicas alone, 32 characters"
HEALTH = {"rasa": "/webhooks/site/", "actions": "/health", "site": "/readyz"}
EXAMPLE = Path("docs/scaling.md")  # whose HAProxy configuration is used, with addresses of this machine
SOCKET = "haproxy.sock"


class Replicas:
    """The running processes, by name: rasa-1, actions-1, site-1, worker-1, and so on."""

    def __init__(
        self,
        folder: Path,
        database_url: str,
        redis_url: str = "",
        counts: Mapping[str, int] | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare them; nothing is started yet.

        Args:
            folder: where they run and keep their logs (`rasa-1.log`) and what var/ holds.
            database_url: an empty database, PostgreSQL where there are two of a kind.
            redis_url: what processes share beside the database; "" for nothing.
            counts: how many of each kind; two where it says nothing.
            settings: further ones, for all processes.
        """
        self.folder, self.database_url, self.redis_url = folder, database_url, redis_url
        self.counts = {kind: 2 for kind in (*HEALTH, "worker")} | dict(counts or {})
        for name in LINKED:
            if not (folder / name).exists():
                (folder / name).symlink_to(Path(name).resolve())
        shutil.copy("endpoints.yml", folder)
        self._ports = {name: free_port() for name in (*HEALTH, *self.names())}
        self.site, self.rasa, self.actions = (
            f"http://127.0.0.1:{self._ports[kind]}" for kind in ("site", "rasa", "actions")
        )
        self._settings = {
            "PYTHONPATH": str(Path.cwd()),
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore",
            "RASA_TELEMETRY_ENABLED": "false",
            "SITE_SECRET_KEY": SECRET,
            "SITE_URL": self.site,
            "CONTENT_PATH": str(folder / "var/content"),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "RASA_URL": self.rasa,
            "ACTIONS_URL": f"{self.actions}/webhook",
            "TRUSTED_PROXIES": "1",
            **(settings or {}),
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def names(self) -> list[str]:
        """Of all processes but the balancer."""
        return [f"{kind}-{number}" for kind, count in self.counts.items() for number in range(1, count + 1)]

    def address(self, name: str) -> str:
        """Where one process is reached past the balancer."""
        return f"http://127.0.0.1:{self._ports[name]}"

    def start_all(self) -> "Replicas":
        """Make the schema, load sample learners, start everything, and wait until it is up."""
        self._run("migrate", [sys.executable, "-m", "bot", "migrate"])
        self._run("samples", [sys.executable, "-c", LOAD_SAMPLES])
        doors = {kind: self._ports[kind] for kind in HEALTH}
        servers = {name: self._ports[name] for kind in HEALTH for name in self._of(kind)}
        written = balancer_configuration(doors, servers, self.folder / SOCKET)
        (self.folder / "haproxy.cfg").write_text(written, encoding="utf-8")
        for name in self.names():
            self.start(name)
        self._start("balancer", [installed("haproxy"), "-f", "haproxy.cfg", "-db"], {})
        for name in self.names():
            self.wait_for(name)
        self.wait_for_balancer()
        return self

    def wait_for_balancer(self, *names: str) -> None:
        """Until it gives requests to these processes, or to all; raises SystemExit where it does not."""
        wanted, began = names or [name for kind in HEALTH for name in self._of(kind)], time.monotonic()
        while not all(map(self.balanced, wanted)):
            if time.monotonic() - began > SWITCH_SECONDS:
                raise SystemExit(self.ask_balancer("show stat"))
            time.sleep(0.1)

    def start(self, name: str) -> None:
        """Start one process; `wait_for` it."""
        kind, port = name.partition("-")[0], self._ports[name]
        python = [sys.executable, "-m"]
        rasa = [*python, "bot.rasa.server", "run", "--interface", "127.0.0.1", "--port", str(port)]
        commands = {
            "rasa": [
                *rasa,
                "--endpoints",
                self._endpoints(),
                "--credentials",
                "credentials.yml",
                "--log-file",
                "/dev/null",
            ],
            "actions": [*python, "actions"],
            "site": [*python, "bot", "site"],
            "worker": [*python, "bot", "worker"],
        }
        own = {"site": {"SITE_PORT": str(port)}, "actions": {"ACTIONS_URL": f"http://127.0.0.1:{port}/webhook"}}
        self._start(name, commands[kind], own.get(kind, {}))

    def wait_for(self, name: str, seconds: float = START_SECONDS) -> None:
        """Until a process is up, by its health or what it says.

        Raises:
            SystemExit: it has ended, or is not up in time; with the end of its log.
        """
        began = time.monotonic()
        while not self.is_up(name):
            if self._running[name].poll() is not None or time.monotonic() - began > seconds:
                raise SystemExit(f"{name} is not up:\n{self.log(name)[-3000:]}")
            time.sleep(0.1)

    def is_up(self, name: str) -> bool:
        """Whether it answers by itself."""
        kind = name.partition("-")[0]
        if kind == "worker":
            return "the worker has started" in self.log(name)
        try:
            return (
                httpx.get(self.address(name) + HEALTH[kind], timeout=5, verify=trusted()).status_code == httpx.codes.OK
            )
        except httpx.HTTPError:
            return False

    def log(self, name: str) -> str:
        """What it has printed since it was last started."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def pid(self, name: str) -> int:
        """Of the process that was started last by that name."""
        return self._running[name].pid

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Send a signal, and wait until the process has ended where that is what it does."""
        process = self._running[name]
        process.send_signal(number)
        if number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
            process.wait(30)

    def ask_balancer(self, command: str) -> str:
        """What HAProxy says to a command of its admin socket."""
        with socket.socket(socket.AF_UNIX) as channel:
            channel.connect(str(self.folder / SOCKET))
            channel.sendall(f"{command}\n".encode())
            return b"".join(iter(lambda: channel.recv(65536), b"")).decode()

    @contextmanager
    def only(self, *chosen: str) -> Iterator[None]:
        """For as long as the block takes, the balancer gives new requests of their kinds to these processes alone."""
        kinds = {name.partition("-")[0] for name in chosen}
        others = [name for kind in kinds for name in self._of(kind) if name not in chosen]
        for name in others:
            self.ask_balancer(f"set server {name.partition('-')[0]}/{name} state maint")
        try:
            yield
        finally:
            for name in others:
                self.ask_balancer(f"set server {name.partition('-')[0]}/{name} state ready")
            self.wait_for_balancer(*others)

    def balanced(self, name: str) -> bool:
        """Whether the balancer gives requests to a process."""
        kind = name.partition("-")[0]
        for line in self.ask_balancer("show stat").splitlines():
            fields = line.split(",")
            if fields[:2] == [kind, name]:
                return fields[17].startswith("UP")
        return False

    def stop_all(self) -> None:
        """End what still runs."""
        for process in self._running.values():
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        end = time.monotonic() + STOP_TOGETHER_SECONDS
        for process in self._running.values():
            try:
                process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()

    def _of(self, kind: str) -> list[str]:
        return [name for name in self.names() if name.startswith(f"{kind}-")]

    def _place(self) -> Path:
        """The folder in which processes are started."""
        return self.folder

    def _endpoints(self) -> str:
        written = (self._place() / "endpoints.yml").read_text(encoding="utf-8")
        own = self._place() / "endpoints-balanced.yml"
        own.write_text(written.replace("http://127.0.0.1:5055", self.actions), encoding="utf-8")
        return own.name

    def _environment(self, own: Mapping[str, str]) -> dict[str, str]:
        return {**os.environ, **self._settings, **own}

    def _start(self, name: str, command: list[str], own: Mapping[str, str]) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            self._running[name] = subprocess.Popen(
                command, cwd=self.folder, env=self._environment(own), stdout=log, stderr=subprocess.STDOUT
            )

    def _run(self, name: str, command: list[str]) -> None:
        done = subprocess.run(command, cwd=self.folder, env=self._environment({}), capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{name} failed:\n{done.stdout[-1500:]}{done.stderr[-3000:]}")


LOAD_SAMPLES = """
from bot import bootstrap
from bot.commands.launch import load_all_samples
from bot.settings import Settings
load_all_samples(Settings.load())
"""


def balancer_configuration(doors: Mapping[str, int], servers: Mapping[str, int], admin: Path | None = None) -> str:
    """The documented HAProxy configuration with addresses of this machine.

    Args:
        doors: where it listens, a port by kind; what is documented of other kinds is left out.
        servers: a port by name, which begins with its kind.
        admin: its admin socket; None for none.
    """
    lines, kind = [], ""
    for line in example():
        word, *rest = line.split()
        if not line.startswith(" "):
            kind = rest[0] if word == "listen" else ""
        if kind and kind not in doors or word == "server":
            continue
        lines.append(f"    bind 127.0.0.1:{doors[kind]}" if word == "bind" else line)
        if word == "global" and admin:
            lines.append(f"    stats socket {admin} mode 600 level admin")
        if word == "bind":
            own = {name: port for name, port in servers.items() if name.startswith(f"{kind}-")}
            lines += [f"    server {name} 127.0.0.1:{port}" for name, port in own.items()]
    return "\n".join([*lines, ""])


def example() -> list[str]:
    """The lines of the documented HAProxy configuration."""
    text = EXAMPLE.read_text(encoding="utf-8")
    block = text[text.index("\n    global\n") :]
    lines = itertools.takewhile(lambda line: not line.strip() or line.startswith("    "), block.split("\n"))
    return [line[4:] for line in lines if line.strip()]


def main(arguments: list[str]) -> None:
    """Start, print, wait."""
    if not arguments:
        raise SystemExit(__doc__)
    with tempfile.TemporaryDirectory() as name:
        replicas = Replicas(Path(name), *arguments[:2])
        try:
            replicas.start_all()
            print(f"Ready: {replicas.site}/  (logs in {name}; Ctrl-C stops everything)", flush=True)
            signal.pause()
        except KeyboardInterrupt:
            pass
        finally:
            replicas.stop_all()


if __name__ == "__main__":
    main(sys.argv[1:])
