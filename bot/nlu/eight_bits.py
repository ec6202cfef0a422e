"""Numbers kept in 8 bits, one scale a row."""

import numpy as np

LARGEST_INT8 = 127


def in_eight_bits(rows: np.ndarray, largest: int = LARGEST_INT8) -> tuple[np.ndarray, np.ndarray]:
    """Whole numbers (n, m) from -largest to largest, and the scales (n, 1) by which they are to be multiplied."""
    scale = np.maximum(np.abs(rows).max(axis=1, keepdims=True), 1e-9) / largest
    return np.rint(rows / scale).astype(np.int8), np.asarray(scale, dtype=np.float32)
