"""Applies the limits to what is in the database; the chat and the sign-in to the console are counted apart."""

import datetime
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from bot.identity import limits
from bot.identity.store import CONSOLE, one_time_codes, wrong_tries
from bot.limit import Limit, longest_wait, scaled


@dataclass(frozen=True)
class Asking:
    """Who asks for a code: in which conversation, over which channel, from which network ("" where none is known)."""

    conversation_id: str
    channel: str
    network: str = ""


def wait_for_code(
    connection: Connection, asking: Asking, email: str, now: datetime.datetime, total_times: int = 1
) -> int:
    """Seconds until another code may be sent, 0 for now.

    Somebody who mistyped an address may correct it at once: the pause before a resend is for the same address. No code
    is sent that could not be tried.

    Args:
        total_times: how many times as many codes as usual may be sent to all people together.
    """
    codes = one_time_codes.c
    here = _counted_with(codes.channel, asking.channel)
    to_address = here & (codes.email == email)
    near = to_address & (codes.network == asking.network) if asking.channel == CONSOLE else to_address
    mine = codes.conversation_id == asking.conversation_id
    counted: list[tuple[tuple[Limit, ...], Any]] = [
        ((limits.RESEND,), mine & to_address),
        (limits.CODES_PER_ADDRESS, near),
        (limits.CODES_PER_CONVERSATION, mine),
    ]
    if asking.channel == CONSOLE:
        counted.append((limits.SIGN_IN_CODES_PER_ADDRESS, to_address))
    else:
        counted.append((scaled(limits.CODES_IN_ALL, total_times), here))
        if asking.network:
            counted.append((limits.CODES_PER_NETWORK, here & (codes.network == asking.network)))
    waits = [longest_wait(connection, most, codes.created_at, which, now) for most, which in counted]
    return max(*waits, wait_for_try(connection, asking.channel, asking.network, email, now))


def wait_for_try(connection: Connection, channel: str, network: str, email: str, now: datetime.datetime) -> int:
    """Seconds until another code for this address may be tried, 0 for now; channel and network are the code's."""
    tries = wrong_tries.c
    at_address = _counted_with(tries.channel, channel) & (tries.email == email)
    if channel != CONSOLE:
        return longest_wait(connection, limits.WRONG_CODES_PER_ADDRESS, tries.at, at_address, now)
    mine = at_address & (tries.network == network)
    return max(
        longest_wait(connection, limits.WRONG_CODES_PER_ADDRESS, tries.at, mine, now),
        longest_wait(connection, limits.SIGN_IN_WRONG_CODES_PER_ADDRESS, tries.at, at_address, now),
    )


def _counted_with(column: Any, channel: str) -> Any:
    """The rows of the console, or those of all other channels together."""
    return column == CONSOLE if channel == CONSOLE else sql.not_(column == CONSOLE)
