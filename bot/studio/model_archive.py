"""A trained model's archive: its parts as files, and the same packed again with another content."""

import json
import tarfile
import uuid
from dataclasses import dataclass
from datetime import timezone
from pathlib import Path
from typing import Any

import yaml

from bot.clock import now
from bot.whole_files import replacing

FASTEST = 1  # of gzip's levels: most of a model is numbers that hardly shrink
RETRIEVAL = "is_retrieval_intent"
_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True)
class Unpacked:
    """A model as Rasa 3.6 lays it out in a folder."""

    folder: Path

    @classmethod
    def of(cls, archive: Path, folder: Path) -> "Unpacked":
        """Unpack an archive into an empty folder."""
        with tarfile.open(archive) as tar:
            tar.extractall(folder)  # noqa: S202  our own archive
        return cls(folder)

    def component(self, name: str) -> Path | None:
        """The folder of one component of the pipeline, by its class; None where the model has none."""
        return next((self.folder / "components").glob(f"*.{name}*"), None)

    def domain(self) -> dict[str, Any]:
        """As the model was trained with."""
        return dict(self._metadata()["domain"])

    def renew(self, responses: dict[str, Any]) -> None:
        """Make it a model of its own, trained now, with these responses."""
        metadata = self._metadata()
        domain = metadata["domain"] = {**metadata["domain"], "responses": responses}
        metadata["model_id"] = uuid.uuid4().hex
        metadata["trained_at"] = now().astimezone(timezone.utc).replace(tzinfo=None).isoformat()
        (self.folder / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
        text = yaml.dump(domain, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=4096)
        (self.folder / "components" / "domain_provider" / "domain.yml").write_text(text, encoding="utf-8")

    def pack(self, archive: Path) -> None:
        """Write it as an archive, which is there whole or not at all."""
        with replacing(archive) as unfinished, tarfile.open(unfinished, "w:gz", compresslevel=FASTEST) as tar:
            for name in ("components", "metadata.json"):
                tar.add(self.folder / name, name)

    def _metadata(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "metadata.json").read_text(encoding="utf-8")))


def retrieval_intents(domain: dict[str, Any]) -> set[str]:
    """The intents of a domain that have an answer for each of their keys."""
    told = [one for one in domain["intents"] if isinstance(one, dict)]
    return {name for one in told for name, about in one.items() if about.get(RETRIEVAL)}


def intents(domain: dict[str, Any]) -> set[str]:
    """All intents of a domain."""
    return {name for one in domain["intents"] for name in (one if isinstance(one, dict) else [one])}
