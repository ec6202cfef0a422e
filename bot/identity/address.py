"""One spelling for each e-mail address, so that two addresses are the same learner only when their texts are."""

import re
from difflib import SequenceMatcher
from enum import Enum

from bot.errors import InvalidAddress

LONGEST_ADDRESS = 254  # RFC 5321 4.5.3.1.3, less the angle brackets
LONGEST_LOCAL_PART = 64  # RFC 5321 4.5.3.1.1
LOCAL_PART = re.compile(r"[a-z0-9_+'&=/~#-]+(\.[a-z0-9_+'&=/~#-]+)*")
DOMAIN = re.compile(r"((?!-)[a-z0-9-]{1,63}(?<!-)\.)+[a-z][a-z0-9-]{1,62}(?<!-)")


class InvalidReason(str, Enum):
    """Why a text is no address; `utter_invalid_address/<value>` can say so in the learner's words."""

    EMPTY = "empty"
    CONTROL_CHARACTER = "control_character"
    NON_ASCII = "non_ascii"
    TOO_LONG = "too_long"
    AT_SIGN = "at_sign"
    LOCAL_PART = "local_part"
    DOMAIN = "domain"


def normalise(text: str) -> str:
    """The address in lower case, without spaces around it.

    - Letter case is dropped: the standard lets a server tell Jane@ from jane@, but none in use does, and both
      sources of records compare in lower case.
    - ASCII only, checked before anything is changed: a look-alike letter, a full-width or a zero-width character is
      refused and never folded into the address it imitates.
    - Nothing else is folded. jane+work@ and j.ane@ are not jane@: whether they reach the same mailbox is for that mail
      server alone to know, so each has to be proven by itself.
    - Quoted local parts, and the characters that mail servers, shells or templates give a second meaning
      (! % | ` { } $ * ? ^), are refused although RFC 5321 allows them. So are domains without a dot and bare IP
      addresses.

    Raises:
        InvalidAddress: its text is an `InvalidReason`, never any part of what was typed.
    """
    address = text.strip(" \t")
    reason = _objection(address)
    if reason:
        raise InvalidAddress(reason.value)
    return address.lower()


def normalised(text: str) -> str:
    """As `normalise` gives it, or "" where the text is no address: nobody has proven that, and it is on no list."""
    try:
        return normalise(text)
    except InvalidAddress:
        return ""


def _objection(address: str) -> InvalidReason | None:
    if not address:
        return InvalidReason.EMPTY
    if any(ord(character) < 32 or 127 <= ord(character) < 160 for character in address):
        return InvalidReason.CONTROL_CHARACTER
    if not address.isascii():
        return InvalidReason.NON_ASCII
    if address.count("@") != 1:
        return InvalidReason.AT_SIGN
    local_part, domain = address.lower().split("@")
    if len(address) > LONGEST_ADDRESS or len(local_part) > LONGEST_LOCAL_PART:
        return InvalidReason.TOO_LONG
    if not LOCAL_PART.fullmatch(local_part):
        return InvalidReason.LOCAL_PART
    return None if DOMAIN.fullmatch(domain) else InvalidReason.DOMAIN


def without(text: str) -> str:
    """A text without the addresses in it."""
    return " ".join(_SPOKEN.sub(" ", text).split()).strip(" ,.;:-")


def corrected(address: str, words: str) -> str:
    """An address with a slip put right as somebody says it (".com not .con", "it's kim, not kin"); "" if unclear.

    Args:
        address: with the slip.
        words: what was said about it.
    """
    lower, plain = address.lower(), words.lower()[:_LONGEST_CORRECTION]
    said = [one.strip(".,") for one in _WORD.findall(plain)[:_MOST_WORDS]]
    for wrong in (one.strip(".,") for one in _WRONG.findall(plain)[:_MOST_SLIPS]):
        right = _nearest(wrong, [one for one in said if one != wrong], _ALIKE_NAMED)
        if wrong and right and wrong in lower:
            return normalised(right.join(lower.rsplit(wrong, 1))) or ""
    ending = _ENDING.search(plain)
    if ending and address and not lower.endswith(ending.group()):
        return normalised(lower.rpartition(".")[0] + ending.group()) or ""
    parts = re.split(r"[^a-z0-9]+", lower)
    known = [one for one in said if len(one) > 2 and one.isalnum() and one not in (*parts, *_ABOUT_ADDRESSES)]
    near = [(part, right) for part in parts if len(part) > 2 and (right := _nearest(part, known, _ALIKE_ALONE))]
    return normalised(near[0][1].join(lower.rsplit(near[0][0], 1))) if len(near) == 1 else ""


def names_slip(address: str, words: str) -> bool:
    """Whether words name the part of an address that is wrong, and the right one ("example, not exmaple").

    Args:
        address: with the slip.
        words: what was said, whatever it seems to mean.
    """
    plain = words.lower()[:_LONGEST_CORRECTION]
    parts = re.split(r"[^a-z0-9]+", address.lower())
    said = [one.strip(".,") for one in _WORD.findall(plain)[:_MOST_WORDS]]
    wrong = [one.strip(".,") for one in _WRONG.findall(plain)[:_MOST_SLIPS]]
    return any(one and one in parts and _nearest(one, [o for o in said if o != one], _ALIKE_SLIP) for one in wrong)


def _nearest(word: str, others: list[str], least: float) -> str:
    """The one most like a word, "" where none is so like it."""
    likeness, found = max(((SequenceMatcher(None, word, one).ratio(), one) for one in others), default=(0.0, ""))
    return found if likeness >= least else ""


_SPOKEN = re.compile(r"[\w.+'-]{1,64}@[\w.-]{1,255}")
_WORD = re.compile(r"[\w.-]{1,64}")
_WRONG = re.compile(r"(?:\bnot|instead of|rather than)\s+(?:the\s)?([\w.-]{1,64})")
_MOST_WORDS, _MOST_SLIPS, _LONGEST_CORRECTION = 40, 3, 400  # the last in characters
_ALIKE_NAMED, _ALIKE_ALONE = 0.3, 0.75  # to a part that is said to be wrong; to one that nothing is said of
_ALIKE_SLIP = 0.6  # where nothing else says that the address is meant
_ABOUT_ADDRESSES = ("mail", "mails", "email", "address", "name", "domain", "letter")
_ENDING = re.compile(r"(?<!\w)\.[a-z]{2,10}\b")
