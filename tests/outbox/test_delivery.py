import datetime

import pytest

from bot.outbox.delivery import is_expired, next_try, pause
from bot.outbox.message import Letter
from tests.outbox.conftest import NOON

DAY = datetime.timedelta(days=1)


def letter(tries=1, not_after=None):
    return Letter("l", "mail", "{}", NOON, tries, NOON + DAY, not_after)


def test_pauses_double_from_five_seconds_to_a_quarter_of_an_hour():
    seconds = [pause(tries, 0.0).total_seconds() for tries in range(1, 12)]
    assert seconds == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900]
    assert pause(10_000, 0.0).total_seconds() == 900


@pytest.mark.parametrize("tries", [1, 4, 9, 50])
def test_chance_shortens_a_pause_by_up_to_a_half(tries):
    longest = pause(tries, 0.0)
    assert pause(tries, 1.0) == longest / 2 < pause(tries, 0.5) < longest


def test_a_letter_is_tried_for_a_day():
    last_moment = NOON + DAY - datetime.timedelta(microseconds=1)
    assert next_try(letter(100), last_moment, 0.0) == last_moment + datetime.timedelta(minutes=15)
    assert next_try(letter(100), NOON + DAY, 0.0) is None


def test_a_letter_that_ends_comes_back_when_it_ends_and_is_expired_then():
    end = NOON + datetime.timedelta(seconds=7)
    assert next_try(letter(1, end), NOON, 0.0) == NOON + datetime.timedelta(seconds=5)
    assert next_try(letter(3, end), NOON, 0.0) == end
    assert is_expired(letter(3, end), end)
    assert not is_expired(letter(3, end), end - datetime.timedelta(microseconds=1))
    assert not is_expired(letter(3), NOON + 10 * DAY)
