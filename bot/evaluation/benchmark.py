"""Trains the project's own understanding on any labelled data and measures it: same encoder, scorer and decision.

The spelling step is left out: its words are those of this assistant and of everyday English, and would put names and
terms of other data wrong.
"""

import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Any, Sequence

import numpy as np
from sklearn.metrics import matthews_corrcoef

from bot.evaluation.misspelt import misspelt
from bot.nlu.encoding.encoder import Encoder
from bot.nlu.encoding.export import export
from bot.nlu.scoring.scorer import Scorer, ScorerOptions, Scores

Rows = Sequence[tuple[str, str]]
OUTSIDE = "out of scope"


@dataclass(frozen=True)
class Setting:
    """What is measured, and how often.

    Attributes:
        examples: so many training rows of each label are drawn, all where a label has fewer; 0 for all of all.
        slips: share 0..1 of the test messages that get a slip of the pen or two.
        seeds: how many draws, of examples and of slips; where nothing is drawn one run says all.
    """

    examples: int = 0
    slips: float = 0.0
    seeds: int = 5

    def draws(self) -> range:
        """The seeds of the runs."""
        return range(1, (self.seeds if self.examples or self.slips else 1) + 1)


def measure(
    train: Rows, test: Rows, oos_label: str | None, setting: Setting, config: dict[str, Any], model: str = ""
) -> dict[str, Any]:
    """Train on `train` alone (out-of-scope limit included) and answer `test`, once for each seed.

    Args:
        train: (text, label) rows.
        test: (text, label) rows; a label that training does not know counts as out of scope.
        oos_label: the label that means out of scope, where the data has one.
        setting: how many examples, how many slips, how many seeds.
        config: the classifier's part of config.yml; only `scorer` counts.
        model: the encoder; empty for the bundled one.

    Returns:
        As `together`: shares 0..1 (`in_scope_accuracy`, `out_of_scope_recall`, `accuracy`), `matthews_correlation`,
        seconds, and where there are several runs their `spread`.
    """
    bench = _Bench(_encoder(model), ScorerOptions.of(config.get("scorer")), [oos_label] if oos_label else [])
    runs: list[dict[str, float | None]] = []
    for seed in setting.draws():
        if setting.examples or not runs:  # slips alone need no new training
            bench.train(drawn(train, setting.examples, seed))
        runs.append(bench.answer(with_slips(test, setting.slips, seed)))
    return together(runs)


def drawn(rows: Rows, examples: int, seed: int) -> Rows:
    """So many rows of each label, in their order; always the same for a seed.

    Args:
        rows: (text, label).
        examples: how many of a label, 0 for all.
        seed: of the draw.
    """
    if not examples:
        return rows
    places: dict[str, list[int]] = defaultdict(list)
    for place, (_, label) in enumerate(rows):
        places[label].append(place)
    chance = random.Random(seed)  # noqa: S311  the same draw every time
    kept = {place for found in places.values() for place in chance.sample(found, min(examples, len(found)))}
    return [row for place, row in enumerate(rows) if place in kept]


def with_slips(rows: Rows, share: float, seed: int) -> Rows:
    """The rows with a slip or two in that share (0..1) of their texts; always the same for a seed."""
    found = []
    for text, label in rows:
        chance = random.Random(f"{seed} {text}")  # noqa: S311  the same slips every time
        found.append((misspelt(text, chance) if chance.random() < share else text, label))
    return found


def together(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One report: of several runs the mean of each figure, `spread`, their standard deviation, and the `runs`."""
    if len(runs) == 1:
        return dict(runs[0])
    told: dict[str, list[float]] = {name: [run[name] for run in runs if run[name] is not None] for name in runs[0]}
    return {
        **{name: round(mean(values), 4) if values else None for name, values in told.items()},
        "spread": {name: round(stdev(values), 4) for name, values in told.items() if len(set(values)) > 1},
        "runs": list(runs),
    }


class _Bench:
    """An encoder with a scorer that is trained on rows and answers others."""

    def __init__(self, encoder: Encoder, options: ScorerOptions, outside: Sequence[str]) -> None:
        self._encoder, self._options, self._outside = encoder, options, outside
        self._scorer = Scorer(options)
        self._trained: dict[str, float | None] = {}

    def train(self, rows: Rows) -> None:
        """A new scorer, on these rows alone."""
        started = time.perf_counter()
        texts, labels = [text for text, _ in rows], [label for _, label in rows]
        self._scorer = Scorer(self._options)
        self._scorer.fit(texts, self._encoder.encode(texts), labels, self._outside)
        self._trained = {"train_rows": len(rows), "train_seconds": round(time.perf_counter() - started, 1)}

    def answer(self, rows: Rows) -> dict[str, float | None]:
        """The figures of one test."""
        started, scorer = time.perf_counter(), self._scorer
        asked = [text for text, _ in rows]
        scores = scorer.score(asked, self._encoder.encode(asked))
        known = set(scorer.labels) - set(self._outside)
        truth = [label if label in known else OUTSIDE for _, label in rows]
        never_declined = figures(truth, [_best_inside(scorer, s) for s in scores])["in_scope_accuracy"]
        return {
            **figures(truth, [_decided(scorer, s) for s in scores]),
            "in_scope_accuracy_never_declining": never_declined,
            "test_rows": len(rows),
            "labels": len(known),
            **self._trained,
            "test_seconds": round(time.perf_counter() - started, 1),
        }


def _decided(scorer: Scorer, scores: Scores) -> str:
    """The label, or OUTSIDE by the same limit that the assistant's decision uses."""
    best = scores.ranking()[0][0]
    return OUTSIDE if scores.acceptance < 0 or best in scorer.outside else best


def _best_inside(scorer: Scorer, scores: Scores) -> str:
    return next(label for label, _ in scores.ranking() if label not in scorer.outside)


def figures(truth: Sequence[str], guesses: Sequence[str]) -> dict[str, float | None]:
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
