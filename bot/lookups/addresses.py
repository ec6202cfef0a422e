"""The e-mail addresses in what somebody pasted or uploaded: one, a list, a column of a CSV file. No I/O."""

import codecs
import re
from dataclasses import dataclass

from bot.errors import InvalidAddress
from bot.identity.address import normalise

MOST_LOOKED_UP = 200  # of one look-up
MOST_NAMED = 10  # of what could not be used
LONGEST_NAMED = 80  # characters
# What parts addresses in lists, CSV files and headers of mails; within an address none of it can stand.
_BETWEEN = re.compile(r"[\s,;:?|<>()\[\]{}\"“”„‟«»‹›‚`，；：、،؛]+")
# What stands around one, such as bullets, and what is not seen; within one it is refused, not taken out.
_UNSEEN = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_AROUND = "'‘’.*!•·‣–—…¶" + _UNSEEN
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class Pasted:
    """The addresses in their one spelling, each once, in order; what only looked like one; how many were over."""

    addresses: tuple[str, ...] = ()
    unusable: tuple[str, ...] = ()
    left_out: int = 0


def read_addresses(text: str, most: int = MOST_LOOKED_UP) -> Pasted:
    """The addresses in a text; whatever else stands in it, such as names and titles of columns, is passed over."""
    found, unusable = dict[str, None](), dict[str, None]()
    for word in _BETWEEN.split(text):
        typed = word.strip(_AROUND)
        if "@" not in typed.strip("@"):
            continue
        try:
            found[normalise(typed)] = None
        except InvalidAddress:
            unusable[typed[:LONGEST_NAMED]] = None
    return Pasted(tuple(found)[:most], tuple(unusable)[:MOST_NAMED], max(0, len(found) - most))


def text_of_file(content: bytes) -> str:
    """What a text file says: by its mark, else UTF-8 where it is that, else as Windows writes."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
