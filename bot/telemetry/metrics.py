"""Who may read metrics, and how they are served where there is no site: by the worker, Rasa and the action server."""

import hmac
import ipaddress
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.exposition import ThreadingWSGIServer

PROXY_HEADERS = ("X-Forwarded-For", "Forwarded")  # what has come through a proxy may come from anywhere
FORBIDDEN = "METRICS_NETWORKS and METRICS_TOKEN say who may read this."
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MetricsReaders:
    """Who may read metrics: whoever shows the token, if there is one, or comes from one of the networks."""

    networks: tuple[Any, ...]
    token: str = field(default="", repr=False)

    def may_read(self, authorization: str, address: str | None, forwarded: bool) -> bool:
        """Whether a request may.

        Args:
            authorization: its header `Authorization`.
            address: where it comes from.
            forwarded: whether it came through a proxy that is not believed.
        """
        scheme, _, shown = authorization.partition(" ")
        if self.token and scheme.lower() == "bearer" and _same(shown.strip(), self.token):
            return True
        if forwarded:
            return False
        try:
            found = ipaddress.ip_address(address or "")
        except ValueError:
            return False
        found = getattr(found, "ipv4_mapped", None) or found
        return any(found in network for network in self.networks)


def exposition(*registries: CollectorRegistry) -> tuple[bytes, str]:
    """What this process has counted, in Prometheus' format, with its media type; of these registries as well."""
    return b"".join(map(generate_latest, (REGISTRY, *registries))), CONTENT_TYPE_LATEST


def metrics_app(readers: MetricsReaders) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """A WSGI application that gives metrics, and nothing else, to those who may read them."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        forwarded = any(f"HTTP_{name.upper().replace('-', '_')}" in environ for name in PROXY_HEADERS)
        if not readers.may_read(environ.get("HTTP_AUTHORIZATION", ""), environ.get("REMOTE_ADDR"), forwarded):
            start_response("403 Forbidden", [("Content-Type", "text/plain")])
            return [FORBIDDEN.encode()]
        body, media_type = exposition()
        start_response("200 OK", [("Content-Type", media_type)])
        return [body]

    return application


class _Silent(WSGIRequestHandler):
    timeout = 10  # seconds for a request to come in

    def log_message(self, form: str, *values: Any) -> None:
        """A scrape is no news."""


def serve_metrics(address: str, readers: MetricsReaders) -> ThreadingWSGIServer | None:
    """Serve metrics at an address such as 127.0.0.1:9101, in a thread; None, and a line of the log, if it is taken."""
    host, _, port = address.rpartition(":")
    try:
        server: ThreadingWSGIServer = make_server(
            host.strip("[]"), int(port), metrics_app(readers), ThreadingWSGIServer, handler_class=_Silent
        )
    except OSError as error:
        log.error("metrics cannot be served at %s: %s", address, error.strerror)
        return None
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


def _same(shown: str, wanted: str) -> bool:
    return hmac.compare_digest(shown.encode("utf-8", "replace"), wanted.encode())
