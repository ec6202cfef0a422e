"""A one-time code in a message: what else it says is read without it."""

import re

SEPARATOR = "[ \t\u00a0\u2009\u202f\u2010-\u2013\u2212-]"  # spaces and hyphens, also those that phones and mails put in
_CODE = re.compile(rf"(?<![\w.+-])(?:\d(?:[ \t\u00a0]?\d){{5}}|\d{{3}}{SEPARATOR}{{1,3}}\d{{3}})(?![\w@])")
_EDGES = " ,.;:-–—"


def without(text: str) -> str:
    """The text without six digits that stand by themselves."""
    return " ".join(_CODE.sub(" ", text).split()).strip(_EDGES) if _CODE.search(text) else text
