"""Passing files of a process lie in a folder of its own, so that what it leaves when it is killed is taken away.

Models are unpacked to be read, some 100 MB each time, and who is killed meanwhile cannot take them away itself.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PASSING_PREFIX = "credential-assistant-"


@contextmanager
def passing_files() -> Iterator[Path]:
    """Let this process and those that it starts have their passing files in a folder that goes with the block.

    Folders of processes that were killed are taken away first. A lock on a folder tells that its process lives.
    """
    before, kept = tempfile.gettempdir(), os.environ.get("TMPDIR")
    _remove_left(Path(before))
    folder, lock = _folder_of_this_process(before)
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
    try:
        yield folder
    finally:
        tempfile.tempdir = before
        os.environ.pop("TMPDIR")
        os.environ.update({"TMPDIR": kept} if kept is not None else {})
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _folder_of_this_process(base: str) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PASSING_PREFIX, dir=base))
        lock = _locked(folder)
        if lock is not None and folder.is_dir():
            return folder, lock
        if lock is not None:  # who tidied up was quicker, and has taken it away
            os.close(lock)


def _remove_left(base: Path) -> None:
    for folder in base.glob(f"{PASSING_PREFIX}*"):
        lock = _locked(folder)
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _locked(folder: Path) -> int | None:
    """A lock on a folder, None while another process has it, or where it is no folder of ours."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        except OSError:
            os.close(handle)
    return None
