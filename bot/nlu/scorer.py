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


@dataclass(frozen=True)
class Scores:
    """What the scorer says of one text: `probabilities` by label (sums to 1), `familiarity` 0..1 (nearest examples)."""

    labels: tuple[str, ...]
    probabilities: np.ndarray
    familiarity: float
    margin: float

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
        self, character_weight: float = 0.5, regularisation: float = 0.5, seed: int = 0, balanced: bool = True
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
        self.labels: tuple[str, ...] = ()

    # -- training ------------------------------------------------------------------------------------------

    def fit(self, texts: Sequence[str], vectors: np.ndarray, labels: Sequence[str], folds: int = 5) -> np.ndarray:
        """Train, and calibrate on cross-validation.

        Args:
            texts: examples, one a row of `vectors`.
            vectors: float array (n, 2 * size) from the encoder.
            labels: n labels.
            folds: cross-validation folds; a label with fewer examples lowers it.

        Returns:
            Cross-validated decision values (n, labels): what the scorer says of examples it has not seen.
        """
        target = np.array(labels)
        self.labels = tuple(sorted(set(labels)))
        held_out = self._cross_validate(texts, vectors, target, folds)
        truth = np.searchsorted(np.array(self.labels), target)
        self.sharpness = _best_sharpness(held_out, truth)
        self._fit_features(texts, vectors)
        matrix = self._features(texts, vectors)
        self._coefficients, self._intercept = self._fit_svm(matrix, target)
        self._neighbours = vectors[:, : vectors.shape[1] // 2].astype(np.float16)
        return held_out

    def _cross_validate(self, texts: Sequence[str], vectors: np.ndarray, target: np.ndarray, folds: int) -> np.ndarray:
        values = np.full((len(target), len(self.labels)), -1.0)
        splitter = StratifiedKFold(folds, shuffle=True, random_state=self.seed)
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a label smaller than the fold count is fine here
            splits = list(splitter.split(vectors, target))
        self.held_out_familiarity = np.zeros(len(target))
        for train, test in splits:
            part = Scorer(self.character_weight, self.regularisation, self.seed, self.balanced)
            part.labels = tuple(sorted(set(target[train])))
            part._fit_features([texts[i] for i in train], vectors[train])
            part._coefficients, part._intercept = part._fit_svm(
                part._features([texts[i] for i in train], vectors[train]), target[train]
            )
            columns = np.searchsorted(np.array(self.labels), np.array(part.labels))
            rows = part._decide([texts[i] for i in test], vectors[test])
            values[np.ix_(test, columns)] = rows
            half = vectors.shape[1] // 2
            self.held_out_familiarity[test] = _familiarity(vectors[test][:, :half], vectors[train][:, :half])
        return values

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
        half = vectors.shape[1] // 2
        familiar = _familiarity(vectors[:, :half], self._neighbours.astype(np.float32))
        return [
            Scores(self.labels, probabilities[i], float(familiar[i]), float(values[i].max()))
            for i in range(len(texts))
        ]

    def decision_values(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        """Raw SVM values (n, labels)."""
        return self._decide(texts, vectors)

    def familiarity(self, vectors: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
        """Mean cosine to the nearest examples, (n,); `rows` restricts which training examples count."""
        known = self._neighbours if rows is None else self._neighbours[rows]
        return _familiarity(vectors[:, : vectors.shape[1] // 2], known.astype(np.float32))

    def _decide(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        size = vectors.shape[1]
        characters = self._vectorizer.transform([_plain(text) for text in texts]) * self.character_weight
        dense = (vectors - self._mean) / np.sqrt(2)
        return (
            dense @ self._coefficients[:, :size].T
            + characters @ self._coefficients[:, size:].T
            + self._intercept
        )

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
            neighbours=self._neighbours,
            idf=self._vectorizer.idf_,
        )
        description = {
            "labels": self.labels,
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
        scorer.labels = tuple(description["labels"])
        scorer.sharpness = description["sharpness"]
        with np.load(directory / "scorer.npz") as arrays:
            scorer._coefficients = arrays["coefficients"]
            scorer._intercept = arrays["intercept"]
            scorer._mean = arrays["mean"]
            scorer._neighbours = arrays["neighbours"]
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
