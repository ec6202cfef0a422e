"""What a message means after what stood before it: kernel ridge regression over pairs of context and message.

Two pairs are alike by the product of two likenesses: that of the messages, as in scorer.py, and that of what stood
before: 1 for the same context, SHARED for different ones. Examples that hold in no context of their own (questions at
large) stand for "something new"; they are like those of every context by the root of SHARED, so that the whole stays a
kernel.
"""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from bot.nlu.scoring import calibration, ridge
from bot.nlu.scoring.alike import Alike
from bot.nlu.scoring.kept import FACTOR_FILE, NOWHERE, Likeness, SolvedRows, Taught, changed
from bot.nlu.scoring.principal import principal, unit
from bot.nlu.scoring.products import of_few
from bot.nlu.scoring.surface import SurfaceFeatures

NEW = "new"  # the label of what has nothing to do with what stood before
REPLY_GAMMA = 3.0
SHARED = 0.25
RIDGE = 0.25
REPLIES_FILE, REPLIES_ARRAYS = "replies.json", "replies.npz"
REPLY_DIMENSIONS = 256
COMBINATIONS = 32  # of contexts whose weights are kept: each takes a megabyte or two


class ReplyScorer:
    """Trained on messages, their vectors, labels and contexts; gives the labels that fit what stands before."""

    def __init__(self) -> None:
        """Untrained: it knows no context."""
        self.labels: tuple[str, ...] = ()
        self.contexts: tuple[str, ...] = ()
        self._surface = SurfaceFeatures(0.3, 0.3)
        self._sharpness = 8.0

    def fit(
        self,
        texts: Sequence[str],
        vectors: np.ndarray,
        labels: Sequence[str],
        contexts: Sequence[Iterable[str]],
        keep: Path | None = None,
    ) -> None:
        """Train.

        Args:
            texts: messages.
            vectors: float array (n, layers * size) from the encoder.
            labels: n labels, NEW among them.
            contexts: for each message those in which it means that; none for examples at large.
            keep: an existing folder for what `changed` needs.
        """
        pairs = [(i, where) for i, several in enumerate(contexts) for where in (tuple(several) or (NOWHERE,))]
        places = np.array([i for i, _ in pairs])
        self.labels = tuple(sorted(set(labels)))
        self.contexts = tuple(sorted({where for _, where in pairs} - {NOWHERE}))
        self._mean, self._directions = principal(vectors, REPLY_DIMENSIONS)
        known = self._projected(vectors)[places]
        places_where = np.array([-1 if where == NOWHERE else self.contexts.index(where) for _, where in pairs])
        target = np.array([self.labels.index(labels[i]) for i in places])
        surface = self._surface.fit([texts[i] for i in places])
        mixed = np.random.default_rng(0).permutation(len(places))  # the last ones, which are judged, are like all
        alike, where = Alike(known[mixed], surface[mixed], REPLY_GAMMA), places_where[mixed]

        def columns(start: int, end: int) -> np.ndarray:
            found = alike.columns(start, end)
            found *= _together(where[start:], where[start:end])
            found[np.diag_indices(end - start)] += RIDGE
            return found

        goal = np.eye(len(self.labels), dtype=np.float32)[target[mixed]]
        solved, left_out = ridge.solve(columns, goal, keep=keep and keep / FACTOR_FILE)
        dual = np.empty_like(solved)
        dual[mixed] = solved
        messages = tuple(Taught(text, label, tuple(c)) for text, label, c in zip(texts, labels, contexts))
        rows = SolvedRows(
            messages=messages,
            labels=self.labels,
            contexts=self.contexts,
            place=places,
            target=target,
            where=places_where,
            known=known,
            surface=surface,
            dual=dual,
            mean=self._mean,
            directions=self._directions,
        )
        self._take(rows)
        judged = mixed[-len(left_out) :]
        own = self._where[judged] >= 0
        masked = np.where(self._allowed[np.maximum(self._where[judged], 0)], left_out, -9.0)[own]
        self._sharpness = calibration.sharpness(masked, target[judged][own])
        if keep:
            rows.of(mixed).save(keep)
            self._describe(keep)

    @classmethod
    def changed(
        cls, folder: Path, gone: Sequence[int], come: Sequence[Taught], vectors: np.ndarray | None
    ) -> "ReplyScorer":
        """The scorer for messages that differ from those of a full training, with its calibration.

        Args:
            folder: what `fit` kept.
            gone: numbers of the messages in it that are no examples any more.
            come: further ones.
            vectors: theirs, from the encoder; None where none come.

        Raises:
            ValueError, OSError: what was kept cannot be used.
        """
        old = SolvedRows.load(folder)
        scorer = cls()
        scorer._restore(folder)
        alike = Likeness(REPLY_GAMMA, _together, lambda target: np.full(len(target), RIDGE, dtype=np.float32))
        factor = ridge.read_factor(folder / FACTOR_FILE, len(old.place))
        scorer._take(changed(old, factor, gone, come, vectors, scorer._surface, alike))
        return scorer

    def _take(self, rows: SolvedRows) -> None:
        """Score by these rows, which are in the order of their messages, from now on."""
        self.labels, self.contexts = rows.labels, rows.contexts
        self._mean, self._directions, self._where = rows.mean, rows.directions, rows.where
        self._starts = np.flatnonzero(np.diff(rows.place, prepend=-1))  # of each message, whatever its contexts
        self._known, self._dual = rows.known[self._starts].astype(np.float16), rows.dual
        self._surface_rows = rows.surface[self._starts]
        self._allowed = self._labels_by_context(rows.target)
        self._prepare()

    def _labels_by_context(self, target: np.ndarray) -> np.ndarray:
        allowed = np.zeros((len(self.contexts), len(self.labels)), dtype=bool)
        own = self._where >= 0
        allowed[self._where[own], target[own]] = True
        if NEW in self.labels:
            allowed[:, self.labels.index(NEW)] = True
        return allowed

    def _prepare(self) -> None:
        self._known32 = self._known.astype(np.float32)
        self._by_gram = self._surface_rows.T.tocsr()
        self._weights = lru_cache(COMBINATIONS)(self._find_weights)

    def _projected(self, vectors: np.ndarray) -> np.ndarray:
        return unit(of_few(unit(vectors - self._mean), self._directions))

    def score_all(self, texts: Sequence[str], vectors: np.ndarray, active: Iterable[str]) -> list[dict[str, float]]:
        """Probabilities of the labels that can follow on what stands before, best first; {} where nothing known does.

        Args:
            texts: messages, or parts of one.
            vectors: their rows from the encoder.
            active: the contexts that stand.
        """
        standing = self._standing(active)
        if not standing:
            return [{} for _ in texts]
        names, weights = self._weights(standing)
        alike = of_few(self._projected(vectors), self._known32)
        alike -= 1.0
        alike *= REPLY_GAMMA
        np.exp(alike, out=alike)
        self._surface.add_likeness(texts, self._by_gram, alike)
        shares = calibration.softmax(of_few(alike, weights) * self._sharpness)
        return [dict(sorted(zip(names, row.tolist()), key=lambda item: -item[1])) for row in shares]

    def labels_of(self, active: Iterable[str]) -> frozenset[str]:
        """The labels that have examples in one of some contexts."""
        standing = self._standing(active)
        may_follow = self._may_follow(standing) if standing else ()
        return frozenset(label for label, may in zip(self.labels, may_follow) if may)

    def _may_follow(self, standing: tuple[int, ...]) -> np.ndarray:
        found: np.ndarray = self._allowed[list(standing)].any(axis=0)
        return found

    def _standing(self, active: Iterable[str]) -> tuple[int, ...]:
        return tuple(sorted({self.contexts.index(one) for one in active if one in self.contexts}))

    def _find_weights(self, standing: tuple[int, ...]) -> tuple[tuple[str, ...], np.ndarray]:
        """The labels that may follow, and what each message counts for them (labels, messages).

        An example in several contexts is one message: how alike the contexts are is in its weight.
        """
        allowed = self._may_follow(standing)
        factor = np.where(np.isin(self._where, standing), 1.0, SHARED).astype(np.float32)
        factor[self._where < 0] = SHARED**0.5
        weights = np.add.reduceat(factor[:, None] * self._dual[:, allowed], self._starts, axis=0)
        return tuple(label for label, may in zip(self.labels, allowed) if may), np.ascontiguousarray(weights.T)

    def save(self, directory: Path) -> None:
        """Write into an existing folder: arrays and JSON."""
        rows = self._surface_rows
        np.savez(
            directory / REPLIES_ARRAYS,
            mean=self._mean,
            directions=self._directions.astype(np.float16),
            known=self._known,
            dual=self._dual.astype(np.float16),
            where=self._where.astype(np.int16),
            starts=self._starts,
            allowed=self._allowed,
            surface_data=rows.data.astype(np.float16),
            surface_indices=rows.indices,
            surface_ends=rows.indptr,
        )
        self._describe(directory)

    def _describe(self, directory: Path) -> None:
        description: dict[str, Any] = {
            "labels": self.labels,
            "contexts": self.contexts,
            "sharpness": self._sharpness,
            "surface": self._surface.description(),
        }
        (directory / REPLIES_FILE).write_text(json.dumps(description), encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> "ReplyScorer":
        """Read what `save` wrote; one that knows no context where nothing was written."""
        scorer = cls()
        if not (directory / REPLIES_FILE).exists():
            return scorer
        from scipy.sparse import csr_matrix

        scorer._restore(directory)
        with np.load(directory / REPLIES_ARRAYS) as arrays:
            scorer._mean, scorer._known = arrays["mean"], arrays["known"]
            scorer._directions = arrays["directions"].astype(np.float32)
            scorer._dual, scorer._where = arrays["dual"].astype(np.float32), arrays["where"]
            scorer._starts = arrays["starts"]
            scorer._allowed = arrays["allowed"]
            shape = (len(scorer._known), scorer._surface.width)
            parts = (arrays["surface_data"].astype(np.float32), arrays["surface_indices"], arrays["surface_ends"])
            scorer._surface_rows = csr_matrix(parts, shape=shape)
        scorer._prepare()
        return scorer

    def _restore(self, directory: Path) -> None:
        """Take over all but the coefficients."""
        description = json.loads((directory / REPLIES_FILE).read_text(encoding="utf-8"))
        self.labels, self.contexts = tuple(description["labels"]), tuple(description["contexts"])
        self._sharpness = description["sharpness"]
        self._surface.restore(description["surface"])


def _together(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """How alike the contexts of examples are (left, right)."""
    factor = np.where(left[:, None] == right[None], 1.0, SHARED).astype(np.float32)
    factor[(left < 0)[:, None] != (right < 0)[None]] = SHARED**0.5
    return factor
