"""An upgrade from the version before with people chatting: what of their messages is lost, and what of the data.

    BEFORE=v1.2 python -m bench.upgrade DATABASE_URL [REDIS_URL]

BEFORE is a tag or commit; by default the last commit before the newest migration came. It is checked out beside, and
trained there if it has no model. Two of each of its processes are started behind HAProxy on an empty PostgreSQL
database, which people fill who chat and file tickets. While they go on, today's version migrates, then each process is
ended and started in today's version, one after the other: Rasa, action servers, sites, workers. Then all of it back
(BACK=no: not). Each message is sent again, with its id, until it is answered, as the widget does.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import sqlalchemy as sql

from bench.machine import end_all_on_sigterm
from bench.replicas import LINKED, Replicas
from bot.database import MIGRATIONS, Database, tracker_url

TALKERS = 4
PAUSE_SECONDS = 0.5  # they read; together eight messages a second at the most
SETTLED_SECONDS = 15.0  # of chat before the rows are read, and again after each move
PATIENCE = 120.0  # seconds for one message, after which it counts as lost
SAID = ("What is a micro-credential?", "has my badge been issued?", "how do I share it?", "stop", "thanks")
ORDER = ("rasa", "actions", "site", "worker")
BACK_AFTER_THE_SCHEMA = ("site", "worker", "actions", "rasa")  # first those that write what is gone
TOLERANT = "is_newer"  # what bot/database.py has since it starts on a newer schema
MEANT_TO_CHANGE = {"alembic_version", "ticket_numbers"}  # the revision; the last number that was given
UNSENT = "SELECT count(*) FROM outbox WHERE delivered_at IS NULL AND dead_at IS NULL"


LOAD_SAMPLES_OF_EITHER = """
from bot.commands import launch
from bot.settings import Settings
load = getattr(launch, "load_all_samples", None) or launch._load_samples
load(Settings.load())
"""


@dataclass
class Said:
    """What became of one message, or one ticket, and what was being moved when it was begun."""

    key: str
    conversation: str
    begun: float
    step: str = ""
    tries: int = 0
    waited: float = 0.0
    replies: list[str] = field(default_factory=list)


class Talker(threading.Thread):
    """One person at a time who chats, a few messages a conversation; now and then somebody files a ticket."""

    def __init__(self, house: "TwoVersions", stop: threading.Event) -> None:
        """Not begun yet."""
        super().__init__(daemon=True)
        self._house = house
        self.messages: list[Said] = []
        self.tickets: list[Said] = []
        self._stop_talking = stop

    def run(self) -> None:
        """Until told to stop; what was begun is ended."""
        with httpx.Client(base_url=self._house.site, timeout=20) as client:
            while not self._stop_talking.is_set():
                begun = self._sent(client, Said("", "", time.monotonic()), "/api/conversations", {})
                token = begun.json()["token"] if begun else ""
                for text in SAID if token else ():
                    key = str(uuid.uuid4())
                    said = Said(key, token, time.monotonic(), self._house.step)
                    self.messages.append(said)
                    answer = self._sent(client, said, "/api/messages", {"id": key, "text": text})
                    said.replies = [one["id"] for one in answer.json()["messages"]] if answer else []
                    if self._stop_talking.wait(PAUSE_SECONDS):
                        break
                self._file(client)

    def _file(self, client: httpx.Client) -> None:
        key = str(uuid.uuid4())
        said = Said(key, "", time.monotonic(), self._house.step)
        self.tickets.append(said)
        form = {"email": f"{key}@example.com", "about": "My badge is missing", "id": key}
        answer = self._sent(client, said, "/api/tickets", form)
        said.replies = [answer.json()["reference"]] if answer else []

    def _sent(self, client: httpx.Client, said: Said, path: str, body: Mapping[str, str]) -> httpx.Response | None:
        """Send it again and again until it is answered; None after the patience is over."""
        wait = 0.25
        while time.monotonic() - said.begun < PATIENCE:
            said.tries += 1
            try:
                answer = client.post(path, json=dict(body), headers=_headers(said.conversation))
                if answer.status_code < httpx.codes.BAD_REQUEST:
                    said.waited = time.monotonic() - said.begun
                    return answer
            except httpx.HTTPError:
                pass
            time.sleep(wait)
            wait = min(wait * 2, 2.0)
        return None


def _headers(token: str) -> dict[str, str]:
    """Each request comes from a network of its own."""
    number = uuid.uuid4().int
    near = f"10.{number % 250}.{number // 251 % 250}.{number // 63001 % 250}"
    return {"X-Forwarded-For": near, **({"Authorization": f"Bearer {token}"} if token else {})}


class TwoVersions(Replicas):
    """Replicas of which each process runs in the version that it was last started in; all share what var/ holds."""

    def __init__(self, folder: Path, database_url: str, redis_url: str, sources: Mapping[str, Path]) -> None:
        """Nothing is started yet; `sources` are the folders of the versions, by name."""
        content = str(folder / "var/content")
        super().__init__(folder, database_url, redis_url, settings={"TRUSTED_PROXIES": "2", "CONTENT_PATH": content})
        (folder / "var").mkdir(mode=0o700)
        self.version, self.step = next(iter(sources)), "nothing"
        self._sources = dict(sources)
        for name, source in sources.items():
            place = folder / name
            place.mkdir()
            for linked in LINKED:
                (place / linked).symlink_to((source / linked).resolve())
            shutil.copy(source / "endpoints.yml", place)
            (place / "var").symlink_to(folder / "var")

    def migrate(self, *options: str) -> None:
        """Run the version's own migrations."""
        self._run("migrate", [sys.executable, "-m", "bot", "migrate", *options])

    def move(self, name: str) -> float:
        """End a process and start it in the version that is set; returns the seconds until it is up again."""
        began = time.monotonic()
        self.kill(name, signal.SIGTERM)
        self.start(name)
        self.wait_for(name)
        return time.monotonic() - began

    def _place(self) -> Path:
        return self.folder / self.version

    def _start(self, name: str, command: list[str], own: Mapping[str, str]) -> None:
        place = self.folder if name == "balancer" else self._place()
        with (self.folder / f"{name}.log").open("wb") as log:
            environment = self._environment(own) | {"PYTHONPATH": str(self._sources[self.version].resolve())}
            self._running[name] = subprocess.Popen(
                command, cwd=place, env=environment, stdout=log, stderr=subprocess.STDOUT
            )

    def _run(self, name: str, command: list[str]) -> None:
        environment = self._environment({}) | {"PYTHONPATH": str(self._sources[self.version].resolve())}
        place = self._place()
        command = [sys.executable, "-c", LOAD_SAMPLES_OF_EITHER] if name == "samples" else command
        done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{name} failed:\n{done.stdout[-1500:]}{done.stderr[-3000:]}")


