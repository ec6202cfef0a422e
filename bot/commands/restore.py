"""`python -m bot restore FOLDER`: a backup brought back, with nothing else running."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.backup.restoring import Restored


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where from, and whether what is there goes."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="what `backup` has made")
    parser.add_argument("--replace", action="store_true", help="in the place of what is there now, which is gone then")


def run(args: argparse.Namespace) -> int:
    """Bring it back and say what came of it; 1 when it could not be, or somebody must be erased by hand."""
    from bot.backup.manifest import BackupFailed
    from bot.backup.restoring import restore
    from bot.commands.purge import all_places
    from bot.settings import Settings

    try:
        done = restore(
            Settings.load(), args.folder, lambda address: not all_places().erase(address).left, replace=args.replace
        )
    except BackupFailed as error:
        print(f"Not restored. {error}", file=sys.stderr)
        return 1
    return _tell(done)


def _tell(done: "Restored") -> int:
    manifest = done.manifest
    print(f"Restored and compared: {sum(manifest.rows.values())} rows, as of {manifest.began_at:%Y-%m-%d %H:%M} UTC.")
    if done.unset:
        print(f"Set then, and not now: {', '.join(done.unset)}.")
    if done.erased:
        print(f"Erased again, as after the backup: {done.erased} people.")
    if done.not_erased:
        print(
            f"Of {done.not_erased} of them something is left: ask `python -m bot purge --person` about who asked to be "
            "erased since.",
            file=sys.stderr,
        )
    return 1 if done.not_erased else 0
