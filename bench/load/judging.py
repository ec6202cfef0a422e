"""Tells from samples whether something grows, and from a ramp the highest rate that holds. No I/O."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

WARM_UP = 1 / 3  # of the samples: caches fill and pools open
SURE = 1.96  # standard errors of the middle of all slopes: 19 times in 20
MOST_LATE_SECONDS = 1.0  # p95 of an answer at a rate that holds
MOST_FAILED = 0.001  # of the requests of a rate that holds
LEAST_KEPT_UP = 0.9  # of the requests that the first step's users would make
MOST_SLOPES = 600  # samples that are compared with each other: 180,000 pairs


@dataclass(frozen=True)
class Slope:
    """How much something grows an hour; it is most likely between `low` and `high`."""

    an_hour: float
    low: float
    high: float

    @property
    def grows(self) -> bool:
        """Whether it grows for sure."""
        return self.low > 0


@dataclass(frozen=True)
class Growth:
    """A verdict on one series of samples."""

    name: str
    first: float
    last: float
    slope: Slope
    allowed: float  # an hour, which is noise
    slows_down: bool

    @property
    def is_leak(self) -> bool:
        """Whether it grows for sure, by more than is noise, and no less towards the end than before."""
        return self.slope.grows and self.slope.an_hour > self.allowed and not self.slows_down


def slope(times: Sequence[float], values: Sequence[float]) -> Slope:
    """The middle of the slopes between all pairs of samples (Theil and Sen), which single peaks do not move.

    The bounds are the slopes at the ranks that Kendall's statistic allows (Sen, 1968).

    Args:
        times: seconds.
        values: of whatever is sampled, in the order of the times.
    """
    step = max(1, len(times) // MOST_SLOPES)
    points = list(zip(times, values))[::step]
    slopes = sorted((v2 - v1) / (t2 - t1) * 3600 for (t1, v1), (t2, v2) in combinations(points, 2) if t2 > t1)
    if not slopes:
        return Slope(0.0, 0.0, 0.0)
    n, number = len(points), len(slopes)
    spread = SURE * math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    low = max(0, math.floor((number - spread) / 2) - 1)
    high = min(number - 1, math.ceil((number + spread) / 2))
    return Slope(median(slopes), slopes[low], slopes[high])


def growth(name: str, times: Sequence[float], values: Sequence[float], allowed: float) -> Growth:
    """The verdict after the warm-up.

    What fills up grows ever more slowly: in the second half of that time less than half as fast as in the first. What
    leaks does not slow down.

    Args:
        allowed: growth an hour that is noise.
    """
    begins = math.ceil(len(times) * WARM_UP)
    after_times, after = times[begins:], values[begins:]
    middle = len(after) // 2
    before = slope(after_times[:middle], after[:middle])
    at_end = slope(after_times[middle:], after[middle:])
    slows_down = at_end.an_hour < before.an_hour / 2
    return Growth(
        name=name,
        first=after[0] if after else 0.0,
        last=after[-1] if after else 0.0,
        slope=slope(after_times, after),
        allowed=allowed,
        slows_down=slows_down,
    )


@dataclass(frozen=True)
class Step:
    """One step of a ramp: so many users for a while."""

    users: int
    answered: float  # messages a second
    p95: float  # seconds
    requests: int
    failed: int
    waiting_first: int  # in the outbox, and unanswered
    waiting_last: int


def holds(step: Step, first: Step) -> str:
    """Why a step's rate does not hold; "" where it does.

    Args:
        first: the step with the fewest users, who waited for nobody.
    """
    if step.p95 > MOST_LATE_SECONDS:
        return f"p95 is {step.p95:.2f} s"
    if step.failed > MOST_FAILED * step.requests:
        return f"{step.failed} of {step.requests} requests failed"
    if step.answered / step.users < LEAST_KEPT_UP * first.answered / first.users:
        return f"each user is answered {1 - step.answered / step.users / (first.answered / first.users):.0%} less often"
    if step.waiting_last > step.waiting_first + max(20.0, step.answered * MOST_LATE_SECONDS):
        return f"what waits grows from {step.waiting_first} to {step.waiting_last}"
    return ""


def highest(steps: Sequence[Step]) -> Step | None:
    """The last step before the first that does not hold; None where already the first does not."""
    found = None
    for step in steps:
        if holds(step, steps[0]):
            break
        found = step
    return found


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """The least value that this share of all does not exceed; 0 of none."""
    return sorted_values[math.ceil(share * len(sorted_values)) - 1] if sorted_values else 0.0


def busiest(cpu: Mapping[str, float], seconds: float) -> list[tuple[str, float]]:
    """Processes by the share of a core that they used, the busiest first."""
    return sorted(((name, used / seconds) for name, used in cpu.items()), key=lambda one: -one[1])
