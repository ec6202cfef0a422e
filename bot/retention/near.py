"""What the database itself can tell of where a person is mentioned: more than what is meant, never less."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sql

from bot.retention.traces import Traces

MOST_VALUES = 10_000  # values in a condition, which databases limit


def near(column: Any, traces: Traces) -> Any:
    """The condition that a text may hold the person's address, however it is written.

    A text that is none, as a mail that is encoded, may hold it all the same.
    """
    small = sql.func.lower(column)
    return sql.and_(*(small.contains(hint, autoescape=True) for hint in traces.hints))


def one_of(column: Any, values: Collection[str]) -> Any:
    """The condition that a column is one of some values; that it is anything where they are too many to name."""
    return column.in_(sorted(values)) if len(values) <= MOST_VALUES else sql.true()


def holds_one_of(column: Any, words: Collection[str]) -> Any:
    """The condition that a text holds one of some words."""
    return sql.or_(sql.false(), *(column.contains(word, autoescape=True) for word in sorted(words)))
