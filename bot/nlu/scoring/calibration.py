"""Turns scores into probabilities, and finds the limit of what is in scope, from leave-one-out scores."""

import numpy as np

GIVEN_UP = 25.0
LEAST_SHARE, LARGEST_SHARE = 0.003, 0.4
FEW = 600  # examples in scope; up to here a share of errors counts ERROR_WEIGHT times
ERROR_WEIGHT = 1.2


def softmax(values: np.ndarray) -> np.ndarray:
    """Row by row."""
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def sharpness(values: np.ndarray, truth: np.ndarray) -> float:
    """The softmax factor under which held-out examples are likeliest.

    Args:
        values: scores (n, labels).
        truth: the right column of each row.
    """
    rows = np.arange(len(truth))

    def loss(factor: float) -> float:
        return float(-np.log(softmax(values * factor)[rows, truth] + 1e-12).mean())

    return float(min(np.geomspace(1.0, 40.0, 38), key=loss))


def limit(values: np.ndarray, truth: np.ndarray, accepted: np.ndarray, count: int) -> float:
    """The acceptance below which a text is out of scope.

    Some held-out examples are given up: about 25 (three in a thousand where that is more), and more where the scorer
    errs often. Few examples describe a label badly, so that what differs from them is doubtful; where they are few, the
    share of errors tells how badly. The numbers were chosen on development parts and small samples of them
    (docs/understanding.md).

    Args:
        values: scores (n, labels in scope) of examples in scope.
        truth: the right column of each row.
        accepted: acceptance of each row.
        count: how many examples in scope there are in all.
    """
    error = float((values.argmax(axis=1) != truth).mean())
    share = max(GIVEN_UP / count, LEAST_SHARE)
    share += error * (ERROR_WEIGHT * min(1.0, FEW / count) ** 2 + error)
    return float(np.quantile(accepted, min(LARGEST_SHARE, share)))
