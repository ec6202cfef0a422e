"""The catalogue of credentials, as a file and as a model's copy of it."""

from pathlib import Path
from typing import Any

from bot.yaml_files import read_yaml

CATALOGUE_FILE = "catalogue.json"  # the catalogue's copy within a model


def read_catalogue(path: Path) -> list[dict[str, Any]]:
    """The credentials of a catalogue file."""
    return list(read_yaml(path)["credentials"])
