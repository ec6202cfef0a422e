"""Socket Mode: Slack's events come through a connection that we open, so that no public address is needed.

It belongs to the site's process: what it receives takes the same way as what comes to /slack/events, and needs the same
threads, so that a process of its own would only be one more thing to run. Every replica of the site opens a connection;
Slack sends each event to one of them.
"""

import logging
import threading

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler

FIRST_RECONNECT_PAUSE, LONGEST_RECONNECT_PAUSE = 1.0, 60.0  # seconds between attempts to connect
log = logging.getLogger(__name__)


class Socket:
    """Connects, and stays connected until it is closed."""

    def __init__(self, app: App, token: str) -> None:
        """`token` is the app-level one (xapp-…)."""
        self._handler = SocketModeHandler(app, token, logger=app.logger)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._connect, name="slack-socket", daemon=True)

    def start(self) -> None:
        """Connect in the background, however long Slack is away; once connected the client renews it by itself."""
        self._thread.start()

    def connected(self) -> bool:
        """Whether events can come."""
        return self._handler.client.is_connected()

    def close(self) -> None:
        """Disconnect for good."""
        self._stop.set()
        self._handler.close()

    def _connect(self) -> None:
        pause = FIRST_RECONNECT_PAUSE
        while not self._stop.is_set():
            try:
                self._handler.connect()
                log.info("connected to Slack by Socket Mode")
                return
            except Exception as error:  # noqa: BLE001  Slack may be away in any way; the site must outlive it
                log.error("no connection to Slack (Socket Mode), trying again: %s", reason(error))
                self._stop.wait(pause)
                pause = min(pause * 2, LONGEST_RECONNECT_PAUSE)


def reason(error: Exception) -> str:
    """Slack's own word for what is wrong, such as invalid_auth, if it gave one."""
    data = getattr(getattr(error, "response", None), "data", None)
    word = data.get("error") if isinstance(data, dict) else None
    return str(word or type(error).__name__)
