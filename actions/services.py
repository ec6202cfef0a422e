"""The services that actions use, built once."""

from functools import lru_cache

from bot import bootstrap
from bot.settings import Settings


@lru_cache(maxsize=1)
def services() -> bootstrap.Services:
    """From the settings of this process."""
    return bootstrap.build(Settings.load())
