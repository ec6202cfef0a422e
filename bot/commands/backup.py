"""`python -m bot backup FOLDER`: all data into a folder, while everything runs."""

import argparse
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="made for it; it holds people's data, keep it safe")


def run(args: argparse.Namespace) -> int:
    """Make it and say what is in it; 1 when it could not be made."""
    from bot.backup.making import back_up
    from bot.backup.manifest import BackupFailed
    from bot.clock import now
    from bot.settings import Settings

    try:
        made = back_up(Settings.load(), args.folder, now())
    except BackupFailed as error:
        print(f"No backup was made. {error}", file=sys.stderr)
        return 1
    rows, tables = sum(made.rows.values()), len(made.rows)
    print(f"{args.folder}: {rows} rows of {tables} tables, {len(made.files)} files, in {made.seconds} s.")
    for left_out in made.left_out:
        print(left_out)
    return 0
