"""Files with people's data belong to the user that runs the assistant, and nobody else on the machine reads them."""

import os
from contextlib import suppress
from pathlib import Path

PRIVATE_FOLDER = Path("var")  # databases, the site's key, mail without a server, what `run` writes
BESIDE_SQLITE = ("", "-wal", "-shm", "-journal")  # a database and what SQLite puts beside it, with its mode


def keep_private() -> None:
    """Make what this process writes readable by its owner only, and take from var/ what others could read before."""
    os.umask(0o077)
    if not PRIVATE_FOLDER.is_dir():
        return
    _narrow(PRIVATE_FOLDER, 0o700)
    for folder, folders, files in os.walk(PRIVATE_FOLDER):
        for names, mode in ((folders, 0o700), (files, 0o600)):
            for name in names:
                _narrow(Path(folder, name), mode)


def private_database(path: Path) -> None:
    """Make a SQLite file, or narrow one that is there, with what lies beside it; the folder too where it is made."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    for ending in BESIDE_SQLITE:
        _narrow(path.with_name(path.name + ending), 0o600)


def _narrow(path: Path, mode: int) -> None:
    """Take away what the mode does not give; what is another user's, or gone meanwhile, or a link, stays as it is."""
    with suppress(FileNotFoundError, PermissionError):
        found = path.lstat().st_mode
        if not path.is_symlink() and found & 0o777 & ~mode:
            path.chmod(found & 0o777 & mode)
