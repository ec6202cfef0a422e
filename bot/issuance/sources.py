"""The one interface behind which issued badges are looked up; the local database and Credly both stand behind it."""

from collections.abc import Sequence
from typing import Protocol

from bot.issuance.record import Badge


class BadgeSource(Protocol):
    """Where issued badges are known."""

    def badges(self, addresses: Sequence[str]) -> list[Badge]:
        """Every badge issued to one of the addresses, newest first; [] if none.

        Args:
            addresses: proven e-mail addresses in lower case.

        Raises:
            SourceUnavailable: it cannot be asked, or knows nothing at all.
        """
