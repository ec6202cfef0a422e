"""A look-up of several addresses, as far as it has come. No I/O."""

import threading
from dataclasses import dataclass, field

from bot.lookups.table import Found


@dataclass
class StaffLookup:
    """One look-up of several addresses: what was found so far, and what of the input was no address."""

    number: str
    asker: str = field(repr=False)
    addresses: tuple[str, ...] = field(repr=False)
    credential: str = ""
    unusable: tuple[str, ...] = field(default=(), repr=False)
    found: list[Found] = field(default_factory=list, repr=False)
    stopped: bool = False  # it took too long, or failed; what was found stays
    done: bool = False  # nothing more will be found
    ended: threading.Event = field(default_factory=threading.Event, repr=False)  # in the process that looks
