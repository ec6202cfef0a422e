"""What a model says of its classifier beside the numbers: responses, thresholds, and what it was trained from."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CLASSIFIER_FILE = "classifier.json"


@dataclass(frozen=True)
class Described:
    """Kept with the model.

    Attributes:
        responses: retrieval responses, `utter_faq/<id>` to variants.
        thresholds: of the decision.
        training: number of the full training that it comes from, "" for a model from before these numbers.
        examples: digest of the examples.
    """

    responses: dict[str, Any]
    thresholds: dict[str, Any] = field(default_factory=dict)
    training: str = ""
    examples: str = ""

    def save(self, directory: Path) -> None:
        """Write into an existing folder."""
        (directory / CLASSIFIER_FILE).write_text(json.dumps(vars(self)), encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> "Described":
        """Read what `save` wrote."""
        return cls(**json.loads((directory / CLASSIFIER_FILE).read_text(encoding="utf-8")))
