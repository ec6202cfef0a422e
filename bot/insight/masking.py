"""Blacks out what could tell who wrote a text, before it is shown or kept elsewhere."""

import re

PRIVATE = ((re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+"), "(address)"), (re.compile(r"\d(?:[\s-]?\d){5,}"), "(number)"))


def masked(text: str) -> str:
    """The text without e-mail addresses and numbers of six digits or more, one-time codes among them."""
    for pattern, instead in PRIVATE:
        text = pattern.sub(instead, text)
    return text
