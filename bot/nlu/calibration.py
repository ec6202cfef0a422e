"""Turns scores into probabilities, and finds the limit of what is in scope, from leave-one-out scores."""

import numpy as np

GIVEN_UP = 40.0


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


def limit(values: np.ndarray, truth: np.ndarray, accepted: np.ndarray) -> float:
    """The acceptance below which a text is out of scope.

    About forty held-out examples are given up whatever their number (few examples describe a label badly, so that
    what differs from them is doubtful), and more where the scorer errs often. The number was chosen on the
    development part of CLINC150 and small samples of it (docs/understanding.md).

    Args:
        values: scores (n, labels in scope) of the examples in scope.
        truth: the right column of each row.
        accepted: acceptance of each row.
    """
    error = float((values.argmax(axis=1) != truth).mean())
    share = GIVEN_UP / len(truth) + error**2
    return float(np.quantile(accepted, min(0.3, share)))
