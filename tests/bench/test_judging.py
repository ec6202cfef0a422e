import math
import random

import pytest

from bench.load.judging import Step, busiest, growth, highest, holds, percentile, slope

HALF_AN_HOUR = [10.0 * n for n in range(180)]


def noisy(value, spread, seed=1):
    chance = random.Random(seed)
    return [value(at) + chance.gauss(0, spread) for at in HALF_AN_HOUR]


def test_a_leak_is_found_in_noise_and_its_slope_is_within_the_bounds():
    tries = [noisy(lambda at: 300 + 60 * at / 3600, 3.0, seed) for seed in range(20)]
    found = [growth("memory", HALF_AN_HOUR, values, allowed=20.0) for values in tries]
    assert all(one.is_leak for one in found)
    assert sum(one.slope.low < 60 < one.slope.high for one in found) >= 17


@pytest.mark.parametrize("seed", range(10))
def test_what_only_moves_up_and_down_is_no_leak(seed):
    assert not growth("memory", HALF_AN_HOUR, noisy(lambda at: 300, 5.0, seed), allowed=20.0).is_leak


def test_a_cache_that_fills_up_is_told_from_a_leak():
    filling = growth("memory", HALF_AN_HOUR, noisy(lambda at: 300 + 100 * (1 - math.exp(-at / 300)), 0.5), allowed=5.0)
    assert filling.slope.grows and filling.slows_down and not filling.is_leak


def test_growth_in_the_warm_up_does_not_count():
    assert not growth("memory", HALF_AN_HOUR, noisy(lambda at: 300 + min(at, 500), 1.0), allowed=5.0).is_leak


def test_one_peak_moves_no_slope():
    values = noisy(lambda at: 300, 0.1)
    values[150] = 9000.0
    assert abs(slope(HALF_AN_HOUR, values).an_hour) < 1


def test_growth_within_the_noise_is_no_leak():
    assert not growth("handles", HALF_AN_HOUR, noisy(lambda at: 40 + 2 * at / 3600, 0.01), allowed=4.0).is_leak


def test_handles_that_go_up_one_by_one_are_a_leak():
    assert growth("handles", HALF_AN_HOUR, [40 + int(at / 60) for at in HALF_AN_HOUR], allowed=4.0).is_leak


def test_few_samples_say_nothing():
    assert not growth("memory", [0.0], [1.0], allowed=0.0).is_leak
    assert not growth("memory", [], [], allowed=0.0).is_leak


def step(users, **changed):
    values = {"answered": users / 10, "p95": 0.2, "requests": 1000, "failed": 0, "waiting_first": 0, "waiting_last": 2}
    return Step(users=users, **{**values, **changed})


@pytest.mark.parametrize(
    "changed, says",
    [
        ({"p95": 1.1}, "p95"),
        ({"failed": 5}, "failed"),
        ({"answered": 15.0}, "less often"),
        ({"waiting_last": 100}, "waits"),
    ],
)
def test_a_step_does_not_hold_that_is_late_or_fails_or_slows_its_users_down_or_lets_things_wait(changed, says):
    assert says in holds(step(200, **changed), step(50))
    assert holds(step(200), step(50)) == ""


def test_the_highest_rate_is_the_last_before_the_first_that_does_not_hold():
    steps = [step(50), step(100), step(150, p95=2.0), step(200)]
    assert highest(steps).users == 100
    assert highest([step(50, failed=100)]) is None


def test_percentiles_are_values_that_were_seen():
    assert [percentile([1.0, 2.0, 3.0, 4.0], share) for share in (0.5, 0.95, 1.0)] == [2.0, 4.0, 4.0]
    assert percentile([], 0.5) == 0


def test_the_busiest_process_comes_first():
    assert busiest({"site": 3.0, "rasa": 9.0}, 10.0) == [("rasa", 0.9), ("site", 0.3)]
