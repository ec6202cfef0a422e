"""`python -m bench.full [DATABASE_URL]`: every page, route and command with a nearly empty and with a full database.

A million messages in 150,000 conversations and 100,000 tickets, and 1,000 messages and 250 tickets, of which each
filter of the queue still has a full page; measured in turns. Without an address it uses SQLite in a temporary folder;
on PostgreSQL it makes two schemas of its own and drops them. Filling takes some minutes; the review needs the trained
model. `--only WORDS` asks only what has these words in its name, `--share 0.1` makes the full one smaller. Two
addresses, of databases that are empty or were filled so before, are used as they are and kept (on SQLite each in a
folder of its own, as Rasa's record lies beside it); `--fill` fills them and ends.
"""

import argparse
import datetime
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sql
from sqlalchemy.engine import make_url

from bench.full_data import SPREAD_DAYS, STAFF_ADDRESSES, Filling, FullSize, fill
from bench.full_pages import COMMANDS_ASKED, FIRST, MeasuredSite, Prepared, unasked
from bench.lookup import _place as place
from bench.replicas import LINKED
from bot.bootstrap import build
from bot.clock import now
from bot.conversations.store import messages
from bot.database import Database
from bot.insight.daily_counts import settle
from bot.settings import Settings
from bot.site.app import create_app
from bot.site.limits import LIMITS
from tests.servers.rasa import RasaServer

FULL_SIZE, NEARLY_EMPTY_SIZE = FullSize(1_000_000, 150_000, 100_000, 2_000), FullSize(1_000, 150, 250, 230)
MOST_TIMES_OVER = 2.0
MOST_ASKED, LEAST_ASKED, SECONDS_ASKED, COMMAND_TIMES = 15, 3, 2.0, 3
TEAMS_ZONE = datetime.timezone.utc  # as TIME_ZONE is where nobody sets it
SECRET_OF_BENCH = "a secret of the measurement, 40 characters"
UNLIMITED = {name: "100000/second" for name in LIMITS}


@dataclass
class Comparison:
    """Seconds of the same in both databases: the first time in the full one, and the least of several."""

    name: str
    first: float
    small: float = 1e9
    full: float = 1e9

    @property
    def times(self) -> float:
        """How many times as long the full database takes."""
        return self.full / max(self.small, 1e-6)

    @property
    def is_over(self) -> bool:
        """Whether that is more than is allowed."""
        return self.times > MOST_TIMES_OVER


def main(arguments: list[str]) -> int:
    """Fill, measure, print; 1 where something is over."""
    given = _arguments().parse_args(arguments)
    share = given.share
    size = FullSize(*(round(share * number) for number in vars(FULL_SIZE).values()))
    with ExitStack() as stack:
        url, root = (given.databases or [""])[0], Path.cwd()
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = {
            "PYTHONPATH": str(root),
            "TIME_ZONE": str(TEAMS_ZONE),
            "SITE_SECRET_KEY": SECRET_OF_BENCH,
            "AUDITOR_EMAILS": STAFF_ADDRESSES[0],
        }
        os.environ |= {**environment, "STAFF_EMAILS": ",".join(STAFF_ADDRESSES)}
        for name in LINKED:
            (folder / name).symlink_to((root / name).resolve())
        os.chdir(folder)
        rasa = RasaServer(SECRET_OF_BENCH)
        stack.callback(rasa.close)
        kept = len(given.databases) == 2
        urls = given.databases if kept else [stack.enter_context(place(url)) for _ in range(2)]
        for one, wanted in zip(urls, (NEARLY_EMPTY_SIZE, size)):
            _fill_once(one, wanted)
        if given.fill:
            return 0
        small, full = (_site(one, rasa.url, wanted) for one, wanted in zip(urls, (NEARLY_EMPTY_SIZE, size)))
        light = not url.startswith("postgresql")
        clock = time.process_time if light else _clock_with_servers(urls) if kept else time.perf_counter
        found = list(_compared(small, full, given.only, clock))
        found += _commands(urls, small, given.only, cpu=light)
    return _report(found, "PostgreSQL" if url.startswith("postgresql") else "SQLite")


def _fill_once(url: str, size: FullSize) -> None:
    began, database = time.perf_counter(), Database(url)
    database.create_schema()
    with database.transaction() as connection:
        filled = connection.execute(sql.select(messages.c.number).limit(1)).first()
    if filled is None:
        fill(url, size, now())
        print(f"{size} in {time.perf_counter() - began:.0f} s", flush=True)
    began, noted = time.perf_counter(), 0
    while settled := settle(database, TEAMS_ZONE):  # as the worker has, where one runs
        noted += settled
    if noted:
        print(f"{noted} changes counted by day in {time.perf_counter() - began:.0f} s", flush=True)
    database.engine.dispose()


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("databases", nargs="*", default=[], metavar="DATABASE_URL")
    parser.add_argument("--fill", action="store_true")
    parser.add_argument("--only", default="", metavar="WORDS")
    parser.add_argument("--share", type=float, default=1.0)
    return parser


