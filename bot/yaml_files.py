"""Reads YAML: by the safe loader in C where there is one, which takes a tenth of the time."""

from pathlib import Path
from typing import Any

import yaml

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """What a file holds.

    Raises:
        OSError, UnicodeDecodeError: it cannot be read.
        yaml.YAMLError: it is no YAML.
    """
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  the safe loader, in C
