"""The intent scorer: sentence vectors and character n-grams through a linear SVM, with calibrated probabilities."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

import numpy as np
from scipy.sparse import csr_matrix, hstack
from scipy.special import logsumexp, softmax
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

NEIGHBOURS = 3
FAMILIARITY_WEIGHT = 2.0


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


class Scorer:
    """Trained on texts, their sentence vectors and labels; scores new ones."""

    def __init__(
        self, character_weight: float = 0.7, regularisation: float = 0.5, seed: int = 0, balanced: bool = True
    ) -> None:
        """Set up an untrained scorer.

        Args:
            character_weight: weight of the character n-grams beside the unit-length sentence vectors.
            regularisation: C of the linear SVM.
            seed: for the SVM and the cross-validation folds.
            balanced: weigh rare labels up.
        """
        self.character_weight = character_weight
        self.regularisation = regularisation
        self.seed = seed
        self.balanced = balanced
        self.sharpness = 4.0
        self.limit = 0.0
        self.labels: tuple[str, ...] = ()
        self.outside: tuple[str, ...] = ()

    # -- training ------------------------------------------------------------------------------------------

    def fit(
        self,
        texts: Sequence[str],
        vectors: np.ndarray,
        labels: Sequence[str],
        outside: Sequence[str] = (),
        folds: int = 5,
    ) -> None:
        """Train; calibration and the out-of-scope limit come from cross-validation on the same examples.

        Args:
            texts: examples, one a row of `vectors`.
            vectors: float array (n, 2 * size) from the encoder.
            labels: n labels, at least two different ones.
            outside: the labels that mean out of scope.
            folds: of the cross-validation.
        """
        target = np.array(labels)
        self._fit_once(texts, vectors, target, outside)
        values, accepted = self._cross_validate(texts, vectors, target, outside, folds)
        truth = np.searchsorted(np.array(self.labels), target)
        self.sharpness = _best_sharpness(values, truth)
        inside = ~np.isin(target, list(self.outside))
        self.limit = _limit(values[inside], truth[inside], accepted[inside], self._inside())

    def _fit_once(self, texts: Sequence[str], vectors: np.ndarray, target: np.ndarray, outside: Sequence[str]) -> None:
        self.labels = tuple(sorted(set(target)))
        self.outside = tuple(label for label in self.labels if label in set(outside))
        self._fit_features(texts, vectors)
        self._coefficients, self._intercept = self._fit_svm(self._features(texts, vectors), target)
        inside = ~np.isin(target, list(self.outside))
        self._neighbours = vectors[inside, : vectors.shape[1] // 2].astype(np.float32)

    def _cross_validate(
        self,
        texts: Sequence[str],
        vectors: np.ndarray,
        target: np.ndarray,
        outside: Sequence[str],
        folds: int,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Decision values (n, labels) and raw acceptance (n,) of examples that the scorer has not seen."""
        values = np.full((len(target), len(self.labels)), -1.0)
        accepted = np.zeros(len(target))
        splitter = StratifiedKFold(folds, shuffle=True, random_state=self.seed)
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a label smaller than the fold count is fine here
            splits = list(splitter.split(vectors, target))
        for train, test in splits:
            part = Scorer(self.character_weight, self.regularisation, self.seed, self.balanced)
            part._fit_once([texts[i] for i in train], vectors[train], target[train], outside)
            rows = part._decide([texts[i] for i in test], vectors[test])
            columns = np.searchsorted(np.array(self.labels), np.array(part.labels))
            values[np.ix_(test, columns)] = rows
            accepted[test] = part._acceptance(rows, vectors[test])
        return values, accepted

    def _inside(self) -> np.ndarray:
        return np.array([label not in self.outside for label in self.labels])

    def _acceptance(self, values: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        """How much a text is like something in scope: best SVM value, less the best outside, plus nearest examples."""
        inside = self._inside()
        against = values[:, ~inside].max(axis=1) if self.outside else -1.0
        familiar = _familiarity(vectors[:, : vectors.shape[1] // 2], self._neighbours)
        return values[:, inside].max(axis=1) - np.maximum(against, -1.0) + FAMILIARITY_WEIGHT * familiar

    def _fit_features(self, texts: Sequence[str], vectors: np.ndarray) -> None:
        self._vectorizer = _vectorizer()
        self._vectorizer.fit([_plain(text) for text in texts])
        self._mean = vectors.mean(axis=0).astype(np.float32)

    def _fit_svm(self, matrix: csr_matrix, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        svm = LinearSVC(
            C=self.regularisation,
            random_state=self.seed,
            class_weight="balanced" if self.balanced else None,
            max_iter=3000,
        )
        svm.fit(matrix, target)
        if len(svm.classes_) == 2:  # scikit-learn gives one row for two labels
            return np.vstack([-svm.coef_, svm.coef_]).astype(np.float32), np.array(
                [-svm.intercept_[0], svm.intercept_[0]]
            )
        return svm.coef_.astype(np.float32), svm.intercept_

    # -- use -----------------------------------------------------------------------------------------------

    def score(self, texts: Sequence[str], vectors: np.ndarray) -> list[Scores]:
        """Score texts with their sentence vectors (n, 2 * size)."""
        values = self._decide(texts, vectors)
        probabilities = softmax(values * self.sharpness, axis=1)
        accepted = self._acceptance(values, vectors) - self.limit
        return [Scores(self.labels, p, float(a)) for p, a in zip(probabilities, accepted)]

    def _decide(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        size = vectors.shape[1]
        characters = self._vectorizer.transform([_plain(text) for text in texts]) * self.character_weight
        dense = (vectors - self._mean) / np.sqrt(2)
        return dense @ self._coefficients[:, :size].T + characters @ self._coefficients[:, size:].T + self._intercept

    def _features(self, texts: Sequence[str], vectors: np.ndarray) -> csr_matrix:
        characters = self._vectorizer.transform([_plain(text) for text in texts]) * self.character_weight
        dense = csr_matrix((vectors - self._mean) / np.sqrt(2))
        return hstack([dense, characters]).tocsr()

    # -- storage: arrays and JSON, never pickle ------------------------------------------------------------

    def save(self, directory: Path) -> None:
        """Write the trained scorer into an existing folder."""
        np.savez(
            directory / "scorer.npz",
            coefficients=self._coefficients,
            intercept=self._intercept,
            mean=self._mean,
            neighbours=self._neighbours.astype(np.float16),
            idf=self._vectorizer.idf_,
        )
        description = {
            "labels": self.labels,
            "outside": self.outside,
            "limit": self.limit,
            "sharpness": self.sharpness,
            "character_weight": self.character_weight,
            "vocabulary": {gram: int(i) for gram, i in self._vectorizer.vocabulary_.items()},
        }
        (directory / "scorer.json").write_text(json.dumps(description), encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> "Scorer":
        """Read a scorer that `save` wrote."""
        description = json.loads((directory / "scorer.json").read_text(encoding="utf-8"))
        scorer = cls(character_weight=description["character_weight"])
        scorer.labels, scorer.outside = tuple(description["labels"]), tuple(description["outside"])
        scorer.limit = description["limit"]
        scorer.sharpness = description["sharpness"]
        with np.load(directory / "scorer.npz") as arrays:
            scorer._coefficients = arrays["coefficients"]
            scorer._intercept = arrays["intercept"]
            scorer._mean = arrays["mean"]
            scorer._neighbours = arrays["neighbours"].astype(np.float32)
            idf = arrays["idf"]
        scorer._vectorizer = _vectorizer(description["vocabulary"])
        scorer._vectorizer.idf_ = idf
        return scorer


def _vectorizer(vocabulary: dict[str, int] | None = None) -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(2, 5),
        min_df=2 if vocabulary is None else 1,
        sublinear_tf=True,
        dtype=np.float32,
        vocabulary=vocabulary,
    )


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def _familiarity(vectors: np.ndarray, known: np.ndarray) -> np.ndarray:
    cosines = vectors @ known.T
    count = min(NEIGHBOURS, cosines.shape[1])
    return np.partition(cosines, -count, axis=1)[:, -count:].mean(axis=1)


def _best_sharpness(values: np.ndarray, truth: np.ndarray) -> float:
    """The softmax factor under which held-out examples are likeliest."""
    rows = np.arange(len(truth))
    candidates = np.arange(1.0, 12.1, 0.5)
    losses = [(logsumexp(values * f, axis=1) - values[rows, truth] * f).mean() for f in candidates]
    return float(candidates[int(np.argmin(losses))])


def _limit(values: np.ndarray, truth: np.ndarray, accepted: np.ndarray, inside: np.ndarray) -> float:
    """The acceptance below which a text is out of scope.

    The share of held-out examples that it gives up falls with their number (few examples describe a label badly, so
    what differs from them is doubtful) and rises with the scorer's own error. The two exponents were chosen on
    CLINC150 and small samples of it (docs/understanding.md).
    """
    guesses = np.where(inside, values, -np.inf).argmax(axis=1)
    error = float((guesses != truth).mean())
    share = max(8.0 * len(truth) ** -0.75, error**2)
    return float(np.quantile(accepted, min(0.3, share)))
