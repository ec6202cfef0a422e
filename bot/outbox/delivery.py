"""The rules of delivery: when a letter is tried again, and when not any more. Pure; now and chance are arguments."""

import datetime

from bot.outbox.message import Letter

FIRST_PAUSE = datetime.timedelta(seconds=5)
LONGEST_PAUSE = datetime.timedelta(minutes=15)
FIRST_QUIET = datetime.timedelta(seconds=3)
LONGEST_QUIET = datetime.timedelta(minutes=1)
GIVE_UP_AFTER = datetime.timedelta(days=1)
FURTHEST_DUE = datetime.timedelta(minutes=20)  # of a letter for its next try, whatever a server asks for


def pause(tries: int, chance: float) -> datetime.timedelta:
    """How long to wait after the given number of failed tries: 5 s, doubling up to 15 minutes, less up to a half.

    Args:
        tries: 1 or more.
        chance: from 0 to 1, drawn anew each time, so that letters that failed together come back spread out.
    """
    doubled = FIRST_PAUSE * 2 ** min(tries - 1, 20)
    return min(doubled, LONGEST_PAUSE) * (1 - chance / 2)


def quiet(failures: int) -> datetime.timedelta:
    """How long a server is left alone that has failed so often in a row (1 or more): 3 s, doubling up to a minute."""
    return min(FIRST_QUIET * 2 ** min(failures - 1, 20), LONGEST_QUIET)


def next_try(letter: Letter, now: datetime.datetime, chance: float) -> datetime.datetime | None:
    """When to try again after a failure, or None: a day of trying is over.

    A letter comes back at its `not_after` at the latest, to be dropped (and wiped) then.
    """
    if now >= letter.give_up_at:
        return None
    due = now + pause(letter.tries, chance)
    return due if letter.not_after is None else min(due, letter.not_after)


def is_expired(letter: Letter, now: datetime.datetime) -> bool:
    """Whether it is too late to be of use."""
    return letter.not_after is not None and letter.not_after <= now
