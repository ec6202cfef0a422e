"""Taking rows out of a solved regression and putting others in gives what solving it anew gives."""

import numpy as np
import pytest

from bot.nlu.scoring import ridge
from bot.nlu.scoring.changed_rows import Come, resolve

OLD, NEW, LABELS = 300, 20, 4
GONE = np.array([0, 63, 64, 150, 299])


@pytest.fixture(scope="module")
def kernel():
    points = np.random.default_rng(0).normal(size=(OLD + NEW, 12))
    apart = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    return (np.exp(-apart / 40) + 0.2 * np.eye(OLD + NEW)).astype(np.float32)


@pytest.fixture(scope="module")
def goal():
    return np.eye(LABELS, dtype=np.float32)[np.random.default_rng(1).integers(0, LABELS, OLD + NEW)]


@pytest.fixture()
def solved(kernel, goal, tmp_path, monkeypatch):
    monkeypatch.setattr(ridge, "BLOCK", 64)
    path = tmp_path / "factor.f32"
    old = kernel[:OLD, :OLD]
    dual, _ = ridge.solve(lambda start, end: old[start:, start:end].copy(), goal[:OLD], keep=path)
    return ridge.read_factor(path, OLD), dual


@pytest.mark.parametrize(
    ("gone", "come"),
    [(GONE, NEW), (GONE, 0), (GONE[:0], NEW), (GONE[:1], 1), (GONE[:0], 0), (np.arange(OLD - 3), 5)],
)
def test_the_coefficients_are_those_of_a_full_solve(kernel, goal, solved, gone, come):
    factor, dual = solved
    end = OLD + come
    rows = Come(kernel[:OLD, OLD:end], kernel[OLD:end, OLD:end], goal[OLD:end])
    old, new = resolve(factor, dual, gone, rows)
    left = np.setdiff1d(np.arange(end), gone)
    anew = np.linalg.solve(kernel[np.ix_(left, left)].astype(float), goal[left])
    assert np.allclose(np.vstack([old, new])[left], anew, atol=1e-4)
    assert not old[gone].any()


def test_what_was_solved_stays_as_it_was(kernel, goal, solved):
    factor, dual = solved
    before = dual.copy()
    resolve(factor, dual, GONE, Come(kernel[:OLD, OLD:], kernel[OLD:, OLD:], goal[OLD:]))
    assert np.array_equal(dual, before)


def test_a_factor_that_was_cut_off_is_refused(tmp_path):
    path = tmp_path / "factor.f32"
    ridge.solve(
        lambda start, end: np.eye(9, dtype=np.float32)[start:, start:end], np.ones((9, 1), np.float32), keep=path
    )
    assert len(ridge.read_factor(path, 9)[0]) == 9
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(ValueError, match="not whole"):
        ridge.read_factor(path, 9)
