import numpy as np
import pytest

from bot.nlu.scoring import ridge
from bot.nlu.scoring.products import by_numpy, by_torch


def kernel(size, seed=0):
    points = np.random.default_rng(seed).normal(size=(size, 20))
    apart = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    return (np.exp(-apart / 40) + 0.2 * np.eye(size)).astype(np.float32)


def solved(alike, goal, product=by_numpy):
    return ridge.solve(lambda start, end: alike[start:, start:end].copy(), goal, product)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(ridge, "BLOCK", 64)
    monkeypatch.setattr(ridge, "BY_LAPACK", 16)


@pytest.mark.parametrize("product", [by_numpy, by_torch])
@pytest.mark.parametrize("size, most", [(1, 6000), (50, 6000), (64, 6000), (129, 70), (300, 100), (300, 6000)])
def test_coefficients_and_scores_are_those_of_training_without_each_example(monkeypatch, size, most, product):
    monkeypatch.setattr(ridge, "MOST_LEFT_OUT", most)
    alike, goal = kernel(size), np.eye(5, dtype=np.float32)[np.random.default_rng(1).integers(0, 5, size)]
    dual, left_out = solved(alike, goal, product)
    assert np.allclose(alike @ dual, goal, atol=1e-4)
    assert len(left_out) == min(size, most)
    for row in {size - len(left_out), size - 1}:
        others = np.arange(size) != row
        without = np.linalg.solve(alike[np.ix_(others, others)].astype(float), goal[others]) if size > 1 else goal[:0]
        assert np.allclose(left_out[row - size], alike[row, others] @ without, atol=1e-4)


@pytest.mark.parametrize("alike", [np.ones((100, 100)), -np.eye(3), np.zeros((70, 70))])
def test_examples_that_cannot_be_told_apart_are_told_in_plain_words(alike):
    with pytest.raises(ValueError, match="larger `ridge`"):
        solved(alike.astype(np.float32), np.ones((len(alike), 1), dtype=np.float32))
