"""The model that a command is to use: the newest, or one that is named, if it can be read."""

import tarfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from bot.nlu.standalone import NoModel, newest_model

if TYPE_CHECKING:
    from bot.nlu.standalone import Understanding


def wanted_model(named: Path | None) -> Path:
    """The archive; raises NoModel where there is none, or a file that is none."""
    archive = named or newest_model()
    if not archive.is_file() or not tarfile.is_tarfile(archive):
        raise NoModel(f"{archive} is no model: `make train` makes one.")
    return archive


def wanted_understanding(named: Path | None) -> "Understanding":
    """The understanding in it; raises NoModel, for half an archive and for another program's, too."""
    from bot.nlu.standalone import Understanding

    archive = wanted_model(named)
    try:
        return Understanding.load(archive)
    except (tarfile.TarError, EOFError, zlib.error, StopIteration, FileNotFoundError) as error:
        raise NoModel(f"{archive} is no model of this assistant, or not all of it: `make train` makes one.") from error
