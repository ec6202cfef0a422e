"""Whether a server can listen where its settings say, found out before it starts."""

import socket

from bot.errors import InvalidSetting

SETTINGS = {
    "rasa": "RASA_URL (or RASA_HOST)",
    "actions": "ACTIONS_URL (or ACTIONS_HOST)",
    "site": "SITE_HOST and SITE_PORT",
}


def check_listening(process: str, host: str, port: int) -> None:
    """Nothing, where a process could listen.

    Raises:
        InvalidSetting: the port is taken, or forbidden, or no such address is this machine's.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: not in use is what just ended
            probe.bind(address)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "there is no such name"
        raise InvalidSetting(
            f"{process} cannot listen at {host}, port {port}: {why}. Stop what uses it, or change {SETTINGS[process]}."
        ) from error
