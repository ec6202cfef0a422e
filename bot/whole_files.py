"""Files that are there whole or not at all, whoever else writes them at the same moment."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UNFINISHED_ENDING = ".new"  # of what may be of a process that was killed, and nobody reads


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give the name under which to write what replaces a file once the block has ended; raises OSError.

    The name is its own: threads of a process, and containers that share a folder, have one process number in common.
    """
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}{UNFINISHED_ENDING}")
    try:
        yield unfinished
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
