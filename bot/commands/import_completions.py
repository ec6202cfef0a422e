"""`python -m bot import FILE.csv`: training completions into the database."""

import argparse
import csv
import datetime
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from tqdm import tqdm

from bot.clock import iso
from bot.database import Database
from bot.identity.address import normalise
from bot.issuance.catalogue import CATALOGUE, LiveCatalogue
from bot.issuance.completions import (
    CompletionImport,
    ImportListener,
    Interrupted,
    RowReader,
    Summary,
    WrongDateFormat,
)
from bot.issuance.exports import FIELDS, Export, Row, UnreadableFile, parse_columns
from bot.issuance.import_history import ImportHistory, UndoneMeanwhile
from bot.issuance.store import CompletionStore
from bot.settings import Settings

MOST_SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("file", type=Path, nargs="?", help=f"CSV with the columns {','.join(FIELDS)}")
    parser.add_argument("--undo", action="store_true", help="take back what the last import changed")
    parser.add_argument("--dry-run", action="store_true", help="check and compare, write nothing")
    parser.add_argument("--columns", help="what the file calls its columns, such as email=Mail,name=Learner,percent=")
    parser.add_argument("--date-format", help="such as %%d.%%m.%%Y (default: %%Y-%%m-%%d)")
    parser.add_argument("--encoding", default="", help="such as cp1252 (default: by the byte order mark, or UTF-8)")
    parser.add_argument("--report", type=Path, metavar="OUT.csv", help="write the rejected rows, with line and reason")
    parser.add_argument("--json", action="store_true", help="the summary as JSON")


def run(args: argparse.Namespace) -> int:
    """Import, or undo one; 0 when every row was taken, 1 when some were rejected, 2 when it could not be done."""
    if args.undo == (args.file is not None):
        print("Give the file to import, or --undo alone.", file=sys.stderr)
        return 2
    try:
        if args.undo:
            return _undo(args, Settings.load())
        summary, watcher = _import(args, Settings.load())
    except (UnreadableFile, WrongDateFormat, UndoneMeanwhile) as error:
        print(error, file=sys.stderr)
        return 2
    except Interrupted as error:
        print(f"{error} They stay; run the import again to finish it.", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename or args.file} cannot be used: {error.strerror}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. What was written stays; run the import again to finish it.", file=sys.stderr)
        return 130
    show = _as_json if args.json else _as_text
    print(show(summary, watcher.first, args))
    return 1 if summary.rejected else 0


class Watcher(ImportListener):
    """Writes the report, remembers the first rejected rows, and moves the bars."""

    def __init__(self, write: Callable[[Row, str], None], reading: tqdm, writing: tqdm) -> None:
        """Use an open report and two bars."""
        self._write, self._reading, self._writing = write, reading, writing
        self.first: list[tuple[int, str]] = []

    def rejected(self, row: Row, reason: str) -> None:
        """Report it."""
        self._write(row, reason)
        if len(self.first) < MOST_SHOWN:
            self.first.append((row.line, reason))

    def has_read(self, size: int) -> None:
        """Move the first bar."""
        self._reading.update(size - self._reading.n)

    def has_written(self, lines: int) -> None:
        """Move the second bar."""
        self._writing.update(lines - self._writing.n)


def _import(args: argparse.Namespace, settings: Settings) -> tuple[Summary, Watcher]:
    columns = parse_columns(settings.import_columns if args.columns is None else args.columns)
    with args.file.open("rb") as file:
        export = Export(file, columns, args.encoding)
        importer = _importer(args, settings)
        with _report(args, export) as write, _bars(args.file.stat().st_size) as (reading, writing):
            watcher = Watcher(write, reading, writing)
            return importer.run(export, watcher, dry_run=args.dry_run), watcher


def _undo(args: argparse.Namespace, settings: Settings) -> int:
    undone = ImportHistory(_database(settings)).undo(dry_run=args.dry_run)
    if undone is None:
        print("There is no import left to undo.", file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps({"dry_run": args.dry_run, **asdict(undone)}, indent=2, default=iso))
        return 0
    print(
        f"The import of {undone.at:%Y-%m-%d %H:%M} UTC: "
        f"{undone.taken_out} lines taken out, {undone.restored} as they were before."
    )
    if args.dry_run:
        print("Dry run: nothing was written.")
    return 0


def _database(settings: Settings) -> Database:
    database = Database(settings.database_url)
    database.create_schema()
    return database


def _importer(args: argparse.Namespace, settings: Settings) -> CompletionImport:
    date_format = args.date_format or settings.import_date_format
    catalogue = LiveCatalogue()
    reader = RowReader(normalise, catalogue, datetime.datetime.now(settings.time_zone).date(), date_format)
    database = _database(settings)
    store = CompletionStore(database)
    if not args.dry_run:
        store.join_catalogue(catalogue)
    return CompletionImport(store, reader, ImportHistory(database))


@contextmanager
def _report(args: argparse.Namespace, export: Export) -> Iterator[Callable[[Row, str], None]]:
    """A file that can be mended and imported: two columns for the operator, then those of the export."""
    if args.report is None:
        yield lambda row, reason: None
        return
    if args.report.exists() and args.report.samefile(args.file):
        raise UnreadableFile("The report would overwrite the file to import: give it another name.")
    with args.report.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out, delimiter=export.delimiter)
        writer.writerow(["line", "reason", *export.header])
        yield lambda row, reason: writer.writerow([row.line, reason, *row.cells])


@contextmanager
def _bars(size: int) -> Iterator[tuple[tqdm, tqdm]]:
    """Bars for the bytes read and the lines written; none when errors do not go to a terminal."""
    with (
        tqdm(desc="reading", total=size, unit="B", unit_scale=True, disable=None, leave=False) as reading,
        tqdm(desc="writing", unit=" lines", disable=None, leave=False, delay=1) as writing,
    ):
        yield reading, writing


def _as_json(summary: Summary, rejected: list[tuple[int, str]], args: argparse.Namespace) -> str:
    figures = {
        "dry_run": args.dry_run,
        "rows": summary.rows,
        **asdict(summary.changes),
        "duplicates": summary.duplicates,
        "rejected": summary.rejected,
        "reasons": dict(summary.reasons.most_common()),
        "first_rejected": [{"line": line, "reason": reason} for line, reason in rejected],
        "unknown_credentials": dict(summary.unknown_titles.most_common()),
    }
    return json.dumps(figures, indent=2, ensure_ascii=False)


def _as_text(summary: Summary, rejected: list[tuple[int, str]], args: argparse.Namespace) -> str:
    changes = summary.changes
    lines = [
        f"{summary.rows} rows: {changes.new} new, {changes.changed} changed, {changes.unchanged} unchanged, "
        f"{summary.duplicates} repeated, {summary.rejected} rejected."
    ]
    lines += [f"  line {line}: {reason}" for line, reason in rejected]
    if summary.rejected > len(rejected):
        lines += ["In all:", *(f"  {count} x {reason}" for reason, count in summary.reasons.most_common())]
    if summary.rejected and args.report is None:
        lines.append("Give --report OUT.csv for a list of all rejected rows that can be mended and imported.")
    if summary.unknown_titles:
        lines.append(f"Imported, but not in {CATALOGUE} (add them there if they are credentials):")
        lines += [f"  {count} x {title}" for title, count in summary.unknown_titles.most_common(MOST_SHOWN)]
    if args.dry_run:
        lines.append("Dry run: nothing was written.")
    return "\n".join(lines)
