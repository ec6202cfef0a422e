"""The answers of the identity service, as plain values."""

import datetime
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True)
class CodeRequested:
    """A code is on its way; `resend_after` is the number of seconds before the next may be asked for."""

    address: str
    expires_at: datetime.datetime
    resend_after: int


@dataclass(frozen=True)
class TooManyCodes:
    """No code was sent, an earlier one still holds; `retry_after` in seconds."""

    retry_after: int


@dataclass(frozen=True)
class Proven:
    """The code was right: the conversation has proven this address."""

    address: str


@dataclass(frozen=True)
class WrongCode:
    """The code was wrong; without tries left only a new code helps."""

    tries_left: int


@dataclass(frozen=True)
class CodeExpired:
    """The code was too old, whether right or wrong; a new one helps."""


@dataclass(frozen=True)
class NoCode:
    """This conversation waits for no code: none was asked for, or it was used or cancelled."""


@dataclass(frozen=True)
class Locked:
    """Too many wrong codes for this address, from whatever conversation; nothing is compared for so many seconds."""

    retry_after: int


@dataclass(frozen=True)
class CodeWaiting:
    """A code that can still be typed."""

    address: str
    expires_at: datetime.datetime


@dataclass(frozen=True)
class Held:
    """From when until when an address was proven."""

    since: datetime.datetime
    until: datetime.datetime


class Refusal(str, Enum):
    """Why a record may not be shown; `utter_refused/<value>` can say so."""

    NOTHING_PROVEN = "nothing_proven"
    PROOF_EXPIRED = "proof_expired"
    OTHER_ADDRESS = "other_address"


CodeAnswer = CodeRequested | TooManyCodes
CheckAnswer = Proven | WrongCode | CodeExpired | NoCode | Locked
