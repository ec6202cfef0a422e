"""Who is staff, asked anew each time."""

from collections.abc import Collection, Iterator

from bot.settings import Settings


class StaffList(Collection[str]):
    """The addresses of STAFF_EMAILS, as they stand at the moment of asking."""

    def __init__(self, settings: Settings) -> None:
        """Ask these settings."""
        self._settings = settings

    def __contains__(self, address: object) -> bool:
        """Whether an address, in lower case, is on the list now."""
        return address in self._settings.staff_now()

    def __iter__(self) -> Iterator[str]:
        """Those on it now."""
        return iter(self._settings.staff_now())

    def __len__(self) -> int:
        """How many are on it now."""
        return len(self._settings.staff_now())
