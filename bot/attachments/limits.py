"""How many files may be added by those who are not the team, whatever the face: each takes time and room."""

import datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from bot.attachments.records import attachments
from bot.errors import TooManyFiles
from bot.limit import DAY, HOUR, Limit, longest_wait

FILES_PER_CONVERSATION = (Limit(10, HOUR), Limit(30, DAY))
FILES_PER_NETWORK = (Limit(40, HOUR), Limit(120, DAY))  # an office may have one
FILES_IN_ALL = (Limit(300, HOUR), Limit(1500, DAY))


def check_files(connection: Connection, conversation_id: str, network: str, now: datetime.datetime) -> None:
    """Raises TooManyFiles when another file would be too many."""
    counted: list[tuple[tuple[Limit, ...], Any]] = [(FILES_IN_ALL, sql.true())]
    if conversation_id:
        counted.append((FILES_PER_CONVERSATION, attachments.c.conversation_id == conversation_id))
    if network:
        counted.append((FILES_PER_NETWORK, attachments.c.network == network))
    wait = max(longest_wait(connection, most, attachments.c.at, which, now) for most, which in counted)
    if wait:
        raise TooManyFiles(wait)
