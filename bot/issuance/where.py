"""Whether a question about a record is for the address that something lies under."""

import re

_PLACE = r"(e-?mails?|mails?|address(es)?|accounts?|profiles?)"
_WHERE = re.compile(
    rf"\b(under|with|at|on|for|to|from) (which|what) (one|(of (my|the) )?(two )?{_PLACE})\b"
    rf"|\b(which|what) (of my (two )?)?{_PLACE}\b|\b{_PLACE}\b.{{0,40}}\bor\b|\bor\b.{{0,40}}\b{_PLACE}\b",
    re.IGNORECASE,
)


def asks_where(text: str) -> bool:
    """Whether a question about the record is for the address that something lies under."""
    return bool(_WHERE.search(text))
