"""Intervals and differences, against figures from the literature and worked by hand."""

import pytest

from bot.evaluation.chance import mcnemar, wilson


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, Statistics in Medicine 17, table I
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0),
    ],
)
def test_the_interval_of_a_share_is_that_of_the_literature(hits, count, low, high):
    assert wilson(hits, count) == pytest.approx((low, high), abs=5e-5)


def test_more_questions_make_the_interval_narrower():
    few, many = wilson(9, 10), wilson(900, 1000)
    assert few[0] < many[0] < 0.9 < many[1] < few[1]


@pytest.mark.parametrize(
    ("gained", "lost", "p"),
    [(0, 0, 1.0), (3, 3, 1.0), (5, 0, 0.0625), (6, 0, 0.03125), (0, 6, 0.03125), (1, 8, 20 / 512)],
)
def test_changes_one_way_are_believed_only_where_there_are_enough(gained, lost, p):
    assert mcnemar(gained, lost) == pytest.approx(p)
