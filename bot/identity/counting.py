"""Applies the limits to what is in the database."""

import datetime
from collections.abc import Iterable
from typing import Any

from sqlalchemy.engine import Connection

from bot.identity import limits
from bot.identity.limits import Limit
from bot.identity.store import nth_newest, one_time_codes, wrong_tries


def wait_for_code(connection: Connection, conversation_id: str, email: str, now: datetime.datetime) -> int:
    """Seconds until another code may be sent, 0 for now.

    Somebody who mistyped an address may correct it at once: the pause before a resend is for the same address. No code
    is sent that could not be tried.
    """
    codes = one_time_codes.c
    mine, to_address = codes.conversation_id == conversation_id, codes.email == email
    return max(
        _wait(connection, (limits.RESEND,), codes.created_at, mine & to_address, now),
        _wait(connection, limits.CODES_PER_CONVERSATION, codes.created_at, mine, now),
        _wait(connection, limits.CODES_PER_ADDRESS, codes.created_at, to_address, now),
        wait_for_try(connection, email, now),
    )


def wait_for_try(connection: Connection, email: str, now: datetime.datetime) -> int:
    """Seconds until another code for this address may be tried, 0 for now."""
    tries = wrong_tries.c
    return _wait(connection, limits.WRONG_CODES_PER_ADDRESS, tries.at, tries.email == email, now)


def _wait(connection: Connection, most: Iterable[Limit], moment: Any, which: Any, now: datetime.datetime) -> int:
    return max(limit.wait(nth_newest(connection, moment, which, limit.most), now) for limit in most)