def _site(url: str, rasa: str, size: FullSize) -> MeasuredSite:
    given = {"DATABASE_URL": url, "RASA_URL": rasa, "ACTIONS_URL": f"{rasa}/webhook", "ATTACHMENTS_URL": "folder:files"}
    services = build(Settings.load({**os.environ, **given}))
    app = create_app(services, UNLIMITED)
    filled = Filling(NEARLY_EMPTY_SIZE, now(), _no_chance())
    ticket = 41
    talk = filled.name(ticket * size.conversations // size.tickets)
    ids = {"ticket": filled.reference(ticket), "talk": talk, "past": talk, "mail": "2"}
    return MeasuredSite(app, services).prepare(size.tickets, ids)


def _no_chance() -> "object":
    import random

    return random.Random(1)


def _clock_with_servers(urls: Sequence[str]) -> Callable[[], float]:
    """CPU seconds of this process and of the servers of two PostgreSQL databases on this machine; else all seconds."""
    marks = [f" {make_url(url).database} ".encode() for url in urls]
    looking = 0.0  # what reading this clock has taken

    def seconds() -> float:
        nonlocal looking
        began = time.process_time()
        used = began - looking
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it may have ended
                name = (process / "cmdline").read_bytes()
                if name.startswith(b"postgres:") and any(mark in name for mark in marks):
                    used += int((process / "schedstat").read_text().split()[0]) / 1e9
        looking += time.process_time() - began
        return used

    return seconds if Path("/proc/self/schedstat").exists() else time.perf_counter


def _compared(small: MeasuredSite, full: MeasuredSite, only: str, clock: Callable[[], float]) -> Iterator[Comparison]:
    pairs = list(zip(small.asked(), full.asked()))
    left = unasked(full.app, [name for (name, _), _ in pairs])
    if left:
        raise SystemExit(f"Not asked, and no reason given in bench/full_pages.py: {', '.join(left)}")
    for (name, in_small), (_, in_full) in pairs:
        if only in name:
            found = _compare(name, in_small, in_full, clock)
            print(_line(found), flush=True)
            yield found


def _compare(name: str, in_small: Callable, in_full: Callable, clock: Callable[[], float]) -> Comparison:
    """In turns, so that both meet the same machine."""
    _took(in_small, name, clock)  # templates and the like are read once
    found = Comparison(name, _took(in_full, name, clock))
    began, times = time.perf_counter(), 0
    while times < LEAST_ASKED or (times < MOST_ASKED and time.perf_counter() - began < SECONDS_ASKED):
        found.small = min(found.small, _took(in_small, name, clock))
        found.full = min(found.full, _took(in_full, name, clock))
        times += 1
    return found


def _took(ask: Callable, name: str, clock: Callable[[], float]) -> float:
    if isinstance(ask, Prepared):
        ask.ready = ask.before()
    began = clock()
    answer = ask()
    took = clock() - began
    if answer.status_code >= 500 or answer.status_code in (400, 429):
        raise SystemExit(f"{name}: {answer.status}: {answer.text[:500]}")
    return took


def _commands(urls: list[str], small: MeasuredSite, only: str, cpu: bool) -> Iterator[Comparison]:
    day = (now() - datetime.timedelta(days=SPREAD_DAYS)).date()
    credential = small.services.catalogue.credentials[0].title
    rows = "".join(f"new{n}@example.com,L {n},{credential},100,{day}\n" for n in range(50))
    Path("lines.csv").write_text(f"email,name,credential,percent,completed_on\n{rows}", encoding="utf-8")
    for command in COMMANDS_ASKED:
        name = f"python -m bot {command}"
        if only in name:
            words, before = (
                one.format(**small.values, csv="lines.csv").split() for one in (command, FIRST.get(command, ""))
            )
            found = Comparison(name, 0.0)
            for turn in range(COMMAND_TIMES + 1):
                for url in urls if before else ():
                    _run(before, url, cpu, may_fail=True)
                few, many = (_run(words, url, cpu) for url in urls)
                found.first = found.first or many
                if turn:
                    found.small, found.full = min(found.small, few), min(found.full, many)
            print(_line(found), flush=True)
            yield found


def _run(words: list[str], url: str, cpu: bool, may_fail: bool = False) -> float:
    began = time.perf_counter()
    environment = {**os.environ, "DATABASE_URL": url, "PYTHONWARNINGS": "ignore"}
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen([sys.executable, "-m", "bot", *words], env=environment, stdout=output, stderr=output)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode and not may_fail:
            output.seek(0)
            raise SystemExit(f"{' '.join(words)}: {output.read().decode()[-1000:]}")
    return used.ru_utime + used.ru_stime if cpu else time.perf_counter() - began


def _report(found: list[Comparison], where: str) -> int:
    """The table, worst first."""
    print(f"\n{where}: milliseconds, least of several; * more than {MOST_TIMES_OVER:g} times")
    print(f"{'':66} {'few':>8} {'full':>8} {'times':>6} {'first':>8}")
    for one in sorted(found, key=lambda one: -one.times):
        print(_line(one))
    over = sum(one.is_over for one in found)
    print(f"{len(found)} measured, {over} over.")
    return 1 if over else 0


def _line(one: Comparison) -> str:
    mark, milliseconds = "*" if one.is_over else " ", (1000 * one.small, 1000 * one.full)
    line = f"{milliseconds[0]:8.1f} {milliseconds[1]:8.1f} {one.times:6.2f} {1000 * one.first:8.1f}"
    return f"{mark} {one.name[:64]:64} {line}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
