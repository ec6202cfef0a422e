"""One of each process with the servers around it; what was confirmed is looked for afterwards."""

import datetime
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sql
from sqlalchemy.engine import make_url

from bench.fault_figures import Letters, filed_twice, letters, lost_tickets
from bench.fault_people import FILES_ONCE, TOKEN_SECRET, Crowd, lost_replies
from bench.fault_servers import Post, PostgresServer, Relay, Room
from bench.replicas import Replicas
from bot.database import Database
from bot.issuance.catalogue import LiveCatalogue
from bot.issuance.record import Completion
from bot.issuance.store import CompletionStore
from bot.outbox.store import outbox
from bot.settings import Settings
from bot.tickets.store import tickets
from tests.conftest import age_tickets
from tests.servers.credly import CredlyServer
from tests.servers.redis import RedisServer

LEARNERS = 120  # more than are asked for within the minute for which Credly's answers are remembered
NOBODY = "newsletters@example.com"  # to whom letters go that are no concern of those who chat
TEAM = "certification@onestreamsoftware.com"
LETTERS_SECONDS = 90.0  # for what waits to go out, at the end
FAKETIME = ("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/libfaketimeMT.so.1")
RABBITMQ = "amqp://guest:guest@127.0.0.1:5672/"


class House:
    """PostgreSQL (or SQLite), Redis, a mail server, Credly, and one Rasa, action server, site and worker."""

    def __init__(self, folder: Path, *, light: bool = False, set_clock: bool = False) -> None:
        """Start everything.

        Args:
            folder: where all of it is kept.
            light: SQLite, with all that the processes keep in a small file system.
            set_clock: let `offset` set the clock of the processes (libfaketime).
        """
        self.folder, self.light = folder, light
        self._closing: list[Any] = []
        self._clock = folder / "clock" if set_clock else None
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def _start(self) -> None:
        if self._clock:
            self.offset(0)
        self.room = self._kept(Room(self.folder / "room", 300 if self.light else 420))
        self.post, self.credly = self._kept(Post()), self._kept(CredlyServer())
        self.rabbitmq = _rabbitmq()
        self.redis = self.postgres = None
        place, url = self.room.folder, f"sqlite:///{self.room.folder}/bot.db"
        if not self.light:
            self.redis, self.postgres = RedisServer(self.folder), self._kept(PostgresServer(self.room.folder))
            place, url = self.folder, self.postgres.url
        self.database = self._kept(Database(url))
        one_each = {kind: 1 for kind in ("rasa", "actions", "site", "worker")}
        redis_url = self.redis.url if self.redis else ""
        self.replicas = self._kept(Replicas(place, url, redis_url, one_each, self._settings()))
        self.replicas.start_all()
        self.site = self.replicas.address("site-1")
        self._learners = self._with_records()

    def crowd(self) -> Crowd:
        """People of this house."""
        return Crowd(self.site, self._learners, self.now)

    def now(self) -> float:
        """What the clock of the processes says, in seconds since 1970."""
        return time.time() + (int(self._clock.read_text()) if self._clock else 0)

    def offset(self, seconds: int) -> None:
        """Set the clock of the processes so much ahead of this one's."""
        assert self._clock is not None
        draft = self._clock.with_suffix(".new")
        draft.write_text(f"{seconds:+d}\n")
        draft.replace(self._clock)

    def freeze(self, name: str) -> None:
        """Let a process stand still."""
        os.kill(self.replicas.pid(name), signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Let it go on."""
        os.kill(self.replicas.pid(name), signal.SIGCONT)

    def restart(self, name: str) -> None:
        """Start a process that was killed, and wait until it is up."""
        self.replicas.start(name)
        self.replicas.wait_for(name)

    def migrate(self, *arguments: str) -> float:
        """Run `python -m bot migrate`; returns how many seconds the database took for it."""
        began = time.monotonic()
        command = [sys.executable, "-m", "bot", "migrate", *arguments]
        environment = {**os.environ, "DATABASE_URL": self.database_url, "SITE_SECRET_KEY": "k" * 32}
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)
        return time.monotonic() - began

    @property
    def database_url(self) -> str:
        """Of the database."""
        return self.database.engine.url.render_as_string(hide_password=False)

    def lost(self, crowd: Crowd) -> tuple[int, int, Letters]:
        """Confirmed answers and tickets that are gone or there twice, and how letters came, once all have gone out."""
        replies = lost_replies(self.site, crowd.replies)
        with self.database.transaction() as connection:
            rows = connection.execute(sql.select(tickets.c.reference, tickets.c.contact)).all()
        gone = len(lost_tickets(crowd.tickets, {row.reference: row.contact for row in rows}))
        gone += filed_twice((row.contact for row in rows), FILES_ONCE)
        self._all_out()
        expected = [(reference, to) for reference, contact in crowd.tickets.items() for to in (contact, TEAM)]
        came = letters([*expected, *(("code", address) for address in crowd.codes)], self._came())
        age_tickets(self.database)
        return replies, gone, came

    def code_seconds(self, crowd: Crowd, since: float) -> list[float]:
        """How long codes took to come that were asked for, or came, since a moment."""
        came = {mail["X-To"]: float(mail["X-Came"]) for mail in list(self.post.mails)}
        asked = [(began, came[address]) for address, began in crowd.codes.items() if address in came]
        return [end - began for began, end in asked if end >= since]

    def waiting(self) -> int:
        """Letters that are not out yet."""
        query = sql.select(sql.func.count()).where(outbox.c.delivered_at.is_(None) & outbox.c.dead_at.is_(None))
        with self.database.transaction() as connection:
            return int(connection.execute(query).scalar_one())

    def close(self) -> None:
        """End everything."""
        for one in reversed(self._closing):
            with suppress(OSError):
                _ended(one)
        if self.redis is not None:
            self.redis.stop()

    def _kept(self, one: Any) -> Any:
        self._closing.append(one)
        return one

    def _settings(self) -> dict[str, str]:
        settings = {
            "SMTP_URL": self.post.url,
            "CREDLY_API_URL": self.credly.url,
            "CREDLY_TOKEN": self.credly.token,
            "CREDLY_ORGANIZATION_ID": self.credly.organization,
            "IDENTITY_TOKEN_SECRET": TOKEN_SECRET,
        }
        if self.rabbitmq:
            settings["RABBITMQ_URL"] = f"amqp://guest:guest@127.0.0.1:{self.rabbitmq.port}/"
        if self._clock:
            settings |= {
                "LD_PRELOAD": faketime(),
                "FAKETIME_TIMESTAMP_FILE": str(self._clock),
                "FAKETIME_CACHE_DURATION": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # nobody can set that
            }
        return settings

    def _with_records(self) -> list[str]:
        names = [f"learner-{number}@example.com" for number in range(LEARNERS)]
        day = datetime.date.today() - datetime.timedelta(days=40)
        level = LiveCatalogue().key("Level 1")
        lines = [Completion(name, level, "Level 1", percent=100, completed_on=day) for name in names]
        CompletionStore(self.database).add(lines)
        for name in names[::2]:
            self.credly.add(name, "Level 1")
        return names

    def _all_out(self) -> None:
        end = time.monotonic() + LETTERS_SECONDS
        while self.waiting() and time.monotonic() < end:
            time.sleep(0.2)

    def _came(self) -> list[tuple[str, str, str]]:
        came = []
        for mail in list(self.post.mails):
            if mail["X-To"] == NOBODY:
                continue
            words = str(mail["Subject"]).split()
            about = next((word.strip("[]:,.") for word in words if "CRT-" in word), "code")
            came.append((about, mail["X-To"], mail["Message-ID"]))
        return came


def faketime() -> str:
    """Where libfaketime is, "" where it is not."""
    return next((path for path in FAKETIME if Path(path).exists()), "")


def _ended(one: Any) -> None:
    if isinstance(one, Replicas):
        one.stop_all()
    elif isinstance(one, Database):
        one.engine.dispose()
    else:
        one.close()


def _rabbitmq() -> Relay | None:
    """A way to the RabbitMQ of RABBITMQ_URL that can be closed; None where there is none, or no such setting."""
    url = make_url(os.environ.get("RABBITMQ_URL", RABBITMQ))
    if "rabbitmq_url" not in Settings.__annotations__:
        return None
    try:
        httpx.get(f"http://{url.host}:{url.port}/", timeout=1)
    except httpx.ConnectError:
        return None
    except httpx.HTTPError:
        pass
    return Relay(str(url.host), int(url.port or 5672))
