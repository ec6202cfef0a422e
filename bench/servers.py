"""Starts what is compared: our site, action server and Rasa processes, and stock Rasa with its rest channel."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from bench import clients as load
from bench.machine import free_port, installed
from bench.replicas import balancer_configuration
from bot.certificates import trusted
from bot.tokens import action_key

SECRET = "a secret of the bench alone, 32 characters"
LINKED = ("data", "domain.yml", "config.yml", "credentials.yml", "bot", "actions")
RASA_OPTIONS = ("--interface", "127.0.0.1", "--endpoints", "endpoints.yml", "--log-file", "/dev/null")
QUIET: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@dataclass(frozen=True)
class Running:
    """Servers that are up: where messages go in, processes by what is told of them, Rasa's addresses and start."""

    door: load.Door
    processes: Mapping[str, Sequence[int]]
    rasas: Sequence[str]
    ready: float  # seconds


@contextmanager
def ours(model: str, count: int, database_url: str = "") -> Iterator[Running]:
    """Site, action server and so many Rasa processes, as they run in production, in a folder of their own."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as entered:
        folder = Path(name)
        for linked in LINKED:
            (folder / linked).symlink_to(Path(linked).resolve())
        site, actions, balancer, *rasas = (free_port() for _ in range(count + 3))
        env = environment(actions) | {
            "PYTHONPATH": str(Path.cwd()),
            "DATABASE_URL": database_url or f"sqlite:///{folder}/bot.db",
            "SITE_PORT": str(site),
            "TRUSTED_PROXIES": "1",
            "RASA_URL": local(balancer if count > 1 else rasas[0]),
        }
        subprocess.run([sys.executable, "-m", "bot", "migrate"], cwd=folder, env=env, check=True, **QUIET)
        endpoints = yaml.safe_load(Path("endpoints.yml").read_text(encoding="utf-8"))
        endpoints["action_endpoint"]["url"] = env["ACTIONS_URL"]
        (folder / "endpoints.yml").write_text(yaml.safe_dump(endpoints), encoding="utf-8")
        begun = Begun(entered, env, folder)
        begun.start("actions", ["actions"], local(actions, "/health"))
        rasa = ["bot.rasa.server", "run", "--enable-api", "--model", str(Path(model).resolve()), *RASA_OPTIONS]
        began = time.perf_counter()
        for port in rasas:
            begun.start("Rasa", [*rasa, "--port", str(port)], local(port, "/webhooks/site/"))
        begun.wait()
        ready = time.perf_counter() - began
        if count > 1:
            begun.run("balancer", _balancer(folder, balancer, rasas), local(balancer, "/webhooks/site/"))
        begun.start("site", ["bot", "site"], local(site, "/healthz"))
        begun.wait()
        yield Running(load.Site(local(site)), begun.numbers, [local(port) for port in rasas], ready)


@contextmanager
def stock(model: str, count: int) -> Iterator[Running]:
    """So many processes of `rasa run` with its rest channel, which keep conversations in memory, and our actions."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as entered:
        folder, (actions, *rasas) = Path(name), [free_port() for _ in range(count + 1)]
        env = environment(actions) | {"PYTHONPATH": str(Path.cwd())}
        for linked in LINKED:
            (folder / linked).symlink_to(Path(linked).resolve())
        (folder / "rest.yml").write_text("rest:\n", encoding="utf-8")
        key = {"Authorization": f"Bearer {action_key(SECRET)}"}  # which ours derives from SITE_SECRET_KEY by itself
        endpoint = {"url": env["ACTIONS_URL"], "headers": key, "enable_selective_domain": True}
        (folder / "endpoints.yml").write_text(yaml.safe_dump({"action_endpoint": endpoint}), encoding="utf-8")
        begun = Begun(entered, env, folder)
        begun.start("actions", ["actions"], local(actions, "/health"))
        rasa = ["rasa", "run", "--enable-api", "--model", str(Path(model).resolve()), *RASA_OPTIONS]
        began = time.perf_counter()
        for port in rasas:
            begun.start("Rasa", [*rasa, "--credentials", "rest.yml", "--port", str(port)], local(port, "/status"))
        begun.wait()
        ready, addresses = time.perf_counter() - began, [local(port) for port in rasas]
        yield Running(load.Rest(*addresses), begun.numbers, addresses, ready)


class Begun:
    """Processes that were started, by what is told of them; they end with the stack."""

    def __init__(self, entered: ExitStack, env: Mapping[str, str], folder: Path) -> None:
        """Nothing is started yet; `env` and `folder` are those of all."""
        self.numbers: dict[str, list[int]] = {}
        self._entered, self._env, self._folder = entered, env, folder
        self._waited: list[tuple[subprocess.Popen[bytes], str]] = []

    def start(self, name: str, module: Sequence[str], address: str) -> None:
        """Start a Python module with its arguments, which answers at an address once it is up."""
        self.run(name, [sys.executable, "-m", *module], address)

    def run(self, name: str, command: Sequence[str], address: str) -> None:
        """Start a command."""
        process = subprocess.Popen(command, cwd=self._folder, env=dict(self._env), **QUIET)
        self._entered.callback(process.wait, 60)
        self._entered.callback(process.terminate)
        self.numbers.setdefault(name, []).append(process.pid)
        self._waited.append((process, address))

    def wait(self) -> None:
        """Until all answer; raises SystemExit where one has ended."""
        pause = threading.Event()
        for process, address in self._waited:
            while not _answers(address):
                if process.poll() is not None:
                    raise SystemExit(f"It did not start: {process.args!r}")
                pause.wait(0.1)


def environment(actions: int) -> dict[str, str]:
    """What all processes get, given the port of the action server."""
    own = {"SITE_SECRET_KEY": SECRET, "ACTIONS_URL": local(actions, "/webhook"), "PYTHONWARNINGS": "ignore"}
    return {**os.environ, **own, "RASA_TELEMETRY_ENABLED": "false"}


def _balancer(folder: Path, port: int, rasas: Sequence[int]) -> list[str]:
    written = balancer_configuration({"rasa": port}, {f"rasa-{number}": number for number in rasas})
    (folder / "haproxy.cfg").write_text(written, encoding="utf-8")
    return [installed("haproxy"), "-f", "haproxy.cfg", "-db"]


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5, verify=trusted()).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def local(port: int, path: str = "") -> str:
    """An address of this machine."""
    return f"http://127.0.0.1:{port}{path}"
