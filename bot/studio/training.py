"""Trains only what content editors have changed, in seconds: a new model from one that is there.

What the last full training has kept (bot/nlu/last_training.py) is brought up to date with the sum of all changes since,
so that nothing adds up over many small ones. Answers, examples and the catalogue may change; where more has changed,
or too many examples, NeedsFullTraining says so. Neither Rasa nor TensorFlow nor PyTorch is imported.
"""

import hashlib
import json
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.errors import BotError
from bot.nlu import examples, last_training
from bot.nlu.decision import OUT_OF_SCOPE, intent_of
from bot.nlu.described import Described
from bot.nlu.encoding.encoder import Encoder
from bot.nlu.scoring.kept import MESSAGES_FILE, SolvedRows, Taught, difference
from bot.nlu.scoring.replies import ReplyScorer
from bot.nlu.scoring.scorer import Scorer
from bot.nlu.standalone import newest_model
from bot.nlu.text.catalogue import CATALOGUE_FILE, read_catalogue
from bot.nlu.text.spelling import Spelling
from bot.settings import Settings
from bot.studio.model_archive import Unpacked, intents, retrieval_intents
from bot.yaml_files import read_yaml

MOST_CHANGED = 1500  # examples; more take longer than they are worth, and should be calibrated anew
OF_ANOTHER_USER = (
    "What the last full training has kept may only be read by the user that trained, who is another than the one that "
    "runs the assistant."
)
Progress = Callable[[float, str], None]


class NeedsFullTraining(BotError):
    """Training only what changed cannot make this model; the text says why."""


class OtherTraining(NeedsFullTraining):
    """The model to go on from was made by another full training than the last one."""


class OtherRules(NeedsFullTraining):
    """Rules, tasks, intents or the program are other than the last full training had them."""


@dataclass(frozen=True)
class TrainedFrom:
    """A model that was made from another.

    Attributes:
        model: its archive.
        base: the archive it was made from.
        came: how many examples it has that the last full training had not; 0 where the base has the same examples.
        went: how many examples the last full training had that it has not; 0 likewise.
        seconds: how long it took.
    """

    model: Path
    base: Path
    came: int
    went: int
    seconds: float


@dataclass(frozen=True)
class _Change:
    """What is other than in one part of the last full training: messages that come, numbers of those that go."""

    folder: Path
    come: list[Taught]
    gone: list[int]

    @classmethod
    def of(cls, folder: Path, wanted: list[Taught]) -> "_Change":
        gone, come = difference(SolvedRows.messages_of(folder), wanted)
        if len(gone) + len(come) > MOST_CHANGED:
            raise NeedsFullTraining(f"More than {MOST_CHANGED} examples have changed since the last full training.")
        return cls(folder, [wanted[number] for number in come], gone)


def given(root: Path, installed: Path = Path(".")) -> str:
    """A digest of all that a model is made from except content: what training only what changed takes as it is.

    Args:
        root: folder of the content, with data/ and domain.yml.
        installed: folder of the program.
    """
    path = root / "domain.yml"
    return _digest(root, installed, read_yaml(path) if path.exists() else {})


def train_changes(
    root: Path,
    base: Path,
    target: Path,
    progress: Progress = lambda share, words: None,
    kept: Path = last_training.LAST_TRAINING,
) -> TrainedFrom:
    """Make a model of the content in a folder from one that is there.

    Args:
        root: folder of the content, with data/ and domain.yml.
        base: archive of any model that comes from the last full training.
        target: archive to write; it is there whole or not at all.
        progress: told the share that is done, 0 to 1, and what is being done.
        kept: what the last full training has kept.

    Raises:
        NeedsFullTraining: more has changed than content, or too much of it, or nothing was kept.
        OSError, yaml.YAMLError: content or base cannot be read.
    """
    begun = time.monotonic()
    progress(0.0, "Reading the content")
    last, domain = _last(kept), read_yaml(root / "domain.yml")
    if last.fixed != _digest(root, Path("."), domain):
        raise OtherRules("More than answers, examples and the catalogue has changed since the last full training.")
    told, beside = examples.read(root)
    with tempfile.TemporaryDirectory(prefix="model-") as name:
        model = Unpacked.of(base, Path(name))
        classifier = _component(model, "FaqClassifier")
        described = Described.load(classifier)
        if described.training != last.number:
            raise OtherTraining("The model does not come from the last full training.")
        _check_intents(told, model.domain())
        came = went = 0
        if described.examples != examples.digest(told):
            scored = [told[place] for place in examples.at_large(told)]
            at_large = _Change.of(kept / last_training.SCORER, scored)
            in_context = _Change.of(kept / last_training.REPLIES, examples.in_context(told)[1])
            came, went = len(at_large.come), len(at_large.gone)
            with ThreadPoolExecutor(1) as aside:
                words = aside.submit(_learn_words, model, told)
                progress(0.2, "Reading the new examples")
                vectors = _vectors(model, at_large, in_context)
                progress(0.3, "Learning the new examples")
                _learn(classifier, scored, at_large, in_context, vectors)
                words.result()
        progress(0.8, "Writing the model")
        answers = {key: value for key, value in domain["responses"].items() if "/" in key}
        replace(described, responses={**beside, **answers}, examples=examples.digest(told)).save(classifier)
        _copy_catalogue(model, root)
        model.renew({**domain["responses"], **beside})
        model.pack(target)
    progress(1.0, "Done")
    return TrainedFrom(model=target, base=base, came=came, went=went, seconds=time.monotonic() - begun)


