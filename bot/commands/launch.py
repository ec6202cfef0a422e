"""`python -m bot run`: Rasa, actions, site and worker, kept running until Ctrl-C; says when all are ready."""

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import yaml

from bot.errors import InvalidSetting
from bot.listening import check_listening
from bot.live import InvalidLive, folder_of, read_live
from bot.whole_files import replacing

if TYPE_CHECKING:
    from bot.supervisor import Program

START_LIMIT_SECONDS = 180
MEANWHILE = {
    "rasa": "Until it is up, the page, the search of the answers and the ticket form work.",
    "actions": "Until it is up, look-ups and tickets wait in the chat; the answers and the ticket form work.",
    "site": "Until it is up, nobody reaches the page; the chat goes on by itself afterwards.",
    "worker": "Until it is up, mail waits in the outbox.",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command has no options; settings come from the environment or .env."""


def run(args: argparse.Namespace) -> int:
    """Start everything and keep it running; returns 0 after Ctrl-C, 2 when a port is taken."""
    from bot.settings import Settings
    from bot.supervisor import Supervisor

    settings = Settings.load()
    ports = _ports(settings)
    if problems := _problems(ports):
        print("\n".join(problems), file=sys.stderr)
        return 2
    load_all_samples(settings)
    ready = threading.Thread(target=_announce, args=(ports, settings), daemon=True)
    ready.start()
    Supervisor(_programs(ports, settings)).run()
    return 0


def _programs(ports: dict[str, tuple[str, int]], settings: object) -> "list[Program]":
    """The four processes, with what tells that each is up and what works without it."""
    from bot.supervisor import Program
    from bot.worker import HAS_STARTED

    env = {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",
        "SITE_SECRET_KEY": settings.site_secret_key,  # type: ignore[attr-defined]
    }
    written = endpoints(settings.actions_url)  # type: ignore[attr-defined]
    commands: dict[str, str | Callable[[], str]] = {**_commands(ports, written)}
    # At each start the model that is live then, which is seldom the one of the first start.
    commands["rasa"] = lambda: _commands(ports, written, live_model(folder_of(settings)))["rasa"]
    health = {"rasa": "/webhooks/site/", "actions": "/health", "site": "/healthz"}
    return [
        Program(
            name=name,
            command=command,
            environment=_for_rasa(env) if name == "rasa" else env,
            health=_reached(*ports[name]) + health[name] if name in health else "",
            says=HAS_STARTED if name == "worker" else "",
            meanwhile=MEANWHILE[name],
        )
        for name, command in commands.items()
    ]


def rasa_command(settings: object) -> tuple[str, dict[str, str]]:
    """What starts Rasa's server with the model that is live: the command for the shell, and its environment.

    Raises:
        InvalidSetting: it could not listen where the settings say.
    """
    ports = _ports(settings)
    check_listening("rasa", *ports["rasa"])
    command = _commands(ports, endpoints(settings.actions_url), live_model(folder_of(settings)))["rasa"]  # type: ignore[attr-defined]
    return command, _for_rasa(dict(os.environ))


def _for_rasa(env: dict[str, str]) -> dict[str, str]:
    """Rasa does not report to its makers what goes on here, errors included, unless somebody wants it to."""
    return {"RASA_TELEMETRY_ENABLED": "false", **env}


def load_all_samples(settings: object) -> None:
    """Made-up learners into an empty local database, so that a lookup can be tried at once; never beside Credly.

    The team's daily answers come with the first start, too.
    """
    from bot import bootstrap
    from bot.issuance.samples import load_samples

    services = bootstrap.build(settings)  # type: ignore[arg-type]
    services.canned_answers.load_samples()
    if not services.settings.credly_token:
        issuance = services.issuance
        load_samples(services.database, services.catalogue.key, issuance.today(), weekday=issuance.rule.weekday)
    services.database.engine.dispose()


def _ports(settings: object) -> dict[str, tuple[str, int]]:
    def of(url: str, default: int) -> tuple[str, int]:
        parts = urlsplit(url)
        return parts.hostname or "127.0.0.1", parts.port or default

    rasa, actions = of(settings.rasa_url, 5005), of(settings.actions_url, 5055)  # type: ignore[attr-defined]
    return {
        "rasa": (settings.rasa_host or rasa[0], rasa[1]),  # type: ignore[attr-defined]
        "actions": (settings.actions_host or actions[0], actions[1]),  # type: ignore[attr-defined]
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
    with replacing(copy) as draft:  # several Rasa servers may start at once
        draft.write_text(yaml.safe_dump(content), encoding="utf-8")
    return copy


def live_model(content: Path) -> Path | None:
    """The model that Rasa starts with; None for the newest in models/, as where what is live is broken."""
    with suppress(InvalidLive):
        model = read_live(content).model
        return model if model and model.is_file() else None
    return None


def _commands(ports: dict[str, tuple[str, int]], endpoints_file: Path, model: Path | None = None) -> dict[str, str]:
    python = f'"{sys.executable}"'
    host, port = ports["rasa"]
    rasa = f"{python} -m bot.rasa.server run --interface {host} --port {port} --endpoints {endpoints_file}"
    rasa += f' --model "{model}"' if model else ""
    return {
        "rasa": f"{rasa} --credentials credentials.yml --log-file /dev/null",
        "actions": f"{python} -m actions",
        "site": f"{python} -m bot site",
        "worker": f"{python} -m bot worker",
    }


def _reached(host: str, port: int) -> str:
    """Where a server that listens there is reached from this machine."""
    near = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
    return f"http://[{near}]:{port}" if ":" in near else f"http://{near}:{port}"


def _problems(ports: dict[str, tuple[str, int]]) -> list[str]:
    found = []
    for name, (host, port) in ports.items():
        try:
            check_listening(name, host, port)
        except InvalidSetting as problem:
            found.append(str(problem))
    return found


def _announce(ports: dict[str, tuple[str, int]], settings: object) -> None:
    import httpx

    waiting_since = time.monotonic()
    pause = threading.Event()
    site = _reached(*ports["site"])
    late = False
    with httpx.Client(timeout=2) as client:
        while True:
            with suppress(httpx.HTTPError):
                if client.get(f"{site}/readyz").status_code == 200:
                    seconds = time.monotonic() - waiting_since
                    print(f"\nReady after {seconds:.0f} s: {site}/  (Ctrl-C stops everything)\n", flush=True)
                    return
            if not late and time.monotonic() - waiting_since > START_LIMIT_SECONDS:
                late = True
                print("Not everything is ready yet; see the messages above.", flush=True)
            pause.wait(0.5)
