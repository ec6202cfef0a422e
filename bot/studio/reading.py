"""How a trained understanding reads many texts: as it reads each by itself, in a fraction of the time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.evaluation.accuracy import judge
from bot.nlu.decision import Decision
from bot.nlu.plan import Plan, decide
from bot.nlu.scoring.scorer import Scores
from bot.nlu.standalone import Understanding
from bot.studio.kept_vectors import KeptVectors, Vectors

TEXTS_AT_ONCE = 64


@dataclass(frozen=True)
class AskedText:
    """A text with what stood before it."""

    text: str
    context: Mapping[str, Any] | None = None


class Reader:
    """Reads texts with one model."""

    def __init__(self, understanding: Understanding, vectors: KeptVectors) -> None:
        """`vectors` may be shared with another reader whose encoder gives the same."""
        self.understanding, self.vectors = understanding, vectors

    @classmethod
    def open(cls, archive: Path, folder: Path) -> "Reader":
        """Of a model's archive, with vectors that are kept in a folder."""
        understanding = Understanding.load(archive)
        return cls(understanding, KeptVectors(understanding.encoder, folder))

    def read(self, texts: Sequence[AskedText], keep: bool = True) -> list[Decision]:
        """The decisions, in the order of the texts.

        Args:
            keep: whether their vectors may be kept; those of what people wrote must not.
        """
        found: list[Decision] = []
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            found += self._batch(texts[start : start + TEXTS_AT_ONCE], keep)
        return found

    def read_alone(self, one: AskedText) -> Decision:
        """One decision as the assistant makes it: in a batch, rounding may turn one in some hundred that are close."""
        known = self.understanding
        plan = known.plan(one.text, one.context)
        vectors = plan.encode(known.encoder)
        return decide(plan, vectors, known.encoder.size, known.scorer, known.thresholds, known.replies)[0]

    def _batch(self, texts: Sequence[AskedText], keep: bool) -> Iterator[Decision]:
        known = self.understanding
        plans = [known.plan(one.text, one.context) for one in texts]
        vectors = [self.vectors.of(plan, keep) for plan in plans]
        scored = [text for plan in plans for text in plan.texts[: plan.scored]]
        rows = np.vstack([found[: plan.scored] for plan, found in zip(plans, vectors)])
        scores = iter(known.scorer.score(scored, rows))
        for plan, found in zip(plans, vectors):
            first = [next(scores) for _ in range(plan.scored)]
            yield _decided(plan, found, first, known)


def _decided(plan: Plan, vectors: Vectors, first: list[Scores], known: Understanding) -> Decision:
    scorer: Any = _ScoredBefore(first, known.scorer)
    return decide(plan, vectors, known.encoder.size, scorer, known.thresholds, known.replies)[0]


class _ScoredBefore:
    """Stands for a scorer: the first answer was found with those of other messages, the others are found now."""

    def __init__(self, first: list[Scores], scorer: Any) -> None:
        self._first: list[Scores] | None = first
        self._scorer = scorer

    def score(self, texts: Sequence[str], vectors: Vectors) -> list[Scores]:
        found, self._first = self._first, None
        return self._scorer.score(texts, vectors) if found is None else found


def labels_read(decided: Decision) -> tuple[str, ...]:
    """What is answered: the labels, or the one label of what is asked back or declined."""
    return judge({"text": "", "expect": [""]}, decided).got
