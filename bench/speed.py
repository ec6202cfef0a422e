"""Training, start, memory and answering of our pipeline and of stock Rasa: same content, same machine, one run."""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Iterator

import httpx
import yaml

from bench import content
from bot.tokens import action_key, sign_message_token

SECRET = "a secret for the bench, 32 characters or more"
RASA_PORT, ACTIONS_PORT = 5905, 5955
WARM_UP, MESSAGES, LOAD_SECONDS = 15, 100, 8
CLIENTS = (1, 8, 32)
Send = Callable[[httpx.Client, str, str], None]


def compare(examples: str, epochs: str = "") -> dict[str, dict[str, float]]:
    """Figures by pipeline ("stock", "ours"), seconds, milliseconds and MiB as named.

    Args:
        examples: how many a label, or "all".
        epochs: trains stock Rasa for so many instead of its 100, for when its training time is not wanted.
    """
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        messages = content.copy(root, examples)
        stock = root / "stock.yml"
        written = Path("bench/stock.yml").read_text(encoding="utf-8")
        stock.write_text(written.replace("epochs: 100", f"epochs: {epochs}") if epochs else written, encoding="utf-8")
        models, found = {}, {}
        for pipeline, config in (("ours", "config.yml"), ("stock", str(stock))):
            print(f"Training {pipeline} ...", file=sys.stderr, flush=True)
            models[pipeline], seconds = _train(root, config, pipeline)
            found[pipeline] = {"training s": round(seconds, 1)}
        for pipeline, model in models.items():
            print(f"Measuring {pipeline} ...", file=sys.stderr, flush=True)
            found[pipeline].update(_serve(model, pipeline == "ours", messages))
        return found


def table(found: dict[str, dict[str, float]]) -> str:
    """Both columns and their ratio."""
    lines = [f"{'':34s}{'ours':>10s}{'stock':>10s}{'ours/stock':>12s}"]
    for name, ours in found["ours"].items():
        stock = found["stock"][name]
        lines.append(f"{name:34s}{ours:>10.1f}{stock:>10.1f}{ours / stock:>12.2f}")
    return "\n".join(lines)


