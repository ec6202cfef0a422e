"""How alike training examples are: the kernel, some columns at a time."""

from typing import Any

import numpy as np

from bot.nlu.scoring.products import fastest
from bot.nlu.scoring.surface import Products


class Alike:
    """Two texts are alike by exp(gamma (cosine - 1)) of their vectors plus the product of their surface features."""

    def __init__(self, known: np.ndarray, surface: Any, gamma: float) -> None:
        """Keep what is compared.

        Args:
            known: vectors of length 1, one row an example.
            surface: their surface features, a sparse row each.
            gamma: how quickly likeness falls with the cosine.
        """
        self._known, self._spelt, self._gamma = known, Products(surface), gamma

    def columns(self, start: int, end: int) -> np.ndarray:
        """The columns from `start` to `end`, from the diagonal down (n - start, end - start)."""
        alike = fastest()(self._known[start:], np.ascontiguousarray(self._known[start:end].T))
        alike -= 1.0
        alike *= self._gamma
        np.exp(alike, out=alike)
        alike += self._spelt.columns(start, end)
        return alike


def likeness(known: np.ndarray, surface: Any, others: np.ndarray, others_surface: Any, gamma: float) -> np.ndarray:
    """How alike some examples are to a few others (examples, others); as `Alike`, which is for many."""
    alike = known @ others.T
    alike -= 1.0
    alike *= gamma
    np.exp(alike, out=alike)
    alike += (surface @ others_surface.T.tocsc()).toarray()
    return alike
