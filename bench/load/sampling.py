"""Looks every few seconds at what runs: memory, handles, threads, CPU, locks, connections, and what waits."""

import json
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sql

PAGE_BYTES, TICKS = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")
SAMPLE_SECONDS = 10.0
WAITING = {  # name: what is counted, in SQL
    "outbox waiting": "SELECT count(*) FROM outbox WHERE delivered_at IS NULL AND dead_at IS NULL",
    "outbox dead": "SELECT count(*) FROM outbox WHERE dead_at IS NOT NULL",
    "slack events open": "SELECT count(*) FROM slack_events WHERE done_at IS NULL",
    "messages unanswered": (
        "SELECT count(*) FROM messages WHERE turn IS NULL AND role = 'user' AND created_at < "
        "timezone('utc', now()) - interval '30 seconds' AND created_at > timezone('utc', now()) - interval '1 hour'"
    ),
    "connections": "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()",
    "connections idle in transaction": (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction' "
        "AND state_change < now() - interval '5 seconds'"
    ),
    "locks held": (
        "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database WHERE datname = current_database()"
    ),
    "locks waited for": "SELECT count(*) FROM pg_locks WHERE NOT granted",
    "deadlocks": "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()",
    "database MB": "SELECT pg_database_size(current_database()) / 1000000",
}


def of_process(pid: int) -> dict[str, float]:
    """MB of memory of its own that it has in use, handles, threads, seconds of CPU; empty for one that is gone."""
    folder = Path(f"/proc/{pid}")
    try:
        fields = (folder / "stat").read_text().rpartition(") ")[2].split()
        pages = (folder / "statm").read_text().split()
        return {
            "memory": (int(pages[1]) - int(pages[2])) * PAGE_BYTES / 1e6,  # without files that others share
            "handles": len(os.listdir(folder / "fd")),
            "threads": int(fields[17]),
            "cpu": (int(fields[11]) + int(fields[12])) / TICKS,
        }
    except (OSError, IndexError, ValueError):
        return {}


class Sampler:
    """A thread that writes a line of JSON for each look."""

    def __init__(self, pids: Mapping[str, int], database_url: str, file: Path, seconds: float = SAMPLE_SECONDS) -> None:
        """`pids` by name; `database_url` is PostgreSQL."""
        self._pids, self._file, self._seconds = pids, file, seconds
        self._engine = sql.create_engine(database_url, future=True, isolation_level="AUTOCOMMIT")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)

    def __enter__(self) -> "Sampler":
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        """End."""
        self._stop.set()
        self._thread.join()
        self._engine.dispose()

    def look(self) -> dict[str, Any]:
        """What there is now."""
        with self._engine.connect() as connection:
            waiting = {name: float(connection.exec_driver_sql(query).scalar() or 0) for name, query in WAITING.items()}
        return {"at": time.time(), "of": {name: of_process(pid) for name, pid in self._pids.items()}, "all": waiting}

    def _run(self) -> None:
        with self._file.open("a", encoding="utf-8") as out:
            while True:
                print(json.dumps(self.look()), file=out, flush=True)
                if self._stop.wait(self._seconds):
                    return


def read_lines(file: Path) -> list[dict[str, Any]]:
    """What was written so."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []
