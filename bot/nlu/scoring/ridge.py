"""Kernel ridge regression, with the scores that each example would get from a model trained without it.

Leave-one-out in closed form: Rasmussen & Williams 2006, Gaussian Processes for Machine Learning, section 5.4.2. It
needs the diagonal of the kernel's inverse only, which is summed up block by block, so that beside the kernel, factored
where it stands, no second matrix of its size is kept.
"""

import numpy as np
from scipy.linalg import LinAlgError, cholesky, solve_triangular

from bot.nlu.progress import shown
from bot.nlu.scoring.products import BLOCK, Product, fastest


def solve(kernel: np.ndarray, goal: np.ndarray, product: Product | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Solve `kernel @ dual = goal`.

    Args:
        kernel: float32 (n, n), symmetric, the ridge already on its diagonal; it is overwritten.
        goal: float32 (n, labels).
        product: multiplies matrices; None for the fastest one here.

    Returns:
        The coefficients (n, labels), and the leave-one-out scores (n, labels).

    Raises:
        ValueError: the kernel is not positive definite.
    """
    product = product or fastest()
    try:
        _factor(kernel, product)
    except LinAlgError as error:
        raise ValueError("The examples cannot be told apart numerically: give the scorer a larger `ridge`.") from error
    halfway = _forward(kernel, goal, product)
    dual, diagonal = np.empty_like(goal), np.empty(len(kernel), dtype=np.float32)
    for start in shown(range(0, len(kernel), BLOCK), "Leaving each one out"):
        rest = kernel[start:, start:]
        inverse = _forward(rest, np.eye(len(rest), min(BLOCK, len(rest)), dtype=np.float32), product)
        dual[start : start + BLOCK] = product(inverse.T, halfway[start:])
        diagonal[start : start + BLOCK] = np.einsum("ij,ij->j", inverse, inverse)
    return dual, goal - dual / diagonal[:, None]


def _factor(matrix: np.ndarray, product: Product) -> None:
    """Cholesky factor in the lower half, where the matrix stood; what is above the diagonal blocks stays."""
    size = len(matrix)
    for start in shown(range(0, size, BLOCK), "Fitting the examples"):
        end = min(start + BLOCK, size)
        corner = cholesky(matrix[start:end, start:end], lower=True)
        matrix[start:end, start:end] = corner
        below = np.ascontiguousarray(solve_triangular(corner, matrix[end:, start:end].T, lower=True).T)
        matrix[end:, start:end] = below
        for left in range(end, size, BLOCK):
            rows = below[left - end :]
            matrix[left:, left : left + BLOCK] -= product(rows, rows[:BLOCK].T)


def _forward(lower: np.ndarray, goal: np.ndarray, product: Product) -> np.ndarray:
    """Solve `lower @ found = goal`, from the first row down."""
    found = goal.copy()
    for start in range(0, len(lower), BLOCK):
        rows = slice(start, start + BLOCK)
        if start:
            found[rows] -= product(lower[rows, :start], found[:start])
        found[rows] = solve_triangular(lower[rows, rows], found[rows], lower=True, check_finite=False)
    return found
