"""The keys of contents: all that a store ever hears of a file's name."""

import re

STORE_KEY = re.compile(r"[0-9a-f]{32}")


def checked_key(key: str) -> str:
    """The same, if it is one; raises ValueError."""
    if not STORE_KEY.fullmatch(key):
        raise ValueError("that is no key of a content")
    return key
