"""Which credentials of somebody's own record a message names, in as few words as people use ("the associate")."""

import re
from collections.abc import Sequence

from bot.issuance.record import Diagnosis

_WORD = re.compile(r"[^\W_]+")
# Words that name no credential, though many titles have them; numbers alone are dates more often than levels.
_NOTHING = "and certificate certification certified course credential for level micro onestream program training with"
NAMES_NOTHING = frozenset(_NOTHING.split())
FEWEST_LETTERS = 4
_NUMBER = re.compile(
    r"(?<!\bon )(?<!\bby )(?<!since )(?<!until )(?<!before )(?<!after )(?<!of )\b(?:the|number|no\.?|lvl) (\d)\b"
    r"(?![.:/%,]?\d)(?! ?(?:%|(?:st|nd|rd|th|of|days?|weeks?|months?|years?|hours?|times?|badges?|certs?)\b"
    r"|credentials?\b|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))"
)


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
    named = [place for place, telling in enumerate(_telling(titles)) if telling & said]
    return named or _by_number(text, titles)


def _by_number(text: str, titles: Sequence[str]) -> list[int]:
    """Those whose title has a number that is said as a name ("and the 3?")."""
    said = set(_NUMBER.findall(text.lower()))
    return [place for place, title in enumerate(titles) if said & {one for one in _words(title) if one.isdigit()}]


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
