"""The services that actions use, built once."""

from functools import lru_cache

from bot import bootstrap
from bot.settings import Settings

_given: list[bootstrap.Services] = []


def services() -> bootstrap.Services:
    """Those that were given, else from the settings of this process."""
    return _given[-1] if _given else _own()


def use(given: bootstrap.Services | None) -> None:
    """Work on these from now on, where site and actions share a process; None: on this process's own again."""
    _given[:] = [given] if given else []


@lru_cache(maxsize=1)
def _own() -> bootstrap.Services:
    return bootstrap.build(Settings.load())
