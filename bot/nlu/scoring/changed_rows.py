"""The coefficients of a kernel ridge regression after some examples have gone and some have come, without a new solve.

The Cholesky factor of the full solve is kept. Rows that go are held at 0 by multipliers, rows that come border the
system (Golub & Van Loan 2013, Matrix Computations, section 3.2.6, block elimination): for r rows gone and a come, that
takes two passes over the factor and one small symmetric system of r + a unknowns. The result is that of a full solve of
the same kernel, to within rounding.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from bot.nlu.scoring import ridge
from bot.nlu.scoring.products import by_numpy


@dataclass(frozen=True)
class Come:
    """Rows that have come.

    Attributes:
        across: their kernel with all old rows, also with those that go (old, come).
        among: their kernel with each other, the ridge on its diagonal (come, come).
        goal: what they are to score (come, labels).
    """

    across: np.ndarray
    among: np.ndarray
    goal: np.ndarray


def resolve(factor: ridge.Factor, dual: np.ndarray, gone: np.ndarray, come: Come) -> tuple[np.ndarray, np.ndarray]:
    """The coefficients of the old rows, 0 for those that have gone, and those of the rows that have come.

    Args:
        factor: of the old rows' kernel, as ridge.py keeps it.
        dual: the old rows' coefficients (old, labels), a column of 0 for each label that is new.
        gone: numbers of the rows that have gone.
        come: the rows that have come.

    Raises:
        ValueError: the system cannot be solved.
    """
    several = len(gone) + len(come.goal)
    if not several:
        return dual, np.zeros_like(come.goal)
    right = np.zeros((len(dual), several), dtype=np.float32)
    right[gone, np.arange(len(gone))] = 1.0
    right[:, len(gone) :] = come.across
    half = ridge.forward(factor, right, by_numpy)
    inner = (half.T @ half).astype(np.float64)
    inner[len(gone) :, len(gone) :] -= come.among
    aim = np.vstack([dual[gone], come.across.T @ dual - come.goal])
    try:
        found = linalg.solve(inner, aim, assume_a="sym").astype(np.float32)
    except linalg.LinAlgError as error:
        raise ValueError("The changed examples cannot be told apart numerically.") from error
    changed = dual - ridge.backward(factor, half @ found, by_numpy)
    changed[gone] = 0.0
    return changed, found[len(gone) :]
