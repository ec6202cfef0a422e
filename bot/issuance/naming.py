"""Which credentials of somebody's own record a message names, in as few words as people use ("the associate")."""

import re
from collections.abc import Sequence

from bot.issuance.record import Diagnosis

_WORD = re.compile(r"[^\W_]+")
# Words that name no credential, though many titles have them; numbers alone are dates more often than levels.
_NOTHING = "and certificate certification certified course credential for level micro onestream program training with"
NAMES_NOTHING = frozenset(_NOTHING.split())
FEWEST_LETTERS = 4


def is_named(one: Diagnosis, named: Sequence[str]) -> bool:
    """Whether a credential is among some that are given by id or by title in lower case."""
    return one.credential in named or one.title.lower() in named


def named_in(text: str, titles: Sequence[str]) -> list[int]:
    """The places of the titles of which a text has a word that tells them from the others.

    Args:
        text: what somebody wrote.
        titles: of the credentials of one record.
    """
    said = set(_words(text))
    return [place for place, telling in enumerate(_telling(titles)) if telling & said]


def _telling(titles: Sequence[str]) -> list[frozenset[str]]:
    """For each title the words that no title of another credential has."""
    words = [frozenset(_words(title)) for title in titles]
    others = [{word for title, its in zip(titles, words) if title != one for word in its} for one in titles]
    return [
        frozenset(word for word in its - NAMES_NOTHING - elsewhere if len(word) >= FEWEST_LETTERS)
        for its, elsewhere in zip(words, others)
    ]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
