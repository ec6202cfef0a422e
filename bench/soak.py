"""`python -m bench.soak DATABASE_URL [REDIS_URL]`: people talk to the assistant for a long time; does anything grow?

Locust (`make soak` installs it) plays learners, colleagues and readers against the processes of bench/replicas.py. A
ramp finds the highest number of users that are served well, then they stay for `--minutes`, and every ten seconds
memory, handles, threads, locks, connections and queues of each process are written down. At the end stands what grew,
with its uncertainty, as text, as `soak.json` and as `soak.png`; the exit code is 1 where something leaked or failed.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.full_data import write_rows
from bench.load.judging import WARM_UP, Growth, Step, busiest, growth, highest, holds, percentile
from bench.load.postbox import Postbox
from bench.load.sampling import Sampler, of_process, read_lines
from bench.machine import end_all_on_sigterm
from bench.replicas import Replicas
from bot.clock import now
from bot.database import Database
from bot.issuance.catalogue import CATALOGUE, Catalogue
from bot.issuance.store import completions
from tests.servers.slack import TOKEN

LEARNERS = 100_000
SLACK_SECRET = "the signing secret of the measurement"  # noqa: S105
NOT_OURS = "people and mail"
LOCUST = Path(".venv-tools/bin/locust")
RAMP, STEP_SECONDS, SETTLE_SECONDS = "40,80,120,160,200,250,300,350,400,500,600", 60, 20
SOAKED_SHARE = 0.9  # of the users of the last step that held: a rate for half an hour, not for a minute
MESSAGES = "message"  # how the names of those requests begin
NOISE = {"memory": 20.0, "threads": 4.0}  # an hour, of a process
WARM_UP_SECONDS, REST_SECONDS = 60, 60  # before handles are counted; until connections that nobody uses are closed
HANDLES_NOISE = 10  # more than before at rest: connections that a pool keeps
LEAST_SECONDS = 900.0  # of which growth can be told
MOST_ERRORS = 0.001  # of the requests
KINDS = ("memory", "threads")
OF_DATABASE = ("connections", "locks held", "outbox waiting", "slack events open", "messages unanswered")
NEVER = ("locks waited for", "connections idle in transaction")  # at the end of what may last for a moment


def main(arguments: list[str]) -> int:
    """Start everything, ramp, soak, judge."""
    end_all_on_sigterm()
    given = _arguments().parse_args(arguments)
    if not LOCUST.exists():
        raise SystemExit("Locust is missing: `make soak` installs it.")
    out = Path(given.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    postbox = Postbox()
    with tempfile.TemporaryDirectory() as name:
        counts = dict.fromkeys(("rasa", "actions", "site", "worker"), given.of_each)
        settings = _settings(postbox)
        replicas = Replicas(Path(name), given.database, given.redis, counts, settings)
        try:
            replicas.start_all()
            _add_learners(given.database)
            return _measure(given, replicas, postbox, out)
        finally:
            replicas.stop_all()
            postbox.close()
            for log in Path(name).glob("*.log"):
                shutil.copy(log, out)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", metavar="DATABASE_URL", help="an empty PostgreSQL database")
    parser.add_argument("redis", nargs="?", default="", metavar="REDIS_URL")
    parser.add_argument("--minutes", type=float, default=30.0, help="how long (default: 30)")
    parser.add_argument("--users", type=int, default=0, help="how many (default: found by a ramp)")
    parser.add_argument("--of-each", type=int, default=1, help="how many processes of each kind (default: 1)")
    parser.add_argument("--ramp", default=RAMP, help=f"users of its steps (default: {RAMP})")
    parser.add_argument("--step-seconds", type=int, default=STEP_SECONDS, help=f"of each (default: {STEP_SECONDS})")
    parser.add_argument("--out", default="results/soak", help="a folder (default: results/soak)")
    return parser


def _settings(postbox: Postbox) -> dict[str, str]:
    return {
        "TRUSTED_PROXIES": "2",  # the balancer, and whoever says where each user is
        "TOTAL_LIMITS_TIMES": "100",
        "SMTP_URL": postbox.smtp_url,
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SLACK_SECRET,
        "SLACK_API_URL": postbox.slack.url,
        "SLACK_TICKET_CHANNEL": "C0TICKETS",
        "STAFF_EMAILS": "anna@example.com",
    }


def _add_learners(database_url: str) -> None:
    """As many as are never asked for twice within an hour."""
    day, credential = now().date(), Catalogue.read(CATALOGUE).credentials[-1]
    row = {"credential": credential.id, "attempt": str(day), "title": credential.title, "percent": 100}
    row |= {"completed_on": day, "result": "", "name": "A Learner"}
    database = Database(database_url)
    with database.transaction() as connection:
        write_rows(connection, completions, ({"email": f"load{n}@example.com", **row} for n in range(LEARNERS)))
    database.engine.dispose()


def _measure(given: argparse.Namespace, replicas: Replicas, postbox: Postbox, out: Path) -> int:
    pids = {name: replicas.pid(name) for name in (*replicas.names(), "balancer")}
    pids[NOT_OURS] = os.getpid()
    users = given.users
    if not users:
        steps = _ramp(given, replicas, postbox, pids, out)
        best = highest(steps)
        if best is None:
            raise SystemExit(f"Not even {steps[0].users} users are served well.")
        users = round(best.users * SOAKED_SHARE)
    if not given.minutes:
        return 0
    samples, people, warm_up = out / "samples.jsonl", out / "people.jsonl", out / "warm-up.jsonl"
    for file in (samples, people, warm_up):
        file.unlink(missing_ok=True)
    _play(replicas.site, postbox, [(users, WARM_UP_SECONDS)], warm_up)
    before = _handles_at_rest(pids)
    with Sampler(pids, given.database, samples):
        print(f"\n{users} users for {given.minutes:g} minutes", flush=True)
        _play(replicas.site, postbox, [(users, round(60 * given.minutes))], people)
    return judge(read_lines(samples), read_lines(people), (before, _handles_at_rest(pids)), out)


def _handles_at_rest(pids: Mapping[str, int]) -> dict[str, int]:
    """Of each process of ours once nobody is there: under load they follow what is under way."""
    time.sleep(REST_SECONDS)
    return {name: int(of_process(pid).get("handles", 0)) for name, pid in pids.items() if name != NOT_OURS}


def _ramp(
    given: argparse.Namespace, replicas: Replicas, postbox: Postbox, pids: dict[str, int], out: Path
) -> list[Step]:
    """More and more users, until a step does not hold."""
    samples, steps = out / "ramp-samples.jsonl", list[Step]()
    print(f"{'users':>6} {'messages/s':>11} {'p95 s':>6} {'failed':>7}  busiest, in shares of a core", flush=True)
    for users in map(int, given.ramp.split(",")):
        people = out / f"ramp-{users}.jsonl"
        for file in (people, samples):
            file.unlink(missing_ok=True)
        with Sampler(pids, given.database, samples, 5.0):
            _play(replicas.site, postbox, [(users, SETTLE_SECONDS + given.step_seconds)], people)
        step, cpu = step_of(users, read_lines(people), read_lines(samples))
        steps.append(step)
        top = ", ".join(f"{name} {share:.0%}" for name, share in cpu[:4])
        print(f"{users:6} {step.answered:11.1f} {step.p95:6.2f} {step.failed:7}  {top}", flush=True)
        problem = holds(step, steps[0])
        if problem:
            print(f"{users} users are too many: {problem}.", flush=True)
            break
    (out / "ramp.json").write_text(json.dumps([vars(step) for step in steps], indent=2), encoding="utf-8")
    return steps


def step_of(users: int, people: list[dict], samples: list[dict]) -> tuple[Step, list[tuple[str, float]]]:
    """A step of the ramp and the share of a core that each process used, once all users were there."""
    began = people[0]["at"] + SETTLE_SECONDS if people else 0.0
    lines = [line for line in people if line["at"] > began and line["users"] >= users]
    seen = [line for line in samples if line["at"] > began] or samples
    times = sorted(
        time for line in lines for name, found in line["times"].items() if _is_message(name) for time in found
    )
    seconds = max(1.0, 10.0 * len(lines))
    waiting = [line["all"]["outbox waiting"] + line["all"]["messages unanswered"] for line in seen]
    cpu = {name: seen[-1]["of"][name].get("cpu", 0.0) - first.get("cpu", 0.0) for name, first in seen[0]["of"].items()}
    step = Step(
        users=users,
        answered=len(times) / seconds,
        p95=percentile(times, 0.95),
        requests=sum(len(found) for line in lines for found in line["times"].values()),
        failed=sum(sum(line["failed"].values()) for line in lines),
        waiting_first=int(waiting[0]),
        waiting_last=int(waiting[-1]),
    )
    return step, busiest(cpu, max(1.0, seen[-1]["at"] - seen[0]["at"]))


def _is_message(name: str) -> bool:
    return name.startswith(MESSAGES)


def _play(site: str, postbox: Postbox, steps: Sequence[tuple[int, int]], out: Path) -> None:
    environment = {
        **os.environ,
        "LOAD_POSTBOX": postbox.url,
        "LOAD_OUT": str(out),
        "LOAD_SLACK_SECRET": SLACK_SECRET,
        "LOAD_LEARNERS": str(LEARNERS),
        "LOAD_STEPS": ",".join(f"{users}:{seconds}" for users, seconds in steps),
    }
    command = [
        str(LOCUST),
        "--headless",
        "--only-summary",
        "-f",
        "bench/load/locustfile.py",
        "--host",
        site,
        "-s",
        "20",
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if not out.exists():
        raise SystemExit(f"Locust failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def judge(samples: list[dict], people: list[dict], rests: tuple[dict[str, int], dict[str, int]], out: Path) -> int:
    """Print the verdict, draw the pictures; 1 where something grew or failed.

    Args:
        samples, people: the lines of `Sampler` and of the Locust file.
        rests: handles of each process with nobody there, before and afterwards.
        out: the folder of the verdict and the picture.
    """
    growths = [*_of_processes(samples), *_of_database(samples)]
    print(f"\n{'':34} {'first':>9} {'last':>9} {'an hour':>9}   between")
    for one in growths:
        bounds = f"{one.slope.low:9.2f} {one.slope.high:9.2f}"
        verdict = "GROWS" if one.is_leak else "slows down" if one.slope.grows and one.slows_down else ""
        print(f"{one.name:34} {one.first:9.1f} {one.last:9.1f} {one.slope.an_hour:9.2f} {bounds}  {verdict}")
    failed = sum((Counter(line["failed"]) for line in people), Counter())
    number = sum(len(found) for line in people for found in line["times"].values())
    deadlocks = samples[-1]["all"]["deadlocks"] - samples[0]["all"]["deadlocks"]
    stuck = [name for name in NEVER if all(line["all"][name] > 0 for line in samples[-3:])]
    rate = _print_times(people)
    for what, times in failed.most_common():
        print(f"failed {times:6} times: {what}")
    told = f"deadlocks: {deadlocks:g}; stuck: {', '.join(stuck) or 'none'}"
    print(f"{number} requests, {sum(failed.values())} failed; {told}")
    before, after = rests
    print("handles at rest: " + ", ".join(f"{name} {before[name]} to {after[name]}" for name in before))
    leaks = [one.name for one in growths if one.is_leak]
    leaks += [f"{name} handles" for name in before if after[name] - before[name] > HANDLES_NOISE]
    found = {"rate": rate, "leaks": leaks, "failed": failed, "requests": number, "deadlocks": deadlocks, "stuck": stuck}
    found["handles_at_rest"] = {"before": before, "after": after}
    found["growth"] = {one.name: {**vars(one), "slope": vars(one.slope)} for one in growths}
    (out / "soak.json").write_text(json.dumps(found, indent=2), encoding="utf-8")
    _draw(samples, people, out / "soak.png")
    bad = bool(leaks or stuck or deadlocks or sum(failed.values()) > MOST_ERRORS * number)
    if samples[-1]["at"] - samples[0]["at"] < LEAST_SECONDS:
        print("So short a time says little: what grows may still be warming up.")
    print("Something grows or fails." if bad else "Nothing grows, nothing is stuck, what failed is within the limit.")
    return int(bad)


def _of_processes(samples: list[dict]) -> list[Growth]:
    found = []
    for name in samples[0]["of"]:
        if name == NOT_OURS:
            continue
        for kind in KINDS:
            seen = [(line["at"], line["of"][name][kind]) for line in samples if line["of"].get(name)]
            times, values = [at for at, _ in seen], [value for _, value in seen]
            found.append(growth(f"{name} {kind}", times, values, NOISE[kind]))
    return found


def _of_database(samples: list[dict]) -> list[Growth]:
    times = [line["at"] for line in samples]
    return [growth(name, times, [line["all"][name] for line in samples], 10.0) for name in OF_DATABASE]


def _print_times(people: list[dict]) -> float:
    """Of each kind of request; returns messages a second."""
    print(f"\n{'':24} {'number':>8} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} {'most':>8}")
    names = sorted({name for line in people for name in line["times"]})
    for name in names:
        times = sorted(time for line in people for time in line["times"].get(name, ()))
        shown = " ".join(f"{1000 * percentile(times, share):8.0f}" for share in (0.5, 0.95, 0.99, 1.0))
        print(f"{name:24} {len(times):8} {shown}")
    seconds = max(1.0, people[-1]["at"] - people[0]["at"])
    messages = sum(len(found) for line in people for name, found in line["times"].items() if _is_message(name))
    print(f"{messages / seconds:.1f} messages a second with {max(line['users'] for line in people)} users")
    return messages / seconds


def _draw(samples: list[dict], people: list[dict], file: Path) -> None:
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, (above, middle, below) = pyplot.subplots(3, 1, figsize=(10, 10), sharex=True)
    began = samples[0]["at"]
    minutes = [(line["at"] - began) / 60 for line in people]
    for share, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99")):
        above.plot(minutes, [1000 * percentile(_message_times(line), share) for line in people], label=name)
    above.set(ylabel="answer to a message, ms", ylim=0)
    looked = [(line["at"] - began) / 60 for line in samples]
    for name in samples[0]["of"]:
        if name != NOT_OURS:
            middle.plot(looked, [line["of"][name].get("memory", 0) for line in samples], label=name)
            below.plot(looked, [line["of"][name].get("handles", 0) for line in samples], label=name)
    middle.set(ylabel="memory, MB", ylim=0)
    below.set(ylabel="open handles", ylim=0, xlabel="minutes")
    for one in (above, middle, below):
        one.axvspan(0, looked[-1] * WARM_UP, alpha=0.1)
        one.legend(loc="upper right", fontsize=7)
    figure.tight_layout()
    figure.savefig(file, dpi=110)


def _message_times(line: dict[str, Any]) -> list[float]:
    return sorted(time for name, found in line["times"].items() if _is_message(name) for time in found)


if __name__ == "__main__":
    started = time.perf_counter()
    code = main(sys.argv[1:])
    print(f"Took {(time.perf_counter() - started) / 60:.0f} minutes.")
    sys.exit(code)
