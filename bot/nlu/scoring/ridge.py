"""Kernel ridge regression, with the scores that examples would get from a model trained without them.

The kernel is asked for column by column, and only the lower half of its Cholesky factor is kept: half of the memory of
the whole kernel. Leave-one-out comes in closed form from the diagonal of the kernel's inverse (Rasmussen & Williams
2006, Gaussian Processes for Machine Learning, section 5.4.2). For the last rows it needs the last corner of the factor
alone, since the inverse's corner is that of the corner's own product: so some thousand examples, put last, are judged
at next to no cost, where all of them would double the time.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from scipy.linalg import LinAlgError, cholesky, solve_triangular
from scipy.linalg.lapack import strtri

from bot.nlu.progress import shown
from bot.nlu.scoring.products import BLOCK, Product, fastest

MOST_LEFT_OUT = 6000  # examples: so many tell the calibration as much as all
BY_LAPACK = 256  # rows of a triangular matrix that LAPACK inverts as quickly as products of its parts
Columns = Callable[[int, int], np.ndarray]
Factor = list[np.ndarray]  # its columns from the diagonal down, BLOCK of them at a time


def solve(
    columns: Columns, goal: np.ndarray, product: Product | None = None, keep: Path | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Solve `kernel @ dual = goal`.

    Args:
        columns: gives `kernel[start:, start:end]` as float32 that may be overwritten, the ridge on the kernel's
            diagonal. The kernel is symmetric.
        goal: float32 (n, labels).
        product: multiplies matrices; None for the fastest one here.
        keep: a file to write the Cholesky factor to, for `read_factor`; None for nothing.

    Returns:
        The coefficients (n, labels), and the leave-one-out scores of the last rows, at most MOST_LEFT_OUT.

    Raises:
        ValueError: the kernel is not positive definite.
    """
    product = product or fastest()
    last = min(len(goal), MOST_LEFT_OUT)
    try:
        with _written(keep) as file:
            factor = _factor(columns, len(goal), product, file)
        diagonal = _inverse_diagonal(factor, last, product)
    except LinAlgError as error:
        raise ValueError("The examples cannot be told apart numerically: give the scorer a larger `ridge`.") from error
    dual = backward(factor, forward(factor, goal, product), product)
    return dual, goal[-last:] - dual[-last:] / diagonal[:, None]


def read_factor(path: Path, size: int) -> Factor:
    """What `solve` has kept, mapped from the disk and not read yet.

    Args:
        path: the file.
        size: how many examples it is of.

    Raises:
        ValueError, OSError: the file is not there, or of another size.
    """
    shapes = [(size - start, min(BLOCK, size - start)) for start in range(0, size, BLOCK)]
    lengths = [rows * columns for rows, columns in shapes]
    if path.stat().st_size != sum(lengths) * np.dtype(np.float32).itemsize:
        raise ValueError(f"{path} is not whole.")
    parts = np.split(np.memmap(path, dtype=np.float32, mode="r"), np.cumsum(lengths)[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes)]


@contextmanager
def _written(path: Path | None) -> Iterator[BinaryIO | None]:
    if path is None:
        yield None
        return
    with path.open("wb") as file:
        yield file


def _factor(columns: Columns, size: int, product: Product, keep: BinaryIO | None = None) -> Factor:
    """The Cholesky factor, written to a file as well where there is one."""
    factor: Factor = []
    for start in shown(range(0, size, BLOCK), "Fitting the examples"):
        end = min(start + BLOCK, size)
        found = columns(start, end)
        for before, known in enumerate(factor):
            rows = known[start - before * BLOCK :]
            found -= product(rows, np.ascontiguousarray(rows[: end - start].T))
        corner = cholesky(found[: end - start], lower=True)
        found[: end - start] = corner
        found[end - start :] = product(found[end - start :], np.ascontiguousarray(_inverse(corner, product).T))
        factor.append(found)
        if keep is not None:
            found.tofile(keep)
    return factor


def forward(factor: Factor, goal: np.ndarray, product: Product) -> np.ndarray:
    """Solve `lower @ found = goal`, from the first row down."""
    found = goal.copy()
    for number, known in enumerate(factor):
        here, below = _rows(number, known)
        found[here] = solve_triangular(known[: known.shape[1]], found[here], lower=True, check_finite=False)
        found[below] -= product(known[known.shape[1] :], found[here])
    return found


def backward(factor: Factor, goal: np.ndarray, product: Product) -> np.ndarray:
    """Solve `lower.T @ found = goal`, from the last row up; `goal` is overwritten."""
    for number, known in reversed(list(enumerate(factor))):
        here, below = _rows(number, known)
        goal[here] -= product(np.ascontiguousarray(goal[below].T), known[known.shape[1] :]).T
        corner = known[: known.shape[1]]
        goal[here] = solve_triangular(corner, goal[here], trans="T", lower=True, check_finite=False)
    return goal


def _rows(number: int, known: np.ndarray) -> tuple[slice, slice]:
    start = number * BLOCK
    return slice(start, start + known.shape[1]), slice(start + known.shape[1], start + len(known))


def _inverse_diagonal(factor: Factor, last: int, product: Product) -> np.ndarray:
    """The last entries of the diagonal of the kernel's inverse."""
    size = len(factor[0])
    corner = np.zeros((last, last), dtype=np.float32)
    for number, known in enumerate(factor):
        first = max(number * BLOCK, size - last)
        end = number * BLOCK + known.shape[1]
        if first < end:
            within = known[first - number * BLOCK :, first - number * BLOCK :]
            corner[first - (size - last) :, first - (size - last) : end - (size - last)] = np.tril(within)
    inverse = _inverse(corner, product)
    diagonal: np.ndarray = np.einsum("ij,ij->j", inverse, inverse)
    return diagonal


def _inverse(lower: np.ndarray, product: Product) -> np.ndarray:
    """Of a triangular matrix, by halves; raises LinAlgError where a number on its diagonal is 0."""
    size = len(lower)
    if size <= BY_LAPACK:
        found, failed = strtri(lower, lower=1)
        if failed:
            raise LinAlgError("singular")
        return np.asarray(found, order="C")
    half = size // 2
    inverse = np.zeros_like(lower)
    inverse[:half, :half] = first = _inverse(lower[:half, :half], product)
    inverse[half:, half:] = second = _inverse(lower[half:, half:], product)
    inverse[half:, :half] = -product(second, product(np.ascontiguousarray(lower[half:, :half]), first))
    return inverse
