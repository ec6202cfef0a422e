"""`python -m bench.faults [NAME...]`: what goes wrong while people chat, what they see, what recovers, what is lost.

A stack of its own: PostgreSQL, Redis, a mail server, a server like Credly, HAProxy, and one Rasa, action server, site
and worker, so that nothing hides behind a second one. Eight people chat, look up, ask for codes and file tickets, and
send again what is not answered, as the widget does. It needs the trained model, PostgreSQL, redis-server and HAProxy;
faketime for the clock, and the right to mount for a disk that is full. About twelve minutes.
"""

import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.fault_figures import Figures, figures, is_normal, middle_and_longest
from bench.fault_house import NOBODY, House, faketime
from bench.machine import end_all_on_sigterm
from bot.clock import now
from bot.outbox.message import OutgoingMail
from bot.outbox.store import OutboxStore, outbox
from tests.servers import smtp

WARM_UP, QUIET, PATIENCE = 6.0, 4.0, 90.0  # seconds: before a fault, without anything unusual, until that
NEWSLETTERS = 50_000
NEWS = "newsletter"
Step = Callable[[House], Any]


@dataclass(frozen=True)
class Fault:
    """What is done to a house, for how many seconds, and how it ends."""

    name: str
    words: str
    seconds: float
    begin: Step
    end: Step
    house: str = "whole"
    needs: Callable[[House], str] = lambda house: ""


def _redis_back(house: House) -> None:
    house.redis.start()  # type: ignore[union-attr]


def _fill(house: House) -> None:
    house.room.fill()


def _empty(house: House) -> None:
    house.room.empty()
    if house.postgres is not None and not house.postgres.is_running:
        print("    PostgreSQL had ended, and is started again", flush=True)
        house.postgres.start()


def _small(house: House) -> str:
    return "" if house.room.is_small else "the right to mount a small file system"


def _silent(house: House) -> None:
    house.post.fault = lambda stage: smtp.HANG if stage == "RCPT" else None


def _heard(house: House) -> None:
    house.post.fault = lambda stage: None
    house.post.release()


def _slow(house: House) -> None:
    house.credly.delay = 30.0


def _quick(house: House) -> None:
    house.credly.delay = 0.0


def _failing(house: House) -> None:
    house.credly.fail(500)


def _well(house: House) -> None:
    house.credly._plan.clear()


def _many_letters(house: House) -> None:
    store, moment = OutboxStore(house.database), now()
    mail = OutgoingMail(NOBODY, NEWS, "Words\n", "")
    with house.database.transaction() as connection:
        row = {"kind": "mail", "payload": mail.to_json(), "created_at": moment, "due_at": moment, "tries": 0}
        row |= {"give_up_at": moment.replace(year=moment.year + 1), "secret": False}
        connection.execute(outbox.insert(), [{**row, "id": f"{NEWS}-{number}"} for number in range(NEWSLETTERS)])
    assert store.knows(f"{NEWS}-0")


def _no_letters(house: House) -> None:
    with house.database.transaction() as connection:
        left = connection.execute(
            outbox.delete().where(outbox.c.id.like(f"{NEWS}-%") & outbox.c.delivered_at.is_(None))
        )
    print(f"    {left.rowcount} of {NEWSLETTERS} still waited and are taken away", flush=True)


