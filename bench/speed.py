"""Training, start, memory, answers and throughput of our pipeline and of stock Rasa: the same content, in one run."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable

import httpx
from sqlalchemy.engine import make_url

from bench import content, scale, servers
from bot.tokens import sign_message_token

WARM_UP, MESSAGES = 15, 100
COUNTS = (1, 2)  # Rasa processes
Send = Callable[[httpx.Client, str, str], None]
Figures = dict[str, dict[str, Any]]


def compare(examples: str, epochs: str = "", database_url: str = "") -> tuple[Figures, Figures]:
    """Figures of one server and of many clients.

    Args:
        examples: how many a label, or "all".
        epochs: trains stock Rasa for so many instead of its 100, for when its training time is not wanted.
        database_url: of an empty PostgreSQL database for ours; "" for SQLite.

    Returns:
        By pipeline ("ours", "stock"): seconds, milliseconds and MiB as named; and by pipeline and number of Rasa
        processes ("ours 2"): what bench/scale.py measures.
    """
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        questions = content.copy(root, examples)
        stock = root / "stock.yml"
        written = Path("bench/stock.yml").read_text(encoding="utf-8")
        stock.write_text(written.replace("epochs: 100", f"epochs: {epochs}") if epochs else written, encoding="utf-8")
        single: Figures = {}
        many: Figures = {}
        for pipeline, config in (("ours", "config.yml"), ("stock", str(stock))):
            _say(f"Training {pipeline} ...")
            model, seconds = _train(root, config, pipeline)
            single[pipeline] = {} if pipeline == "stock" and epochs else {"training s": round(seconds, 1)}
            for count in COUNTS:
                _say(f"Measuring {pipeline} with {count} Rasa ...")
                one, found = _serve(model, pipeline, count, questions, database_url)
                single[pipeline] |= one
                many[f"{pipeline} {count}"] = found
        return single, many


def table(found: Figures) -> str:
    """Both columns and their ratio."""
    lines = [f"{'':34s}{'ours':>10s}{'stock':>10s}{'ours/stock':>12s}"]
    for name, ours in found["ours"].items():
        if name in found["stock"]:
            stock = found["stock"][name]
            lines.append(f"{name:34s}{ours:>10.1f}{stock:>10.1f}{ours / stock:>12.2f}")
    return "\n".join(lines)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _train(root: Path, config: str, pipeline: str) -> tuple[str, float]:
    """Train by `rasa train`, both with the same options and without anything cached; returns model and seconds."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "rasa", "train", "--config", config, "--out", str(root / pipeline), "--force"]
    command += ["--skip-validation", "--data", str(root / "data/nlu"), str(root / "data/stories")]
    env = {**os.environ, "RASA_CACHE_DIRECTORY": str(root / f"cache-{pipeline}")}
    subprocess.run(command, check=True, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return str(next((root / pipeline).glob("*.tar.gz"))), time.perf_counter() - started


def _serve(
    model: str, pipeline: str, count: int, questions: list[str], database_url: str
) -> tuple[dict[str, float], dict[str, Any]]:
    """Figures of a single server where there is one, and those of many clients."""
    ours = pipeline == "ours"
    database = (make_url(database_url).database or "") if database_url and ours else ""
    started = servers.ours(model, count, database_url) if ours else servers.stock(model, count)
    with started as running:
        found: dict[str, float] = {}
        if count == 1:
            send = _through_the_door if ours else _through_rest
            found = {"server ready s": running.ready, **_latencies(running.rasas[0], send, questions)}
        many = scale.measured(running, questions, database)
        if count == 1:
            found["server memory MiB"] = _memory(running.processes["Rasa"][0])
    return found, many


def _through_rest(client: httpx.Client, person: str, text: str) -> None:
    client.post("/webhooks/rest/webhook", json={"sender": person, "message": text}).raise_for_status()


def _through_the_door(client: httpx.Client, person: str, text: str) -> None:
    token = sign_message_token(servers.SECRET, person, "site")
    headers = {"Authorization": f"Bearer {token}"}
    client.post("/webhooks/site/webhook", json={"text": text}, headers=headers).raise_for_status()


def _parse(client: httpx.Client, person: str, text: str) -> None:
    client.post("/model/parse", json={"text": text}).raise_for_status()


def _latencies(rasa: str, send: Send, questions: list[str]) -> dict[str, float]:
    """Median and 95th percentile in milliseconds, one message after the other; a new person every ten messages."""
    figures = {}
    kinds = (("parse", _parse, questions), ("reply", send, questions), ("reply by an action", send, ["no, thanks"]))
    with httpx.Client(base_url=rasa, timeout=60) as client:
        for name, work, texts in kinds:
            taken = []
            for number in range(WARM_UP + MESSAGES):
                before = time.perf_counter()
                work(client, f"{name} {number // 10}", texts[number % len(texts)])
                taken.append((time.perf_counter() - before) * 1000)
            cuts = statistics.quantiles(taken[WARM_UP:], n=20)
            figures.update({f"{name} p50 ms": cuts[9], f"{name} p95 ms": cuts[18]})
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
