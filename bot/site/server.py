"""Serves the site by waitress: one loop holds all connections, and a thread has to do with whole requests only.

A connection that sends a byte now and then costs next to nothing, and is closed when its request does not come in time.
"""

import logging
import signal
import time
from copy import copy
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import waitress.channel
import waitress.server
from waitress import create_server
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer

from bot.listening import check_listening

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS = 48  # most of them wait for Rasa or the database
MOST_CONNECTIONS, MOST_OF_AN_ADDRESS = 800, 100  # of the 1,024 files that a process may have open
REQUEST_SECONDS, CLEANUP_SECONDS = 20, 2  # for a request to come in, or between two; between looks at that
SLOWEST_BYTES = 4096  # a second: whoever sends so much has longer
LARGEST_REQUEST_BYTES = 1024 * 1024  # what is kept before anybody looks at it; pages and calls have lower limits
FOR_FILES = ("/api/attachments", "/api/tickets/attachments", "/console/tickets/")  # where more may come
BACKLOG = 256


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """One request; only where files come it may be as large as they are."""

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head, and choose the limit of what comes after it."""
        super().parse_header(header_plus)
        if not self.path.startswith(FOR_FILES):
            self.adj: Any = copy(self.adj)
            self.adj.max_request_body_size = LARGEST_REQUEST_BYTES


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection; its address may have so many."""

    parser_class = Parser
    most = MOST_OF_AN_ADDRESS

    def __init__(self, server: BaseWSGIServer, sock: Any, addr: Any, *args: Any, **kwargs: Any) -> None:
        """Take a connection over, and close it at once where its address has too many."""
        super().__init__(server, sock, addr, *args, **kwargs)
        self._since = self.creation_time  # when the request that comes in would have begun at the slowest pace
        near = sum(other.addr[:1] == addr[:1] for other in server.active_channels.values())
        self.will_close = near > self.most

    def received(self, data: bytes) -> bool:
        """Take in what has come; a part of a request is no activity, but for the time that it takes to send."""
        now, blank = time.monotonic(), not data.strip()
        if self.request is None and not blank:
            self._since = now
        taken = super().received(data)
        if self.request is not None or blank:
            self._since = min(now, self._since + len(data) / SLOWEST_BYTES)
            self.last_activity = self._since
        return bool(taken)


class ProxyChannel(Channel):
    """One connection of a proxy, from which all come."""

    most = MOST_CONNECTIONS


def serve(
    app: "WSGIApplication",
    host: str,
    port: int,
    behind_proxy: bool = False,
    largest_files: int = LARGEST_REQUEST_BYTES,
) -> None:
    """Serve a WSGI application until SIGTERM or Ctrl-C; what was begun then has some seconds to end.

    Args:
        app: the application.
        host: where to listen.
        port: the same.
        behind_proxy: whether all connections come from proxies of ours.
        largest_files: bytes that may come at once where files do.

    Raises:
        InvalidSetting: nobody can listen there.
    """
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a short queue is no news
    _measure_steadily()
    sockets: dict[int, Any] = {}
    check_listening("site", host, port)
    server = create_server(
        app,
        sockets,
        host=host,
        port=port,
        threads=THREADS,
        backlog=BACKLOG,
        connection_limit=MOST_CONNECTIONS,
        channel_timeout=REQUEST_SECONDS,
        cleanup_interval=CLEANUP_SECONDS,
        max_request_body_size=max(largest_files, LARGEST_REQUEST_BYTES),
        asyncore_use_poll=True,
        clear_untrusted_proxy_headers=False,  # TRUSTED_PROXIES says whom to believe
        ident=None,
    )
    for one in sockets.values():
        if isinstance(one, BaseWSGIServer):
            one.channel_class = ProxyChannel if behind_proxy else Channel
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    server.run()


def _measure_steadily() -> None:
    """Let waitress measure by a clock that nobody sets.

    Else one that is set back keeps it from closing idle connections until the time has come again, and soon nobody gets
    in; one that is set ahead ends connections in the middle of a request.
    """
    waitress.server.time = waitress.channel.time = SimpleNamespace(time=time.monotonic)
