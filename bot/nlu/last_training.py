"""Where a full training keeps what training only what changed needs: one folder, that of the last full training.

It holds the examples' texts and numbers derived from them, so it is readable by its owner only.
"""

import json
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

LAST_TRAINING = Path("models/last-training")
KEEP_IN = "KEEP_TRAINING_IN"  # environment variable of the process that trains: the folder to write to
SCORER, REPLIES, ABOUT_FILE = "scorer", "replies", "about.json"


@dataclass(frozen=True)
class About:
    """Of which training a folder is.

    Attributes:
        number: that training's own; models made from it carry it.
        fixed: a digest of everything that training only what changed takes as given.
    """

    number: str
    fixed: str = ""


def begin() -> tuple[Path | None, str]:
    """An empty folder with room for both scorers, and the training's number; no folder where nothing is to be kept."""
    number, name = secrets.token_hex(8), os.environ.get(KEEP_IN)
    if not name:
        return None, number
    folder = Path(name)
    clear(folder)
    folder.mkdir(mode=0o700, parents=True)
    (folder / SCORER).mkdir()
    (folder / REPLIES).mkdir()
    _write(folder, About(number))
    return folder, number


def finish(folder: Path, fixed: str, place: Path = LAST_TRAINING) -> None:
    """Let a folder that `begin` made, and training has filled, take the place of the one before."""
    _write(folder, About(about(folder).number, fixed))
    clear(place)
    folder.rename(place)


def about(folder: Path = LAST_TRAINING) -> About:
    """Of which training a folder is; raises OSError or ValueError where it cannot be told."""
    return About(**json.loads((folder / ABOUT_FILE).read_text(encoding="utf-8")))


def clear(folder: Path = LAST_TRAINING) -> None:
    """Remove a folder, if it is there."""
    shutil.rmtree(folder, ignore_errors=True)


def _write(folder: Path, known: About) -> None:
    (folder / ABOUT_FILE).write_text(json.dumps(vars(known)), encoding="utf-8")
