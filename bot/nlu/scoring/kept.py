"""What a full training keeps of one kernel ridge regression, and the regression for examples that differ in a few.

A folder holds the rows as they were solved, their coefficients, and the Cholesky factor of their kernel (600 MB for
17,000 rows). Projection, weights of the n-grams, calibration and the old rows' ridge stay those of the full training,
so that only the changed rows are new; docs/decisions/0023-training-only-what-changed.md tells what that costs.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix, vstack

from bot.nlu.scoring import changed_rows, ridge
from bot.nlu.scoring.alike import likeness
from bot.nlu.scoring.principal import unit
from bot.nlu.scoring.surface import SurfaceFeatures

FACTOR_FILE, ROWS_FILE, MESSAGES_FILE = "factor.f32", "rows.npz", "messages.json"
ARRAYS = ("place", "target", "where", "known", "dual", "mean", "directions")
NOWHERE = ""  # the context of examples at large


class Taught(NamedTuple):
    """A text, what it means, and after which contexts it means that (none: wherever it is said)."""

    text: str
    label: str
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class SolvedRows:
    """The rows of one regression: a message has one for each of its contexts, or one of no context.

    Attributes:
        messages: what was learnt.
        labels: names, by their numbers in `target`.
        contexts: names, by their numbers in `where`.
        place: number of each row's message.
        target: number of its label.
        where: number of its context, -1 for none.
        known: projected vectors of length 1.
        surface: n-grams, a sparse row each.
        dual: coefficients (rows, labels).
        mean: taken off the encoder's vectors.
        directions: on which they are projected, one a row.
    """

    messages: tuple[Taught, ...]
    labels: tuple[str, ...]
    contexts: tuple[str, ...]
    place: np.ndarray
    target: np.ndarray
    where: np.ndarray
    known: np.ndarray
    surface: csr_matrix
    dual: np.ndarray
    mean: np.ndarray
    directions: np.ndarray

    def projected(self, vectors: np.ndarray) -> np.ndarray:
        """Vectors of the encoder as rows like `known`."""
        return unit(unit(vectors - self.mean) @ self.directions.T)

    def of(self, order: np.ndarray) -> "SolvedRows":
        """The same rows in another order."""
        parts = {name: getattr(self, name)[order] for name in ("place", "target", "where", "known", "surface", "dual")}
        return replace(self, **parts)

    def save(self, folder: Path) -> None:
        """Write into an existing folder."""
        np.savez(
            folder / ROWS_FILE,
            **{name: getattr(self, name) for name in ARRAYS},
            data=self.surface.data,
            indices=self.surface.indices,
            ends=self.surface.indptr,
            width=self.surface.shape[1],
        )
        messages = [[one.text, one.label, one.after] for one in self.messages]
        described = {"messages": messages, "labels": self.labels, "contexts": self.contexts}
        (folder / MESSAGES_FILE).write_text(json.dumps(described), encoding="utf-8")

    @staticmethod
    def messages_of(folder: Path) -> tuple[Taught, ...]:
        """The messages alone of what `save` wrote; none where it wrote nothing."""
        if not (folder / MESSAGES_FILE).exists():
            return ()
        described = json.loads((folder / MESSAGES_FILE).read_text(encoding="utf-8"))
        return tuple(Taught(text, label, tuple(after)) for text, label, after in described["messages"])

    @classmethod
    def load(cls, folder: Path) -> "SolvedRows":
        """Read what `save` wrote."""
        described = json.loads((folder / MESSAGES_FILE).read_text(encoding="utf-8"))
        with np.load(folder / ROWS_FILE) as arrays:
            surface = arrays["data"], arrays["indices"], arrays["ends"]
            return cls(
                messages=cls.messages_of(folder),
                labels=tuple(described["labels"]),
                contexts=tuple(described["contexts"]),
                **{name: arrays[name] for name in ARRAYS},
                surface=csr_matrix(surface, shape=(len(arrays["place"]), int(arrays["width"]))),
            )


@dataclass(frozen=True)
class Likeness:
    """What makes two rows alike, beside their vectors and n-grams.

    Attributes:
        gamma: how quickly likeness falls with the cosine.
        together: how alike contexts are, by their numbers (left, right).
        ridge: added to the diagonal for each of the rows whose labels' numbers are given.
    """

    gamma: float
    together: Callable[[np.ndarray, np.ndarray], np.ndarray]
    ridge: Callable[[np.ndarray], np.ndarray]


def difference(old: Sequence[Taught], new: Sequence[Taught]) -> tuple[list[int], list[int]]:
    """The numbers of the old messages that are not among the new ones, and of the new that are not among the old."""
    return _without(old, Counter(new)), _without(new, Counter(old))


def _without(messages: Sequence[Taught], others: Counter[Taught]) -> list[int]:
    found = []
    for number, message in enumerate(messages):
        if others[message] > 0:
            others[message] -= 1
        else:
            found.append(number)
    return found


def changed(
    rows: SolvedRows,
    factor: ridge.Factor,
    gone: Sequence[int],
    come: Sequence[Taught],
    vectors: np.ndarray | None,
    surface: SurfaceFeatures,
    alike: Likeness,
) -> SolvedRows:
    """The rows after some messages have gone and some have come, in the order of the messages.

    Args:
        rows: as a full training solved them.
        factor: that it kept.
        gone: numbers of messages.
        come: further messages.
        vectors: theirs, from the encoder; None where none come.
        surface: as the full training learnt it; learns what is new in the messages that come.
        alike: what the full training went by.

    Raises:
        ValueError: the system cannot be solved.
    """
    pairs = [(number, where) for number, one in enumerate(come) for where in one.after or (NOWHERE,)]
    numbers = np.array([number for number, _ in pairs], dtype=int)
    labels = _extended(rows.labels, [one.label for one in come])
    contexts = _extended(rows.contexts, [where for _, where in pairs if where != NOWHERE])
    target = np.array([labels.index(come[number].label) for number in numbers], dtype=int)
    where = np.array([contexts.index(name) if name != NOWHERE else -1 for _, name in pairs], dtype=int)
    texts = [come[number].text for number in numbers]
    old_surface = surface.learn_more(texts, rows.surface)
    new_surface = surface.transform(texts) if texts else old_surface[:0]
    known = rows.known[:0] if vectors is None else rows.projected(vectors)[numbers]

    left = np.isin(rows.place, np.asarray(gone, dtype=int))
    all_targets = np.concatenate([rows.target[~left], target])
    across = likeness(rows.known, old_surface, known, new_surface, alike.gamma) * alike.together(rows.where, where)
    among = likeness(known, new_surface, known, new_surface, alike.gamma) * alike.together(where, where)
    among[np.diag_indices(len(among))] += alike.ridge(all_targets)[len(all_targets) - len(target) :]
    goal = np.eye(len(labels), dtype=np.float32)[target]
    dual = np.pad(rows.dual, ((0, 0), (0, len(labels) - len(rows.labels))))
    old_dual, new_dual = changed_rows.resolve(
        factor, dual, np.flatnonzero(left), changed_rows.Come(across, among, goal)
    )
    return _in_order(
        replace(
            rows,
            messages=rows.messages + tuple(come),
            labels=labels,
            contexts=contexts,
            place=np.concatenate([rows.place[~left], len(rows.messages) + numbers]),
            target=all_targets,
            where=np.concatenate([rows.where[~left], where]),
            known=np.vstack([rows.known[~left], known]),
            surface=vstack([old_surface[~left], new_surface], format="csr", dtype=np.float32),
            dual=np.vstack([old_dual[~left], new_dual]),
        )
    )


def _extended(known: tuple[str, ...], names: Sequence[str]) -> tuple[str, ...]:
    return known + tuple(sorted(set(names) - set(known)))


def _in_order(rows: SolvedRows) -> SolvedRows:
    """The same in the order of the messages, with only those messages, labels and contexts that have rows."""
    order = np.argsort(rows.place, kind="stable")
    present, place = np.unique(rows.place[order], return_inverse=True)
    labels = sorted({rows.labels[number] for number in set(rows.target.tolist())})
    contexts = sorted({rows.contexts[number] for number in set(rows.where.tolist()) if number >= 0})
    target_of = np.array([labels.index(name) if name in labels else -1 for name in rows.labels])
    where_of = np.array([*(contexts.index(name) if name in contexts else -1 for name in rows.contexts), -1])
    return replace(
        rows,
        messages=tuple(rows.messages[number] for number in present),
        labels=tuple(labels),
        contexts=tuple(contexts),
        place=place,
        target=target_of[rows.target[order]],
        where=where_of[rows.where[order]],  # -1, for no context, is the last one
        known=rows.known[order],
        surface=rows.surface[order],
        dual=rows.dual[order][:, [rows.labels.index(name) for name in labels]],
    )
