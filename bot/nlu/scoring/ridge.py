"""Kernel ridge regression, with the scores that each example would get from a model trained without it."""

import numpy as np
from scipy.linalg import lapack


def solve(kernel: np.ndarray, goal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Solve `kernel @ dual = goal`.

    Leave-one-out in closed form: Rasmussen & Williams 2006, Gaussian Processes for Machine Learning, section 5.4.2.

    Args:
        kernel: float32 (n, n), symmetric, the ridge already on its diagonal; it is overwritten.
        goal: float32 (n, labels).

    Returns:
        The coefficients (n, labels), and the leave-one-out scores (n, labels).

    Raises:
        ValueError: the kernel is not positive definite.
    """
    factor, failed = lapack.spotrf(kernel.T, lower=True, overwrite_a=True)
    if failed:
        raise ValueError("The examples cannot be told apart numerically: give the scorer a larger `ridge`.")
    dual = np.ascontiguousarray(lapack.spotrs(factor, goal, lower=True)[0])
    inverse = lapack.spotri(factor, lower=True, overwrite_c=True)[0]
    return dual, goal - dual / np.diag(inverse)[:, None]
