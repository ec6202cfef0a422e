"""`python -m bot purge`: deletes what is older than RETENTION_DAYS, or hands out and erases one person's data."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bot.commands.given import given_address

if TYPE_CHECKING:
    from bot.retention.everywhere import Erasure, Everywhere


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--person", metavar="EMAIL", help="erase all that is kept about one person, after asking")
    parser.add_argument(
        "--export", metavar="FILE", help="with --person: write it as JSON (- to the terminal), erase nothing"
    )
    parser.add_argument(
        "--yes", action="store_true", help="with --person: erase without asking, after --export if given"
    )
    parser.add_argument(
        "--print-note",
        action="store_true",
        help="with --person: print what to keep elsewhere, in a file of erasures",
    )


def run(args: argparse.Namespace) -> int:
    """Do it and say how much; 0 when done, 1 when not, or not all of it, 2 for bad input."""
    if not args.person:
        given = args.export or args.yes or args.print_note
        return _fail("--export, --yes and --print-note go with --person.") if given else _purge()
    from bot.errors import InvalidAddress, StoreUnavailable

    try:
        return _person(given_address(args.person), args)
    except InvalidAddress as error:
        return _fail(str(error))
    except StoreUnavailable as error:
        return _fail(f"Not all can be handed out: {error}. See ATTACHMENTS_URL.")
    except OSError as error:
        return _fail(f"{error.filename or args.export or 'A file'} cannot be used: {error.strerror}.")


def _purge() -> int:
    from bot import bootstrap
    from bot.settings import Settings

    services = bootstrap.build(Settings.load())
    print(f"Deleted {services.purge.all(services.clock())} conversations.")
    return 0


def _person(address: str, args: argparse.Namespace) -> int:
    everywhere = all_places(args.export)
    if args.export:
        _export(everywhere, address, args.export)
    if args.yes or not args.export:
        return _erase(everywhere, address, args.yes, args.print_note)
    return 0


def all_places(export: str | None = None) -> "Everywhere":
    """Wherever a person's data may lie, as the settings say; `export` is a file that is left alone."""
    from bot.attachments.store import store_of
    from bot.database import Database
    from bot.outbox.transport import MAILDIR
    from bot.retention.counters import LimitCounters
    from bot.retention.everywhere import Everywhere
    from bot.retention.files import Files
    from bot.retention.person import Retention
    from bot.retention.search import database_files
    from bot.retention.tracker_events import TrackerEvents
    from bot.settings import Settings

    settings = Settings.load()
    url, inbox = settings.database_url, settings.replies_url
    database = Database(url)
    database.create_schema()
    but = {*database_files(url), *([Path(export)] if export else [])}
    maildir = Path(inbox.removeprefix("maildir:")) if inbox.startswith("maildir:") else None
    files = Files([MAILDIR.parent], maildir, but)
    return Everywhere(
        retention=Retention(database, TrackerEvents(url)),
        files=files,
        counters=LimitCounters(settings.redis_url),
        database_url=url,
        contents=store_of(settings.attachments_url),
    )


def _export(everywhere: "Everywhere", address: str, file: str) -> None:
    text = json.dumps(everywhere.export(address), indent=2, ensure_ascii=False) + "\n"
    if file == "-":
        print(text, end="")
        return
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)


def _erase(everywhere: "Everywhere", address: str, sure: bool, print_note: bool) -> int:
    note = _noting(address, print_note)
    if note is None:
        return 2
    if not sure:
        if not sys.stdin.isatty():
            return _fail("Give --yes to erase, or --export FILE to write down what is kept.")
        there = _counted({name: len(rows) for name, rows in everywhere.export(address).items()})
        if not there:
            print(f"Nothing is kept about {address}.")
            return 0
        if input(f"{there}. Erase all of it for good? Type yes: ").strip().lower() != "yes":
            print("Nothing was erased.", file=sys.stderr)
            return 1
    try:
        note()  # before, so that no erasure is ever without, and after, for a backup that began in between
    except OSError as error:
        return _fail(
            f"Nothing was erased, as it cannot be noted in {error.filename} ({error.strerror}): after a restore nobody "
            "would know of it. With --print-note the note is printed instead."
        )
    done = everywhere.erase(address)
    try:
        note()
    except OSError as error:
        print(f"Not noted a second time in {error.filename} ({error.strerror}).", file=sys.stderr)
    return _tell(address, done)


def _noting(address: str, prints: bool) -> Callable[[], None] | None:
    """Notes the erasure, as a hash, for backups that were made before; None, once told, where no note would last."""
    from bot.clock import now
    from bot.retention.erasures import ErasureLog, kept_place
    from bot.settings import Settings

    settings = Settings.load()
    file = kept_place(settings)
    if prints:
        log = ErasureLog(Path(os.devnull), settings.site_secret_key)
        return lambda: print(log.line(address, now()), flush=True)
    if file is None:
        print(
            f"Nothing was erased: CONTENT_PATH ({settings.content_path}) goes with this container, and what is noted "
            "there of erasures with it, so a restored backup would bring the person back. Make CONTENT_PATH a volume "
            "that stays, or add --print-note and keep what it prints in a file of your own (docs/operations.md).",
            file=sys.stderr,
        )
        return None
    noted = ErasureLog(file, settings.site_secret_key)
    return lambda: noted.add(address, now())


def _tell(address: str, done: "Erasure") -> int:
    """Say what was erased and what is left; 0 only when nothing is."""
    counted = _counted(done.counts)
    for one in done.elsewhere:
        print(f"Delete by hand: the message about {one}.", file=sys.stderr)
    if done.left:
        print(f"Not all could be erased{f' ({counted} were)' if counted else ''}. Still there:", file=sys.stderr)
        for one in done.left:
            print(f"- {one}", file=sys.stderr)
        return 1
    print(f"Erased: {counted}." if counted else f"Nothing is kept about {address}.", file=sys.stderr)
    return 0


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in counts.items() if number)


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 2
