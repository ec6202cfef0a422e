"""Trains the project's own understanding on any labelled data and measures it: same encoder, scorer and decision."""

import tempfile
import time
from pathlib import Path
from typing import Any, Sequence

import numpy as np
from sklearn.metrics import matthews_corrcoef

from bot.nlu.encoding.encoder import Encoder
from bot.nlu.encoding.export import export
from bot.nlu.scoring.scorer import Scorer, ScorerOptions, Scores

Rows = Sequence[tuple[str, str]]
OUTSIDE = "out of scope"


def measure(train: Rows, test: Rows, oos_label: str | None, config: dict[str, Any], model: str = "") -> dict[str, Any]:
    """Train on `train` alone (out-of-scope limit included) and answer `test`.

    Args:
        train: (text, label) rows.
        test: (text, label) rows; a label that training does not know counts as out of scope.
        oos_label: the label that means out of scope, where the data has one.
        config: the classifier's part of config.yml; only `scorer` counts.
        model: the encoder; empty for the bundled one.

    Returns:
        Shares 0..1 (`in_scope_accuracy`, `out_of_scope_recall`, `accuracy`), `matthews_correlation`, seconds.
    """
    started = time.perf_counter()
    encoder = _encoder(model)
    outside = [oos_label] if oos_label else []
    scorer = Scorer(ScorerOptions.of(config.get("scorer")))
    texts, labels = [text for text, _ in train], [label for _, label in train]
    scorer.fit(texts, encoder.encode(texts), labels, outside)
    trained = time.perf_counter()
    asked = [text for text, _ in test]
    scores = scorer.score(asked, encoder.encode(asked))
    known = set(scorer.labels) - set(outside)
    truth = [label if label in known else OUTSIDE for _, label in test]
    never_declined = figures(truth, [_best_inside(scorer, s) for s in scores])["in_scope_accuracy"]
    return {
        **figures(truth, [_decided(scorer, s) for s in scores]),
        "in_scope_accuracy_never_declining": never_declined,
        "train_rows": len(train),
        "test_rows": len(test),
        "labels": len(known),
        "train_seconds": round(trained - started, 1),
        "test_seconds": round(time.perf_counter() - trained, 1),
    }


def _decided(scorer: Scorer, scores: Scores) -> str:
    """The label, or OUTSIDE by the same limit that the assistant's decision uses."""
    best = scores.ranking()[0][0]
    return OUTSIDE if scores.acceptance < 0 or best in scorer.outside else best


def _best_inside(scorer: Scorer, scores: Scores) -> str:
    return next(label for label, _ in scores.ranking() if label not in scorer.outside)


def figures(truth: Sequence[str], guesses: Sequence[str]) -> dict[str, Any]:
    """Accuracy in scope and overall, recall of out of scope, Matthews correlation; None where there is nothing."""
    expected, got = np.array(truth), np.array(guesses)
    outside = expected == OUTSIDE

    def share(rows: np.ndarray) -> float | None:
        return round(float((expected[rows] == got[rows]).mean()), 4) if rows.any() else None

    return {
        "in_scope_accuracy": share(~outside),
        "out_of_scope_recall": share(outside),
        "accuracy": share(np.ones(len(expected), dtype=bool)),
        "matthews_correlation": round(float(matthews_corrcoef(expected, got)), 4),
        "in_scope_declined": round(float((got[~outside] == OUTSIDE).mean()), 4) if (~outside).any() else None,
    }


def _encoder(model: str) -> Encoder:
    with tempfile.TemporaryDirectory() as name:
        export(model, Path(name))
        return Encoder(Path(name))