@contextmanager
def checked_out(commit: str, folder: Path) -> Iterator[Path]:
    """The version before in a folder of its own, with a model that it has trained."""
    subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(folder), commit], check=True)
    try:
        kept = Path("results/models-before") / _revision(commit)
        kept.mkdir(parents=True, exist_ok=True)
        (folder / "models").symlink_to(kept.resolve())
        if not any(kept.glob("*.tar.gz")):
            print("The version before is trained (two to three minutes, kept for the next time) ...", flush=True)
            environment = {**os.environ, "PYTHONPATH": str(folder), "KEEP_TRAINING": "no"}
            subprocess.run([sys.executable, "-m", "bot", "train"], cwd=folder, env=environment, check=True)
        yield folder
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", str(folder)], check=False)


def before_newest_migration() -> str:
    """The last commit that had not yet the newest migration."""
    newest = sorted(MIGRATIONS.glob("versions/v[0-9]*.py"))[-1].relative_to(Path.cwd())
    came = subprocess.run(
        ["git", "log", "--diff-filter=A", "--format=%H", "--", str(newest)], capture_output=True, text=True, check=True
    )
    return f"{came.stdout.split()[-1]}^"


def schema_of(source: Path) -> str:
    """The number of the newest migration that a version has."""
    return sorted((source / "bot/migrations/versions").glob("v[0-9]*.py"))[-1].name[1:5]


