"""`python -m bot run`: starts Rasa, actions, site and worker, says when all are ready, stops all on Ctrl-C."""

import argparse
import os
import socket
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import yaml

START_LIMIT_SECONDS = 180


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command has no options; settings come from the environment or .env."""


def run(args: argparse.Namespace) -> int:
    """Start everything; returns 0 after Ctrl-C, 1 when a process died, 2 when a port is taken."""
    from honcho.manager import Manager

    from bot.settings import Settings

    settings = Settings.load()
    ports = _ports(settings)
    taken = [f"{name} port {port}" for name, (host, port) in ports.items() if _taken(host, port)]
    if taken:
        print(f"Already in use: {', '.join(taken)}. Stop what uses it, or change the setting.", file=sys.stderr)
        return 2
    _load_samples(settings)
    manager = Manager()
    env = {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",
        "SITE_SECRET_KEY": settings.site_secret_key,
    }
    for name, command in _commands(ports, endpoints(settings.actions_url)).items():
        manager.add_process(name, command, env=_without_log_level(env) if name == "rasa" else env)
    ready = threading.Thread(target=_announce, args=(ports, settings), daemon=True)
    ready.start()
    manager.loop()
    stopped = manager.returncode in (0, 130, -2, None)
    return 0 if stopped else 1


def _without_log_level(env: dict[str, str]) -> dict[str, str]:
    """Rasa would take LOG_LEVEL for its own, whose names differ, and log what people write at its DEBUG."""
    return {name: value for name, value in env.items() if name != "LOG_LEVEL"}


def _load_samples(settings: object) -> None:
    """Made-up learners into an empty local database, so that a lookup can be tried at once; never beside Credly."""
    from bot import bootstrap
    from bot.issuance.samples import load_samples

    services = bootstrap.build(settings)  # type: ignore[arg-type]
    if not services.settings.credly_token:
        load_samples(services.database, services.catalogue.key, services.issuance.today())
    services.database.engine.dispose()


def _ports(settings: object) -> dict[str, tuple[str, int]]:
    def of(url: str, default: int) -> tuple[str, int]:
        parts = urlsplit(url)
        return parts.hostname or "127.0.0.1", parts.port or default

    return {
        "rasa": of(settings.rasa_url, 5005),  # type: ignore[attr-defined]
        "actions": of(settings.actions_url, 5055),  # type: ignore[attr-defined]
        "site": (settings.site_host, settings.site_port),  # type: ignore[attr-defined]
    }


def endpoints(actions_url: str, written: Path = Path("endpoints.yml"), folder: Path = Path("var")) -> Path:
    """The file that tells Rasa where to reach what; a copy in `folder` where the actions are elsewhere than written."""
    content = yaml.safe_load(written.read_text(encoding="utf-8"))
    if content["action_endpoint"]["url"] == actions_url:
        return written
    content["action_endpoint"]["url"] = actions_url
    folder.mkdir(exist_ok=True)
    copy = folder / "endpoints.yml"
    copy.write_text(yaml.safe_dump(content), encoding="utf-8")
    return copy


def _commands(ports: dict[str, tuple[str, int]], endpoints_file: Path) -> dict[str, str]:
    python = f'"{sys.executable}"'
    host, port = ports["rasa"]
    rasa = f"{python} -m bot.rasa.server run --interface {host} --port {port} --endpoints {endpoints_file}"
    return {
        "rasa": f"{rasa} --credentials credentials.yml --log-file /dev/null",
        "actions": f"{python} -m actions",
        "site": f"{python} -m bot site",
        "worker": f"{python} -m bot worker",
    }


def _taken(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0


def _announce(ports: dict[str, tuple[str, int]], settings: object) -> None:
    import httpx

    waiting_since = time.monotonic()
    pause = threading.Event()
    host, port = ports["site"]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
    while time.monotonic() - waiting_since < START_LIMIT_SECONDS:
        try:
            if httpx.get(f"http://{shown}:{port}/readyz", timeout=2).status_code == 200:
                seconds = time.monotonic() - waiting_since
                print(
                    f"\nReady after {seconds:.0f} s: http://{shown}:{port}/  (Ctrl-C stops everything)\n",
                    flush=True,
                )
                return
        except httpx.HTTPError:
            pass
        pause.wait(0.5)
    print("Not everything became ready; see the messages above.", flush=True)
