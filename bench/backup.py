"""How long a backup and a restore take, beside writers, and whether all rows are there afterwards.

    python -m bench.backup [DATABASE_URL OTHER_DATABASE_URL]

Two empty PostgreSQL databases, or none: then SQLite in a temporary folder. MESSAGES (100000) are as many events of Rasa
as well, with a file of 200 KB for each hundred.
"""

import datetime
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from bench.upgrade import missing_rows, rows_of_all_tables
from bot import bootstrap
from bot.clock import now
from bot.conversations.store import Message, conversations, messages
from bot.database import Database, tracker_url
from bot.retention.tracker_events import tracker_rows
from bot.settings import Settings

ROWS_AT_ONCE = 5000
A_CONVERSATION = 10  # messages
EACH = 100  # messages to a file
FILE_BYTES = 200_000
KEY = "a key of the measurement alone, 32 characters"


class Writer(threading.Thread):
    """Adds a message ten times a second, and notes how long each takes."""

    def __init__(self, services: bootstrap.Services) -> None:
        """Not begun yet."""
        super().__init__(daemon=True)
        self.waits: list[float] = []
        self._services, self._ended = services, threading.Event()

    def run(self) -> None:
        """Until `end`."""
        self._services.store.create_once("writer", "site", now())
        while not self._ended.wait(0.1):
            began = time.monotonic()
            self._services.store.add("writer", Message.new("user", "and now?", now=now()))
            self.waits.append(time.monotonic() - began)

    def end(self) -> None:
        """Write no more."""
        self._ended.set()
        self.join(30)


def fill(services: bootstrap.Services, count: int) -> None:
    """Rows of so many messages, and what comes with them."""
    at = now() - datetime.timedelta(days=1)
    rasa = Database(tracker_url(services.settings.database_url))
    with rasa.transaction() as connection:
        tracker_rows.create(connection)
    for first in range(0, count, ROWS_AT_ONCE):
        numbers = range(first, min(first + ROWS_AT_ONCE, count))
        talks = [{"id": f"c{n}", "channel": "site", "created_at": at} for n in numbers[::A_CONVERSATION]]
        said = [{**_message(number, at), "conversation_id": _talk(number)} for number in numbers]
        events = [{"sender_id": _talk(n), "timestamp": 1.0 * n, "data": '{"event": "user"}' * 20} for n in numbers]
        with services.database.transaction() as connection:
            connection.execute(conversations.insert(), talks)
            connection.execute(messages.insert(), said)
        with rasa.transaction() as connection:
            connection.execute(tracker_rows.insert(), events)
        for number in numbers[::EACH]:
            content = b"%PDF-1.4\n" + os.urandom(FILE_BYTES) + b"\n%%EOF\n"
            services.attachments.store.put(f"{number:032x}", content)
    rasa.engine.dispose()


def _talk(number: int) -> str:
    return f"c{number - number % A_CONVERSATION}"


def _message(number: int, at: datetime.datetime) -> dict[str, object]:
    return {"id": f"m{number}", "role": "user", "text": f"message {number}, said by somebody", "created_at": at}


def main(arguments: list[str]) -> int:
    """0 where all rows are there."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        urls = arguments[:2] or [f"sqlite:///{folder}/{place}/bot.db" for place in ("here", "there")]
        environments = [_environment(folder / place, url) for place, url in zip(("here", "there"), urls)]
        services = bootstrap.build(Settings.load(environments[0]))
        fill(services, int(os.environ.get("MESSAGES", "100000")))
        there = rows_of_all_tables(environments[0]["DATABASE_URL"])
        writer = Writer(services)
        writer.start()
        time.sleep(3)
        quiet = len(writer.waits)
        made = _timed("backup", folder, environments[0])
        writer.end()
        restored = _timed("restore", folder, environments[1])
        before, after = (rows_of_all_tables(environment["DATABASE_URL"]) for environment in environments)
        gone = missing_rows(there, after) + missing_rows(after, before)
        size = sum(path.stat().st_size for path in (folder / "backup").rglob("*") if path.is_file())
        print(
            f"{sum(map(len, after.values()))} rows, {size / 1e6:.0f} MB: backup {made:.1f} s, restore {restored:.1f} s"
        )
        print(f"Rows that are not as they were: {len(gone)}")
        waits = max(writer.waits[:quiet]), max(writer.waits[quiet:])
        print(
            f"A message was written within {waits[0] * 1000:.0f} ms before, {waits[1] * 1000:.0f} ms during the backup"
        )
        return 1 if gone else 0


def _environment(place: Path, url: str) -> dict[str, str]:
    place.mkdir()
    return {
        "SITE_SECRET_KEY": KEY,
        "DATABASE_URL": url,
        "CONTENT_PATH": str(place / "content"),
        "ATTACHMENTS_URL": f"folder:{place}/attachments",
    }


def _timed(command: str, folder: Path, environment: dict[str, str]) -> float:
    began = time.monotonic()
    called = [sys.executable, "-m", "bot", command, str(folder / "backup")]
    env = {**os.environ, **environment, "PYTHONPATH": str(Path.cwd())}
    place = folder / ("here" if command == "backup" else "there")
    done = subprocess.run(called, cwd=place, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
