"""Products of large matrices by whichever library multiplies faster on this processor.

NumPy's OpenBLAS is up to twice as fast as PyTorch's MKL on AMD, and four times slower where an older OpenBLAS does not
know the processor. Both are there while a model is trained.
"""

import time
from collections.abc import Callable
from functools import lru_cache

import numpy as np

Product = Callable[[np.ndarray, np.ndarray], np.ndarray]
BLOCK = 1024  # rows of a matrix that are worked on at a time
PROBE = 1024  # rows and columns of the matrices that tell which is faster: some milliseconds each


def by_torch(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """`left @ right` by PyTorch, in the memory where they are."""
    import torch

    found: np.ndarray = torch.matmul(torch.from_numpy(left), torch.from_numpy(right)).numpy()
    return found


def by_numpy(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """`left @ right` by NumPy."""
    return np.matmul(left, right)


@lru_cache(maxsize=1)
def fastest() -> Product:
    """The faster one; each is tried three times, and its best time counts."""
    probe = np.random.default_rng(0).random((PROBE, PROBE), dtype=np.float32)
    return min((by_numpy, by_torch), key=lambda product: min(_seconds(product, probe) for _ in range(3)))


def _seconds(product: Product, probe: np.ndarray) -> float:
    began = time.perf_counter()
    product(probe, probe)
    return time.perf_counter() - began


def of_few(rows: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """`rows @ matrix.T`, one row at a time: for a few rows that takes a quarter of the time of the product as a whole.

    Args:
        rows: (few, numbers).
        matrix: (many, numbers).
    """
    return np.stack([matrix @ row for row in rows])
