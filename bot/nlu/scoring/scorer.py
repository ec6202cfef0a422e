"""The intent scorer: kernel ridge regression over sentence vectors and n-grams, with calibrated probabilities.

Two texts are alike by exp(GAMMA (cosine - 1)) of their sentence vectors plus the product of their surface features.
Regression onto 0 and 1 makes a score fall to 0 for what is like no example, which is what tells out of scope; and its
leave-one-out scores come in closed form, so that calibration needs no second training.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Iterable, Mapping, Sequence

import numpy as np

from bot.nlu.eight_bits import in_eight_bits
from bot.nlu.scoring import calibration, kernel, ridge
from bot.nlu.scoring.alike import Alike
from bot.nlu.scoring.kept import FACTOR_FILE, Likeness, SolvedRows, Taught, changed
from bot.nlu.scoring.principal import principal, unit
from bot.nlu.scoring.products import BLOCK
from bot.nlu.scoring.surface import SurfaceFeatures

GAMMA = 2.0
NEIGHBOURS = 3
DIMENSIONS = 256


@dataclass(frozen=True)
class ScorerOptions:
    """What config.yml may set.

    Attributes:
        ridge: added to the kernel's diagonal; more makes smoother, less certain scores.
        balance: 0..1, how far rare labels are weighed up against common ones.
        character_weight: share of character n-grams beside the sentence vectors' 1.
        word_weight: share of words and word pairs.
        familiarity_weight: how much the closeness of the nearest examples adds to acceptance.
    """

    ridge: float = 0.2
    balance: float = 0.5
    character_weight: float = 0.3
    word_weight: float = 0.2
    familiarity_weight: float = 1.0

    @classmethod
    def of(cls, given: Mapping[str, Any] | None) -> "ScorerOptions":
        """Options from a configuration, defaults where it has none; raises TypeError on unknown names."""
        return cls(**(given or {}))


@dataclass(frozen=True)
class Scores:
    """What the scorer says of one text.

    `probabilities` are by label and sum to 1; `acceptance` is at least 0 when the text is like the examples of some
    label that is in scope, and below 0 when it is like none.
    """

    labels: tuple[str, ...]
    probabilities: np.ndarray
    acceptance: float

    def ranking(self) -> list[tuple[str, float]]:
        """Labels with their probability, best first."""
        order = np.argsort(-self.probabilities)
        return [(self.labels[i], float(self.probabilities[i])) for i in order]

    def of(self, label: str) -> float:
        """Probability of one label, 0 when it is unknown."""
        return float(self.probabilities[self.labels.index(label)]) if label in self.labels else 0.0

    def without(self, labels: Sequence[str]) -> "Scores":
        """The same among the other labels only."""
        kept, names = _others(self.labels, tuple(labels))
        if len(kept) == len(self.labels):
            return self
        rest = self.probabilities[kept]
        return Scores(names, rest / max(float(rest.sum()), 1e-12), self.acceptance)


@lru_cache(maxsize=16)
def _others(labels: tuple[str, ...], dropped: tuple[str, ...]) -> tuple[np.ndarray, tuple[str, ...]]:
    kept = [i for i, label in enumerate(labels) if label not in dropped]
    return np.array(kept, dtype=np.intp), tuple(labels[i] for i in kept)


class Scorer:
    """Trained on texts, their sentence vectors and labels; scores new ones."""

    def __init__(self, options: ScorerOptions = ScorerOptions()) -> None:
        """Set up an untrained scorer."""
        self.options = options
        self.labels: tuple[str, ...] = ()
        self.outside: tuple[str, ...] = ()
        self.sharpness = 8.0
        self.limit = 0.0
        self._surface = SurfaceFeatures(options.character_weight, options.word_weight)

    def fit(
        self,
        texts: Sequence[str],
        vectors: np.ndarray,
        labels: Sequence[str],
        outside: Sequence[str] = (),
        keep: Path | None = None,
    ) -> None:
        """Train; calibration and the out-of-scope limit come from leave-one-out on the same examples.

        Args:
            texts: examples, one a row of `vectors`.
            vectors: float array (n, layers * size) from the encoder.
            labels: n labels, at least two different ones.
            outside: the labels that mean out of scope.
            keep: an existing folder for what `changed` needs.
        """
        self._know(sorted(set(labels)), outside)
        mixed = np.random.default_rng(0).permutation(len(labels))  # the last ones, which are judged, are like all
        target = np.searchsorted(np.array(self.labels), np.array(labels))[mixed]
        mean, directions = principal(vectors, DIMENSIONS)
        known, surface = unit(unit(vectors[mixed] - mean) @ directions.T), self._surface.fit([texts[i] for i in mixed])
        dual, left_out = self._solve(known, surface, target, keep and keep / FACTOR_FILE)
        rows = SolvedRows(
            messages=tuple(map(Taught, texts, labels)),
            labels=self.labels,
            contexts=(),
            place=mixed,
            target=target,
            where=np.full(len(mixed), -1),
            known=known,
            surface=surface,
            dual=dual,
            mean=mean,
            directions=directions,
        )
        self._take(rows)
        self._calibrate(left_out, target[-len(left_out) :], known[self._inside[target]])
        if keep:
            rows.save(keep)
            self._describe(keep)

    @classmethod
    def changed(
        cls,
        folder: Path,
        gone: Sequence[int],
        come: Sequence[Taught],
        vectors: np.ndarray | None,
        outside: Iterable[str],
    ) -> "Scorer":
        """The scorer for examples that differ from those of a full training, with its calibration.

        Args:
            folder: what `fit` kept.
            gone: numbers of the messages in it that are no examples any more.
            come: further ones.
            vectors: theirs, from the encoder; None where none come.
            outside: the labels that mean out of scope.

        Raises:
            ValueError, OSError: what was kept cannot be used.
        """
        old = SolvedRows.load(folder)
        scorer = cls._described(folder)
        alike = Likeness(GAMMA, lambda left, right: np.ones((1, 1), dtype=np.float32), scorer._ridge)
        factor = ridge.read_factor(folder / FACTOR_FILE, len(old.place))
        rows = changed(old, factor, gone, come, vectors, scorer._surface, alike)
        scorer._know(rows.labels, outside)
        scorer._take(rows)
        return scorer

    def _take(self, rows: SolvedRows) -> None:
        """Score by these rows from now on."""
        inside = self._inside[rows.target]
        order = np.argsort(~inside, kind="stable")  # examples in scope first
        self._count_inside = int(inside.sum())
        self._kernel = kernel.Kernel(
            kernel.graph(rows.mean, rows.directions, rows.known[order], rows.dual[order], GAMMA)
        )
        self._primal = np.asarray(rows.surface.T @ rows.dual, dtype=np.float32)

    def _ridge(self, target: np.ndarray) -> np.ndarray:
        """What each row's diagonal gets: more where its label has many rows."""
        counts = np.bincount(target)[target]
        extra: np.ndarray = self.options.ridge * (counts / counts.mean()) ** self.options.balance
        return extra

    def _solve(
        self, known: np.ndarray, surface: Any, target: np.ndarray, keep: Path | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """The coefficients (n, labels) and the leave-one-out scores of the last examples (some, labels)."""
        alike, extra = Alike(known, surface, GAMMA), self._ridge(target)

        def columns(start: int, end: int) -> np.ndarray:
            found = alike.columns(start, end)
            found[np.diag_indices(end - start)] += extra[start:end]
            return found

        return ridge.solve(columns, np.eye(len(self.labels), dtype=np.float32)[target], keep=keep)

    def _calibrate(self, left_out: np.ndarray, target: np.ndarray, known: np.ndarray) -> None:
        """Find sharpness and limit by the examples that were left out; `known` are all in scope, these last."""
        inside, judged = self._inside, self._inside[target]
        columns = np.where(inside, np.cumsum(inside) - 1, inside.sum())[target]
        self.sharpness = calibration.sharpness(self._merged(left_out), columns)
        accepted = self._acceptance(left_out[judged], _familiarity_of_last(known, int(judged.sum())))
        values = left_out[judged][:, inside]
        self.limit = calibration.limit(values, columns[judged], accepted, len(known))

    def _know(self, labels: Iterable[str], outside: Iterable[str]) -> None:
        """Keep the labels, and once for all which of them are in scope."""
        self.labels, known = tuple(labels), set(outside)
        self.outside = tuple(label for label in self.labels if label in known)
        self._inside = np.array([label not in self.outside for label in self.labels])

    def _merged(self, values: np.ndarray) -> np.ndarray:
        """Scores of the labels in scope, then one for out of scope as a whole."""
        inside = self._inside
        return np.column_stack([values[:, inside], values[:, ~inside].sum(axis=1)]) if self.outside else values

    def _acceptance(self, values: np.ndarray, familiarity: np.ndarray) -> np.ndarray:
        """How much a text is like something in scope: best score, less out of scope's, plus the nearest examples."""
        inside = self._inside
        against = np.maximum(values[:, ~inside].sum(axis=1), 0.0)
        return values[:, inside].max(axis=1) - against + self.options.familiarity_weight * familiarity

    def score(self, texts: Sequence[str], vectors: np.ndarray) -> list[Scores]:
        """Score texts with their sentence vectors (n, layers * size)."""
        cosines, values = self._kernel(vectors)
        familiarity = _familiarity(cosines[:, : self._count_inside])
        values += self._surface.product(texts, self._primal)
        accepted = self._acceptance(values, familiarity) - self.limit
        return [Scores(self.labels, p, float(a)) for p, a in zip(self._probabilities(values), accepted)]

    def _probabilities(self, values: np.ndarray) -> np.ndarray:
        inside, shares = self._inside, calibration.softmax(self._merged(values) * self.sharpness)
        if not self.outside:
            return shares
        spread = calibration.softmax(values[:, ~inside] * self.sharpness)
        probabilities = np.empty_like(values)
        probabilities[:, inside] = shares[:, :-1]
        probabilities[:, ~inside] = shares[:, -1:] * spread
        return probabilities

    def save(self, directory: Path) -> None:
        """Write the trained scorer into an existing folder: arrays and JSON, never pickle."""
        (directory / "kernel.onnx").write_bytes(self._kernel.content)
        primal, scale = in_eight_bits(self._primal)
        np.savez(directory / "surface.npz", primal=primal, scale=scale)
        self._describe(directory)

    def _describe(self, directory: Path) -> None:
        description = {
            "labels": self.labels,
            "outside": self.outside,
            "limit": self.limit,
            "sharpness": self.sharpness,
            "count_inside": self._count_inside,
            "options": vars(self.options),
            "surface": self._surface.description(),
        }
        (directory / "scorer.json").write_text(json.dumps(description), encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> "Scorer":
        """Read a scorer that `save` wrote."""
        scorer = cls._described(directory)
        scorer._kernel = kernel.Kernel((directory / "kernel.onnx").read_bytes())
        with np.load(directory / "surface.npz") as arrays:
            scorer._primal = arrays["primal"] * arrays["scale"]
        return scorer

    @classmethod
    def _described(cls, directory: Path) -> "Scorer":
        """All but the coefficients."""
        description = json.loads((directory / "scorer.json").read_text(encoding="utf-8"))
        scorer = cls(ScorerOptions(**description["options"]))
        scorer._know(description["labels"], description["outside"])
        scorer.limit, scorer.sharpness = description["limit"], description["sharpness"]
        scorer._count_inside = description["count_inside"]
        scorer._surface.restore(description["surface"])
        return scorer


def _familiarity_of_last(known: np.ndarray, last: int) -> np.ndarray:
    """That of the last examples among all."""
    found = []
    for start in range(len(known) - last, len(known), BLOCK):
        cosines = known[start : start + BLOCK] @ known.T
        rows = np.arange(len(cosines))
        cosines[rows, start + rows] = -1.0  # an example is no neighbour of itself
        found.append(_familiarity(cosines))
    return np.concatenate(found)


def _familiarity(cosines: np.ndarray) -> np.ndarray:
    """Mean cosine of each row's nearest examples."""
    count = min(NEIGHBOURS, cosines.shape[1])
    found: np.ndarray = np.partition(cosines, -count, axis=1)[:, -count:].mean(axis=1)
    return found
