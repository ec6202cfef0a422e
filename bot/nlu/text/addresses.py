"""E-mail addresses in a message: found, and taken out before it is read, as they say nothing of what is meant."""

import re

_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}(?![\w-])")


def count(text: str) -> int:
    """How many addresses stand in a text."""
    return len(_ADDRESS.findall(text)) if "@" in text else 0


def without(text: str) -> str:
    """The text without them."""
    return " ".join(_ADDRESS.sub(" ", text).split()).strip(" ,.;:-") if "@" in text else text