def _train(root: Path, config: str, pipeline: str) -> tuple[str, float]:
    """Train by `rasa train`, both with the same options and without anything cached; returns model and seconds."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "rasa", "train", "--config", config, "--out", str(root / pipeline), "--force"]
    command += ["--skip-validation", "--data", str(root / "data/nlu"), str(root / "data/stories")]
    env = {**os.environ, "RASA_CACHE_DIRECTORY": str(root / f"cache-{pipeline}")}
    subprocess.run(command, check=True, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return str(next((root / pipeline).glob("*.tar.gz"))), time.perf_counter() - started


def _serve(model: str, ours: bool, messages: list[str]) -> dict[str, float]:
    env = {
        **os.environ,
        "SITE_SECRET_KEY": SECRET,
        "ACTIONS_URL": f"http://127.0.0.1:{ACTIONS_PORT}/webhook",
    }
    folder = Path(model).parent
    credentials, endpoints = folder / "credentials.yml", folder / "endpoints.yml"
    credentials.write_text(Path("credentials.yml").read_text(encoding="utf-8") if ours else "rest:\n")
    endpoints.write_text(yaml.safe_dump(_endpoints(ours, folder)), encoding="utf-8")
    rasa = [sys.executable, "-m", "rasa", "run", "--enable-api", "--model", model, "--port", str(RASA_PORT)]
    rasa += ["--interface", "127.0.0.1", "--endpoints", str(endpoints), "--credentials", str(credentials)]
    actions = f"http://127.0.0.1:{ACTIONS_PORT}/health"
    with (
        _running([sys.executable, "-m", "actions"], env, actions),
        _running(rasa, env, f"http://127.0.0.1:{RASA_PORT}/status") as (process, ready),
    ):
        send = _through_the_door if ours else _through_rest
        figures = {"server ready s": ready, **_latencies(send, messages), **_throughput(send, messages)}
        return {**figures, "server memory MiB": _memory(process.pid)}


def _endpoints(ours: bool, folder: Path) -> dict[str, Any]:
    """Stock keeps conversations in memory, as `rasa init` has it; ours in a database, as it runs, but not in var/."""
    found: dict[str, Any] = yaml.safe_load(Path("endpoints.yml").read_text(encoding="utf-8"))
    found["action_endpoint"]["url"] = f"http://127.0.0.1:{ACTIONS_PORT}/webhook"
    if not ours:
        key = {"Authorization": f"Bearer {action_key(SECRET)}"}  # which ours derives from SITE_SECRET_KEY by itself
        return {"action_endpoint": {**found["action_endpoint"], "headers": key}}
    found["tracker_store"]["url"] = f"sqlite:///{folder / 'tracker.db'}"
    return found


@contextmanager
def _running(command: list[str], env: dict[str, str], address: str) -> Iterator[tuple[subprocess.Popen, float]]:
    """A process that answers at `address`, and the seconds until it did."""
    started = time.perf_counter()
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        pause = threading.Event()
        while not _answers(address):
            if process.poll() is not None:
                raise RuntimeError(f"ended at once: {' '.join(command)}")
            pause.wait(0.1)
        yield process, time.perf_counter() - started
    finally:
        process.terminate()
        process.wait(30)


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def _through_rest(client: httpx.Client, person: str, text: str) -> None:
    client.post("/webhooks/rest/webhook", json={"sender": person, "message": text}).raise_for_status()


def _through_the_door(client: httpx.Client, person: str, text: str) -> None:
    token = sign_message_token(SECRET, person, "site")
    headers = {"Authorization": f"Bearer {token}"}
    client.post("/webhooks/site/webhook", json={"text": text}, headers=headers).raise_for_status()


def _parse(client: httpx.Client, person: str, text: str) -> None:
    client.post("/model/parse", json={"text": text}).raise_for_status()


def _client() -> httpx.Client:
    return httpx.Client(base_url=f"http://127.0.0.1:{RASA_PORT}", timeout=60)


def _latencies(send: Send, messages: list[str]) -> dict[str, float]:
    """Median and 95th percentile in milliseconds, one message after the other; a new person every ten messages."""
    figures = {}
    kinds = (("parse", _parse, messages), ("reply", send, messages), ("reply by an action", send, ["no, thanks"]))
    with _client() as client:
        for name, work, texts in kinds:
            taken = []
            for number in range(WARM_UP + MESSAGES):
                before = time.perf_counter()
                work(client, f"{name} {number // 10}", texts[number % len(texts)])
                taken.append((time.perf_counter() - before) * 1000)
            cuts = statistics.quantiles(taken[WARM_UP:], n=20)
            figures.update({f"{name} p50 ms": cuts[9], f"{name} p95 ms": cuts[18]})
    return figures


def _throughput(send: Send, messages: list[str]) -> dict[str, float]:
    """Messages a second with so many people writing at once."""

    def write(number: int) -> int:
        end, count = time.perf_counter() + LOAD_SECONDS, 0
        with _client() as client:
            while time.perf_counter() < end:
                send(client, f"load {number} {count // 10}", messages[(number + count) % len(messages)])
                count += 1
        return count

    figures = {}
    for clients in CLIENTS:
        started = time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            total = sum(pool.map(write, range(clients)))
        figures[f"messages/s, {clients} at once"] = total / (time.perf_counter() - started)
    return figures


def _memory(pid: int) -> float:
    """Resident memory of a process and its children, in MiB (Linux)."""
    kilobytes = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:
            continue
        if str(pid) in (fields["Pid"].strip(), fields["PPid"].strip()) and "VmRSS" in fields:
            kilobytes += int(fields["VmRSS"].split()[0])
    return kilobytes / 1024
