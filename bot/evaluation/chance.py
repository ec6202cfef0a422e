"""How far a figure may be chance: the interval of a share, and the test of a difference on the same questions."""

from math import comb, sqrt

NORMAL_95 = 1.959964  # so many standard deviations to both sides hold 95% of a normal distribution
LEVEL = 0.05  # a difference that chance makes less often than this is believed


def wilson(hits: int, count: int) -> tuple[float, float]:
    """The 95% interval of a share; sensible with few questions too, and where the share is 0 or 1.

    Wilson 1927, "Probable inference, the law of succession, and statistical inference", Journal of the American
    Statistical Association 22, pages 209 to 212.

    Args:
        hits: how many of them.
        count: how many questions, at least 1.

    Returns:
        Lower and upper end, 0..1.
    """
    share, square = hits / count, NORMAL_95**2
    middle = share + square / (2 * count)
    half = NORMAL_95 * sqrt(share * (1 - share) / count + square / (4 * count**2))
    scale = 1 + square / count
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def mcnemar(gained: int, lost: int) -> float:
    """How often chance alone changes at least so unevenly: McNemar's test, exact and two-sided.

    Only questions whose outcome changed count; if nothing really changed, each went up or down with one half.
    McNemar 1947, "Note on the sampling error of the difference between correlated proportions or percentages",
    Psychometrika 12, pages 153 to 157; exact by the binomial distribution.

    Args:
        gained: questions that became so.
        lost: questions that were so and are no more.

    Returns:
        The probability, 1 where nothing changed.
    """
    changed = gained + lost
    tail = sum(comb(changed, count) for count in range(min(gained, lost) + 1))
    return min(1.0, 2 * tail / 2**changed)
