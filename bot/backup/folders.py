"""Copies of folders that are in use: each file with its digest, what is being written left out."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

PIECE_BYTES = 1 << 20
_UNFINISHED = (".new", ".lock", ".tmp")  # what the content studio, Git and others write before they rename it


def copy_folder(source: Path, target: Path, wanted: Callable[[str], bool] = lambda name: True) -> dict[str, str]:
    """Copy what is there and finished; what is deleted meanwhile is left out.

    Args:
        source: a folder, which may be missing.
        target: made where it is needed.
        wanted: whether a file is copied, by its path in `source`.

    Returns:
        The digest of each file by its path in `source`.

    Raises:
        OSError: a file cannot be read or written.
    """
    digests = {}
    for name in folder_files(source):
        if wanted(name):
            with suppress(FileNotFoundError):
                digests[name] = copy_file(source / name, target / name)
    return digests


def folder_files(folder: Path) -> list[str]:
    """The finished files of a folder, by their path in it.

    Of a Git repository its references come first: what they name is there by then, and is never taken away
    (bot/studio/repository.py lets Git tidy up nothing).
    """
    return sorted(_walk(folder), key=lambda name: ("/objects/" in f"/{name}", name))


def copy_file(source: Path, target: Path) -> str:
    """Copy a file with its time; returns its digest. Raises OSError."""
    digest = hashlib.sha256()
    with source.open("rb") as original:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as copy:
            while piece := original.read(PIECE_BYTES):
                digest.update(piece)
                copy.write(piece)
    shutil.copystat(source, target)
    return digest.hexdigest()


def file_digest(path: Path) -> str:
    """The SHA-256 of a file; raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def empty_folder(folder: Path, but: str) -> None:
    """Take away what is in a folder, one name aside; the folder stays, as it may be a volume. Raises OSError."""
    for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
        if entry.name == but:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _walk(folder: Path) -> Iterator[str]:
    for directory, inner, names in os.walk(folder):
        inner[:] = [name for name in inner if not name.endswith(_UNFINISHED)]
        for name in names:
            path = Path(directory, name)
            if not name.endswith(_UNFINISHED) and path.is_file() and not path.is_symlink():
                yield path.relative_to(folder).as_posix()
