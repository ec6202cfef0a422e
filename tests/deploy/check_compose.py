"""Run by the tools' own Python: reads a Compose file with Compose's specification; says what is wrong, and fails."""

import json
import re
import sys
from pathlib import Path

import compose_spec
import yaml

UNSET = re.compile(r"\$\{[A-Z_]+:-([^}]*)\}")


def main(file):
    """As Compose reads it where no variable is set."""
    text = UNSET.sub(r"\1", Path(file).read_text(encoding="utf-8"))
    try:
        compose_spec.PyCompose.from_json(json.dumps(yaml.safe_load(text))).validate()
    except ValueError as error:
        sys.exit(f"{file}: {error}")


if __name__ == "__main__":
    main(sys.argv[1])