def _migrations(house: House) -> None:
    from alembic.script import ScriptDirectory

    from bot.database import MIGRATIONS

    newest = [one.revision for one in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
    back = house.migrate("--back-to", newest[1])
    time.sleep(3)
    forth = house.migrate()
    print(f"    back to {newest[1]} in {back:.1f} s, forth in {forth:.1f} s (with the start of Python)", flush=True)


def _nothing(house: House) -> None:
    pass


def _stopped(name: str) -> tuple[Step, Step]:
    return (lambda house: house.freeze(name)), (lambda house: house.thaw(name))


def _ahead(seconds: int) -> tuple[Step, Step]:
    return (lambda house: house.offset(seconds)), (lambda house: house.offset(0))


HOUR, DAY = 3600, 86400
FAULTS = (
    Fault("nothing", "nothing at all, for comparison", 10, _nothing, _nothing),
    Fault(
        "database-restarted",
        "PostgreSQL stopped, and started again",
        10,
        lambda house: house.postgres.stop(),
        lambda house: house.postgres.start(),
    ),
    Fault(
        "database-frozen",
        "PostgreSQL stands still",
        15,
        lambda house: house.postgres.signal(signal.SIGSTOP),
        lambda house: house.postgres.signal(signal.SIGCONT),
    ),
    Fault("redis", "Redis killed, and started again", 10, lambda house: house.redis.stop(), _redis_back),
    Fault(
        "rabbitmq",
        "RabbitMQ cannot be reached",
        10,
        lambda house: house.rabbitmq.stop(),
        lambda house: house.rabbitmq.start(),
        needs=lambda house: "" if house.rabbitmq else "the setting RABBITMQ_URL, and a RabbitMQ that answers there",
    ),
    Fault("smtp-silent", "the mail server takes connections and says nothing", 15, _silent, _heard),
    Fault("credly-slow", "Credly answers after 30 s", 20, _slow, _quick),
    Fault("credly-failing", "Credly answers 500", 15, _failing, _well),
    Fault(
        "actions-dead",
        "the action server killed, and started again",
        10,
        lambda house: house.replicas.kill("actions-1"),
        lambda house: house.restart("actions-1"),
    ),
    Fault("actions-frozen", "the action server stands still", 15, *_stopped("actions-1")),
    Fault("rasa-frozen", "Rasa stands still", 15, *_stopped("rasa-1")),
    Fault("worker-frozen", "the worker stands still", 15, *_stopped("worker-1")),
    Fault("full-outbox", f"{NEWSLETTERS:,} letters wait", 25, _many_letters, _no_letters),
    Fault("migration", "the newest migration taken back, and run again", 3, _migrations, _nothing),
    Fault("disk-full", "no room for PostgreSQL's files", 15, _fill, _empty, needs=_small),
    Fault("disk-full-light", "no room for SQLite, logs and files", 15, _fill, _empty, "light", _small),
    *(
        Fault(f"clock-{name}", f"the clock {words}, and back", 12, *_ahead(seconds), house="clock")
        for name, words, seconds in (
            ("hour-ahead", "an hour ahead", HOUR),
            ("hour-behind", "an hour back", -HOUR),
            ("days-ahead", "two days ahead", 2 * DAY),
            ("days-behind", "two days back", -2 * DAY),
        )
    ),
)


def main(names: list[str]) -> None:
    """Play the faults that are named, or all, house by house; ends with 1 where something confirmed was lost."""
    unknown = set(names) - {fault.name for fault in FAULTS}
    if unknown:
        raise SystemExit(f"There is no {', '.join(sorted(unknown))}. There are: {', '.join(f.name for f in FAULTS)}.")
    end_all_on_sigterm()
    lost = 0
    for kind in ("whole", "light", "clock"):
        chosen = [fault for fault in FAULTS if fault.house == kind and (not names or fault.name in names)]
        if chosen and kind == "clock" and not faketime():
            print("clock: not tried, it needs faketime", flush=True)
        elif chosen:
            lost += _played(kind, chosen)
    raise SystemExit(1 if lost else 0)


def _played(kind: str, faults: list[Fault]) -> int:
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        Path(name).chmod(0o755)
        house = House(Path(name), light=kind == "light", set_clock=kind == "clock")
        try:
            return sum(play(house, fault) for fault in faults)
        finally:
            house.close()


def play(house: House, fault: Fault) -> int:
    """One fault while people are at work; prints its row, and returns how much that was confirmed is lost."""
    if missing := fault.needs(house):
        print(f"{fault.name}: not tried, it needs {missing}", flush=True)
        return 0
    print(f"{fault.name}: {fault.words}, {fault.seconds:.0f} s", flush=True)
    crowd = house.crowd()
    crowd.start()
    time.sleep(WARM_UP)
    began = time.monotonic()
    fault.begin(house)
    time.sleep(max(0.0, began + fault.seconds - time.monotonic()))
    fault.end(house)
    ended = time.monotonic()
    while not is_normal(crowd.everything(), ended, time.monotonic(), QUIET) and time.monotonic() - ended < PATIENCE:
        time.sleep(0.2)
    watched = time.monotonic()
    crowd.stop()
    _tell(figures(crowd.everything(), began, ended, watched))
    codes = house.code_seconds(crowd, began)
    replies, gone, came = house.lost(crowd)
    print(f"    codes came after (middle / longest): {middle_and_longest(codes)}")
    print(
        f"    confirmed: {sum(map(len, crowd.replies.values()))} answers, {len(crowd.tickets)} tickets, "
        f"{len(crowd.codes)} codes; lost: {replies}, {gone}; letters missing {came.missing}, "
        f"made twice {came.made_twice}, handed over again {came.repeats}",
        flush=True,
    )
    return replies + gone + came.missing + came.made_twice


def _tell(told: Figures) -> None:
    print(
        f"    asked {told.asked}: answered at once {told.at_once}, after a retry {told.after_retry} "
        f"({told.by_hand} of them by hand), never {told.never}, told less {told.told_less}; "
        f"longest wait {told.longest:.1f} s; as usual {told.normal_after:.1f} s after its end"
    )
    for words, count in told.shown:
        print(f"    {count:4} times: {words}")


if __name__ == "__main__":
    main(sys.argv[1:])
