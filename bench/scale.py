"""`python -m bench.scale [MODEL]`: the assistant at 1, 8 and 32 clients, with one and two Rasa processes.

`make bench` does the same beside stock Rasa. Told are times, throughput, and which process needs how much of the
processors for a message. The variable DATABASE_URL names an empty PostgreSQL database, else it is SQLite; two Rasa
processes of ours need HAProxy before them.
"""

import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from bench import clients as load
from bench.machine import end_all_on_sigterm
from bench.servers import SECRET, Running, ours

TICKS = os.sysconf("SC_CLK_TCK")
Found = Mapping[str, Mapping[str, Any]]


def measured(running: Running, questions: Sequence[str], database: str = "") -> dict[str, Any]:
    """Figures by the number of clients, after a short warm-up.

    Args:
        running: the servers; children of their processes count with them.
        questions: that an FAQ answers.
        database: name of the PostgreSQL database, whose processes count as well.
    """
    load.write(running.door, 16, questions, conversations=1)
    found = {}
    for clients in load.AT_ONCE:
        result = load.write(running.door, clients, questions, meter=lambda: _worked(running.processes, database))
        found[str(clients)] = {
            **{f"p{percent} ms": result.percentile(percent) for percent in (50, 95, 99)},
            "messages/s": result.throughput,
            "silent": result.silent,
            "processor ms a message": {name: 1000 * seconds for name, seconds in result.worked.items()},
        }
    return found


def _worked(processes: Mapping[str, Sequence[int]], database: str) -> dict[str, float]:
    """Seconds that the processors have worked so far, by group, that of the clients included (Linux)."""
    seconds, parents = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            told = stat.with_name("cmdline").read_text() if database else ""
        except OSError:  # it has just ended
            continue
        number = int(stat.parent.name)
        seconds[number] = (int(fields[11]) + int(fields[12])) / TICKS
        parents[number] = -1 if told.startswith("postgres:") and f" {database} " in told else int(fields[1])
    groups = {**processes, **({"database": [-1]} if database else {})}
    found = {name: sum(s for n, s in seconds.items() if {n, parents[n]} & {*own}) for name, own in groups.items()}
    return {**found, "clients": time.process_time()}


def processor_table(found: Found, clients: str = "32") -> str:
    """Milliseconds of the processors that a message costs each process."""
    columns = {name: row[clients]["processor ms a message"] for name, row in found.items()}
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    lines = [f"{'processor ms a message':26s}" + "".join(f"{name:>12s}" for name in columns)]
    for name in names:
        lines.append(f"{name:26s}" + "".join(f"{column.get(name, 0):12.2f}" for column in columns.values()))
    return "\n".join([*lines, f"{'all':26s}" + "".join(f"{sum(column.values()):12.2f}" for column in columns.values())])


def table(found: Found) -> str:
    """A line for each pipeline and number of clients."""
    lines = [f"{'':12s}{'clients':>8s}{'messages/s':>12s}{'p50 ms':>9s}{'p95 ms':>9s}{'p99 ms':>9s}{'silent':>8s}"]
    for name, rows in found.items():
        for clients, row in rows.items():
            times = "".join(f"{row[f'p{percent} ms']:9.0f}" for percent in (50, 95, 99))
            lines.append(f"{name:12s}{clients:>8s}{row['messages/s']:12.1f}{times}{row['silent']:8d}")
    return "\n".join(lines)


def goals(found: Found) -> str:
    """What the figures at 32 and 8 clients come to."""
    rate = {name: rows["32"]["messages/s"] for name, rows in found.items()}
    late = found["ours 1"]["32"]["p95 ms"], found["stock 1"]["8"]["p95 ms"]
    return (
        f"32 clients, one Rasa: {rate['ours 1'] / rate['stock 1']:.2f} times stock's messages/s\n"
        f"32 clients, two Rasa: {rate['ours 2'] / rate['ours 1']:.2f} times those of one\n"
        f"p95 of ours at 32 clients {late[0]:.0f} ms, of stock at 8 {late[1]:.0f} ms"
    )


def main(arguments: Sequence[str]) -> None:
    """Measure ours alone."""
    end_all_on_sigterm()
    newest = max(Path("models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    url = os.environ.get("DATABASE_URL", "")
    database = (make_url(url).database or "") if url else ""
    found = {}
    for count in map(int, os.environ.get("RASAS", "1 2").split()):
        with ours(arguments[0] if arguments else str(newest), count, url) as running:
            found[f"{count} Rasa"] = measured(running, QUESTIONS, database)
            alone = replace(running, door=load.Signed(SECRET, *running.rasas))
            found[f"{count} alone"] = measured(alone, QUESTIONS, database)
    print(table(found), processor_table(found), sep="\n\n")


QUESTIONS = (
    "what is credly",
    "does my badge expire",
    "how do I share it on linkedin",
    "can I export my badges",
    "who can see my badge",
    "how do I add it to my email signature",
    "what kinds of credentials are there",
)

if __name__ == "__main__":
    main(sys.argv[1:])
