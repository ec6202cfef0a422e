"""E-mail addresses in a message: found, and taken out before it is read, as they say nothing of what is meant."""

import re

OFFICES = ("admin", "certification", "support", "help", "info", "noreply", "no-reply", "tickets", "postmaster")
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}(?![\w-])")


def count(text: str) -> int:
    """How many addresses of persons stand in a text; those of an office (admin@, support@) are only spoken of."""
    found = _ADDRESS.findall(text) if "@" in text else []
    return sum(one.partition("@")[0].lower() not in OFFICES for one in found)


def without(text: str) -> str:
    """The text without them."""
    return " ".join(_ADDRESS.sub(" ", text).split()).strip(" ,.;:-") if "@" in text else text
