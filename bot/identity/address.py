"""One spelling for each e-mail address, so that two addresses are the same learner only when their texts are."""

import re
from enum import Enum

from bot.errors import InvalidAddress

LONGEST_ADDRESS = 254  # RFC 5321 4.5.3.1.3, less the angle brackets
LONGEST_LOCAL_PART = 64  # RFC 5321 4.5.3.1.1
LOCAL_PART = re.compile(r"[a-z0-9_+'&=/~#-]+(\.[a-z0-9_+'&=/~#-]+)*")
DOMAIN_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"({DOMAIN_LABEL}\.)+[a-z]([a-z0-9-]{{0,61}}[a-z0-9])")


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
    lower, plain = address.lower(), words.lower()
    pairs = [*((right, wrong) for wrong, right in _BUT.findall(plain)), *_NOT.findall(plain)]
    for right, wrong in pairs:
        right, wrong = right.strip(".,"), wrong.strip(".,")
        if wrong and right and wrong in lower:
            return normalised(right.join(lower.rsplit(wrong, 1))) or ""
    ending = _ENDING.search(plain)
    if ending and address and not lower.endswith(ending.group()):
        return normalised(lower.rpartition(".")[0] + ending.group()) or ""
    return ""


_SPOKEN = re.compile(r"[\w.+'-]{1,64}@[\w.-]{1,255}")
_NOT = re.compile(r"([\w.-]{1,64})[\s,]+(?:not|instead of|rather than)\s+(?:the\s)?([\w.-]{1,64})")
_BUT = re.compile(r"not\s+([\w.-]{1,64})[\s,]+(?:but|it's|its|it is)\s+([\w.-]{1,64})")
_ENDING = re.compile(r"(?<!\w)\.[a-z]{2,10}\b")
