"""Which certificate authorities our clients trust."""

import ssl
from functools import cache

from bot.errors import InvalidSetting


@cache
def trusted() -> ssl.SSLContext:
    """One for all clients of a process: reading the authorities takes longer than all else that a client needs."""
    import httpx

    return httpx.create_ssl_context()


def of_file(path: str | None, setting: str) -> ssl.SSLContext:
    """Verifies certificate and host name, against the authorities of a file or, without one, the system's.

    Raises:
        InvalidSetting: the file, which `ca=` in the setting names, cannot be read.
    """
    try:
        return ssl.create_default_context(cafile=path)
    except (OSError, ssl.SSLError) as error:
        raise InvalidSetting(f"The file named by ca= in {setting} cannot be read as PEM certificates.") from error
