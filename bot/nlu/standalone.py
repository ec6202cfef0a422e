"""The trained understanding without a Rasa server: reads encoder and classifier out of Rasa's model archive.

Same code, same files and same decision as in the server; it only skips Rasa's own start-up of many seconds.
"""

import json
import tarfile
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.nlu.decision import Decision, Thresholds
from bot.nlu.described import Described
from bot.nlu.encoding.encoder import Encoder
from bot.nlu.parse_data import parse_data
from bot.nlu.plan import Plan, decide
from bot.nlu.scoring.replies import ReplyScorer
from bot.nlu.scoring.scorer import Scorer, Scores
from bot.nlu.text import language
from bot.nlu.text.catalogue import CATALOGUE_FILE
from bot.nlu.text.spelling import Spelling
from bot.nlu.text.words import Spelt

ENCODER = "SentenceTransformerFeaturizer"
COMPONENTS = ("CatalogueEntityExtractor", "SpellingCorrector", ENCODER, "FaqClassifier")


class NoModel(Exception):
    """There is no trained model: `make train` makes one."""


def newest_model(directory: Path = Path("models")) -> Path:
    """The model trained last; raises NoModel when there is none."""
    models = sorted(directory.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not models:
        raise NoModel(f"No trained model in {directory}/. Run `make train` first.")
    return models[-1]


def encoder_of(archive: Path) -> Encoder:
    """The encoder alone of a model archive."""
    with tempfile.TemporaryDirectory() as name:
        parts = _unpacked(archive, Path(name), (ENCODER,))
        return Encoder(next(parts.glob(f"*{ENCODER}*")))


class Understanding:
    """Understands single messages with a trained model."""

    def __init__(
        self,
        encoder: Encoder,
        scorer: Scorer,
        thresholds: Thresholds,
        responses: dict[str, Any],
        replies: ReplyScorer | None = None,
        spelling: Spelling | None = None,
        names_credential: Callable[[str], bool] = lambda text: False,
    ) -> None:
        """Put the loaded parts together."""
        self.encoder, self.scorer, self.thresholds, self.responses = encoder, scorer, thresholds, responses
        self.replies, self.spelling, self._names_credential = replies, spelling, names_credential

    @classmethod
    def load(cls, archive: Path) -> "Understanding":
        """Read a model archive that `rasa train` wrote."""
        with tempfile.TemporaryDirectory() as name:
            parts = _unpacked(archive, Path(name), COMPONENTS)
            featurizer = next(parts.glob(f"*{ENCODER}*"))
            classifier = next(parts.glob("*FaqClassifier*"))
            extractor = next(parts.glob("*CatalogueEntityExtractor*"))
            described = Described.load(classifier)
            thresholds = Thresholds(**{**asdict(Thresholds()), **described.thresholds})
            replies = ReplyScorer.load(classifier)
            corrector = next(parts.glob("*SpellingCorrector*"), None)
            spelling = Spelling.load(corrector) if corrector else None
            return cls(
                encoder=Encoder(featurizer),
                scorer=Scorer.load(classifier),
                thresholds=thresholds,
                responses=described.responses,
                replies=replies,
                spelling=spelling,
                names_credential=_naming(json.loads((extractor / CATALOGUE_FILE).read_text(encoding="utf-8"))),
            )

    def spelt(self, text: str) -> Spelt:
        """A message with its words put right, as it is read."""
        return self.spelling.corrected(text) if self.spelling else Spelt(text)

    def plan(self, text: str, context: Mapping[str, Any] | None = None) -> Plan:
        """What is to be encoded of one message."""
        return Plan.of(self.spelt(text).text, context, typed=text, names_credential=self._names_credential(text))

    def decide(self, text: str, context: dict[str, Any] | None = None) -> tuple[Decision, Scores]:
        """The decision for one message, and the scores it rests on."""
        plan = self.plan(text, context)
        vectors = plan.encode(self.encoder)
        return decide(plan, vectors, self.encoder.size, self.scorer, self.thresholds, self.replies)

    def parse(self, text: str, context: dict[str, Any] | None = None) -> dict[str, Any]:
        """The same in the format of Rasa's `/model/parse`."""
        decided, scores = self.decide(text, context)
        return {"text": text, **parse_data(decided, scores, self.responses)}


def _naming(catalogue: list[dict[str, Any]]) -> Callable[[str], bool]:
    """Whether a text names a credential of a catalogue."""
    found = language.build(catalogue)
    return lambda text: any(entity.label_ == language.CREDENTIAL for entity in found(text).ents)


def _unpacked(archive: Path, folder: Path, components: Sequence[str]) -> Path:
    """Unpack components of a model archive, by their classes, into a folder; returns the one in which they lie."""
    with tarfile.open(archive) as tar:
        members = [member for member in tar.getmembers() if _wanted(member.name, components)]
        tar.extractall(folder, members=members)  # noqa: S202  our own archive
    return folder / "components"


def _wanted(name: str, components: Sequence[str]) -> bool:
    clean = not name.startswith("/") and ".." not in Path(name).parts
    return clean and any(part in name for part in components)