def rows_of_all_tables(url: str) -> dict[str, list[dict[str, object]]]:
    """Every row, by the names of its columns; Rasa's as well."""
    found = {}
    for one in {url, tracker_url(url)}:
        database, tables = Database(one), sql.MetaData()
        tables.reflect(database.engine)
        with database.engine.connect() as connection:
            for name, table in tables.tables.items():
                if name not in MEANT_TO_CHANGE:
                    found[name] = [dict(row) for row in connection.execute(table.select()).mappings()]
        database.engine.dispose()
    return found


def missing_rows(before: Mapping[str, list[dict[str, object]]], after: Mapping[str, list[dict[str, object]]]) -> list:
    """The rows of before that are not there any more with all that they held; columns may have come."""
    gone = []
    for name, rows in before.items():
        columns = list(rows[0]) if rows else []
        there = Counter(tuple(repr(row.get(one)) for one in columns) for row in after.get(name, []))
        wanted = Counter(tuple(repr(row[one]) for one in columns) for row in rows)
        gone += [f"{name}: {dict(zip(columns, row))}" for row in (wanted - there).elements()]
    return gone


class Trial:
    """People at the running house, through one move of its processes after the other."""

    def __init__(self, house: TwoVersions, url: str) -> None:
        """Nobody talks yet."""
        self.house, self._url = house, url
        self._stop = threading.Event()
        self._talkers: list[Talker] = []
        self.messages: list[Said] = []
        self.tickets: list[Said] = []

    def talk(self) -> None:
        """Begin, or go on with other people."""
        self._stop = threading.Event()
        self._talkers = [Talker(self.house, self._stop) for _ in range(TALKERS)]
        for one in self._talkers:
            one.start()

    def rest(self) -> None:
        """Let everybody end, and the workers send what waits."""
        self._stop.set()
        for one in self._talkers:
            one.join(PATIENCE + 30)
        self.messages += [said for one in self._talkers for said in one.messages]
        self.tickets += [said for one in self._talkers for said in one.tickets]
        deadline = time.monotonic() + 60
        while waiting(self._url) and time.monotonic() < deadline:
            time.sleep(0.5)

    def lost(self) -> list[Said]:
        """Messages and tickets without an answer, or that the conversation does not have once, with its replies."""
        talks: dict[str, list[Said]] = {}
        for said in self.messages:
            talks.setdefault(said.conversation, []).append(said)
        there = {token: self._history(token) for token in talks}
        return [
            *(one for token, said in talks.items() for one in said if not _is_kept(one, there[token])),
            *(one for one in self.tickets if not one.replies),
        ]

    def _history(self, token: str) -> list[dict[str, object]]:
        """What a conversation holds; what cannot be read is asked for again."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = httpx.get(f"{self.house.site}/api/messages", headers=_headers(token), timeout=30)
                return list(answer.raise_for_status().json()["messages"])
            except (httpx.HTTPError, ValueError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(1)


def _is_kept(said: Said, there: list[dict[str, object]]) -> bool:
    once = [message.get("client_id") for message in there].count(said.key) == 1
    return bool(said.replies) and once and set(said.replies) <= {str(message["id"]) for message in there}


def waiting(url: str) -> int:
    """How many letters are not sent yet."""
    database = Database(url)
    with database.engine.connect() as connection:
        found = connection.execute(sql.text(UNSENT)).scalar_one()
    database.engine.dispose()
    return int(found)


def told(name: str, trial: Trial, first: int, first_ticket: int) -> str:
    """What people noticed of a move: a line for all of it, and one for each kind of process that was moved."""
    all_said = trial.messages[first:] + trial.tickets[first_ticket:]
    lines = [_line(name, all_said)]
    for kind in ORDER:
        said = [one for one in all_said if one.step == kind]
        lines += [_line(f"  {kind}", said)] if said else []
    return "\n".join(lines)


def _line(name: str, said: list[Said]) -> str:
    waits = sorted(one.waited for one in said)
    again, middle = sum(one.tries > 1 for one in said), waits[len(waits) // 2]
    return (
        f"{name:12} {len(said):5} messages and tickets, {again:3} sent again; answered after {middle:.2f} s in the "
        f"middle, {waits[-1]:.1f} s at the longest"
    )


def upgrade_and_back(url: str, redis_url: str, sources: Mapping[str, Path], back: bool) -> bool:
    """Do it and print what came of it; whether nothing was lost."""
    with tempfile.TemporaryDirectory() as name:
        house = TwoVersions(Path(name), url, redis_url, sources)
        trial = Trial(house, url)
        try:
            house.start_all()
            return _moved(house, trial, url, sources, back)
        finally:
            house.stop_all()


def _moved(house: TwoVersions, trial: Trial, url: str, sources: Mapping[str, Path], back: bool) -> bool:
    trial.talk()
    time.sleep(SETTLED_SECONDS)
    trial.rest()
    rows, good = rows_of_all_tables(url), True
    print(told("before", trial, 0, 0), flush=True)
    for version in ("today", "before") if back else ("today",):
        first, first_ticket = len(trial.messages), len(trial.tickets)
        trial.talk()
        time.sleep(SETTLED_SECONDS / 3)
        _move_all(house, version, sources)
        time.sleep(SETTLED_SECONDS / 3)
        trial.rest()
        print(told("upgrade" if version == "today" else "and back", trial, first, first_ticket), flush=True)
        good &= _compare(rows, url)
    lost = trial.lost()
    print(
        f"{len(trial.messages)} messages, {len(trial.tickets)} tickets: {len(lost)} lost, {waiting(url)} letters unsent"
    )
    return good and not lost and not waiting(url)


def _move_all(house: TwoVersions, version: str, sources: Mapping[str, Path]) -> None:
    """Forward: the schema first, as migrations only add. Back: the processes first, where they start on a newer one."""
    older, house.version = schema_of(sources["before"]), "today"
    schema_first = version == "today" or TOLERANT not in (sources["before"] / "bot/database.py").read_text()
    if schema_first:
        house.migrate(*([] if version == "today" else ["--back-to", older]))
    house.version = version
    for kind in BACK_AFTER_THE_SCHEMA if schema_first and version == "before" else ORDER:
        house.step = kind
        seconds = [house.move(name) for name in house.names() if name.startswith(kind)]
        print(f"{kind:12} moved to {version}: {', '.join(f'{one:.0f} s' for one in seconds)}", flush=True)
    house.step = "nothing"
    if not schema_first:
        house.version = "today"
        house.migrate("--back-to", older)


def _compare(rows: Mapping[str, list[dict[str, object]]], url: str) -> bool:
    gone = missing_rows(rows, rows_of_all_tables(url))
    count = sum(map(len, rows.values()))
    print(f"{'rows':12} {count} of {len(rows)} tables from before: {count - len(gone)} as they were, {len(gone)} not")
    for one in gone[:5]:
        print(f"             {one[:300]}")
    return not gone


def _revision(commit: str) -> str:
    done = subprocess.run(["git", "rev-parse", "--short", commit], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def main(arguments: list[str]) -> int:
    """0 where nothing was lost."""
    end_all_on_sigterm()
    if not arguments:
        raise SystemExit(__doc__)
    commit = os.environ.get("BEFORE") or before_newest_migration()
    with tempfile.TemporaryDirectory() as name, checked_out(commit, Path(name) / "before") as before:
        sources = {"before": before, "today": Path.cwd()}
        print(
            f"From {_revision(commit)} (schema {schema_of(before)}) to today (schema {schema_of(Path.cwd())})",
            flush=True,
        )
        good = upgrade_and_back(
            arguments[0], "".join(arguments[1:2]), sources, back=os.environ.get("BACK", "yes") != "no"
        )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