def train_from_live(
    root: Path, live: Path, target: Path, progress: Progress = lambda share, words: None
) -> TrainedFrom:
    """As `train_changes`, from what is live; where all was trained anew since that was made, from what came of it.

    Args:
        live: the archive of what is live.

    Raises:
        NoModel: there is none in models/.
    """
    try:
        return train_changes(root, live, target, progress)
    except OtherTraining:
        return train_changes(root, newest_model(), target, progress)


def _last(kept: Path) -> last_training.About:
    try:
        return last_training.about(kept)
    except PermissionError as error:
        raise NeedsFullTraining(OF_ANOTHER_USER) from error
    except (OSError, ValueError, TypeError) as error:
        raise NeedsFullTraining("The last full training has kept nothing to go on from.") from error


def _digest(root: Path, installed: Path, domain: dict[str, Any]) -> str:
    digest = hashlib.sha256(Settings.load().encoder_model.encode())
    files = [installed / "config.yml", installed / "requirements.lock"]
    files += sorted((installed / "bot" / "nlu").rglob("*.py"))
    stories = sorted((root / "data" / "stories").rglob("*.yml"))
    for folder, file in [(installed, file) for file in files] + [(root, file) for file in stories]:
        if file.is_file():
            digest.update(f"\0{file.relative_to(folder)}\0".encode() + file.read_bytes())
    rest = {key: value for key, value in domain.items() if key != "responses"}
    digest.update(json.dumps(rest, sort_keys=True).encode())
    return digest.hexdigest()


def _component(model: Unpacked, name: str) -> Path:
    found = model.component(name)
    if found is None:
        raise NeedsFullTraining(f"The model has no {name}.")
    return found


def _check_intents(told: list[Taught], domain: dict[str, Any]) -> None:
    """Rasa knows intents, and which of them have keys, from the domain, which only a full training makes anew."""
    named = {intent_of(one.label) for one in told}
    if unknown := sorted(named - intents(domain)):
        raise NeedsFullTraining(f"There are examples of {unknown[0]}, which the model does not know.")
    if {intent_of(one.label) for one in told if "/" in one.label} != retrieval_intents(domain):
        raise NeedsFullTraining("There are other groups of answers than in the last full training.")


def _vectors(model: Unpacked, *changes: _Change) -> dict[str, NDArray[np.float32]]:
    texts = sorted({one.text for change in changes for one in change.come})
    if not texts:
        return {}
    encoder = Encoder(_component(model, "SentenceTransformerFeaturizer"))
    return dict(zip(texts, encoder.encode(texts)))


def _learn(
    classifier: Path,
    scored: list[Taught],
    at_large: _Change,
    in_context: _Change,
    vectors: dict[str, NDArray[np.float32]],
) -> None:
    outside = {one.label for one in scored if intent_of(one.label) == OUT_OF_SCOPE}
    try:
        Scorer.changed(at_large.folder, at_large.gone, at_large.come, _rows(at_large, vectors), outside).save(
            classifier
        )
        if (in_context.folder / MESSAGES_FILE).exists():
            rows = _rows(in_context, vectors)
            ReplyScorer.changed(in_context.folder, in_context.gone, in_context.come, rows).save(classifier)
    except (OSError, ValueError, KeyError) as error:
        raise NeedsFullTraining("What the last full training has kept cannot be used.") from error


def _rows(change: _Change, vectors: dict[str, NDArray[np.float32]]) -> NDArray[np.float32] | None:
    return np.stack([vectors[one.text] for one in change.come]) if change.come else None


def _learn_words(model: Unpacked, told: list[Taught]) -> None:
    if folder := model.component("SpellingCorrector"):
        Spelling.learnt(one.text for one in told).save(folder)


def _copy_catalogue(model: Unpacked, root: Path) -> None:
    config = next(
        p for p in read_yaml(Path("config.yml"))["pipeline"] if p["name"].endswith("CatalogueEntityExtractor")
    )
    entries = read_catalogue(root / config["catalogue"]) if config.get("catalogue") else []
    folder = _component(model, "CatalogueEntityExtractor")
    (folder / CATALOGUE_FILE).write_text(json.dumps(entries), encoding="utf-8")
