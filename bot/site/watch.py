"""What the site tells its operator: an id for every request, one line of log each, counts and times for Prometheus."""

import logging
import re
import time
import uuid

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram

from bot.bootstrap import Services
from bot.outbox.metrics import OutboxCollector
from bot.telemetry import request_id
from bot.tickets.inbox import InboxCollector
from bot.tickets.metrics import RefusedMailCollector, TicketCollector

SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")
METHODS = ("GET", "HEAD", "POST", "OPTIONS")
PROBES = ("/healthz", "/readyz", "/metrics")
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.3, 0.5, 1.0, 2.5, 5.0, 15.0)
log = logging.getLogger(__name__)


class Watch:
    """Sees every request begin and end."""

    def __init__(self, services: Services) -> None:
        """Make the metrics of one site."""
        self.registry = CollectorRegistry()
        self.registry.register(OutboxCollector(services.outbox.counts))
        self.registry.register(TicketCollector(services.tickets.load, services.tickets.undelivered))
        if services.inbox:
            self.registry.register(InboxCollector(services.inbox.state, services.clock))
        self.registry.register(RefusedMailCollector(services.received.counts))
        labels = ("method", "route", "status")
        self._count = Counter("site_requests", "Requests answered", labels, registry=self.registry)
        text = "Time from a request to its answer"
        self._seconds = Histogram("site_request_seconds", text, ("route",), registry=self.registry, buckets=BUCKETS)

    def attach(self, app: Flask) -> None:
        """First to see a request, last to see its answer."""
        app.before_request(self.begin)
        app.after_request(self.end)
        app.teardown_request(self.forget)

    def begin(self) -> None:
        """Take over the id that a proxy gave the request, if it looks like one; else make one."""
        g.began = time.perf_counter()
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if SANE.fullmatch(given) else uuid.uuid4().hex
        request_id.set(g.request_id)

    def forget(self, error: BaseException | None) -> None:
        """What is logged from here on belongs to no request."""
        request_id.set("")

    def end(self, response: Response) -> Response:
        """Count it, log it (addresses, texts and ids of conversations never), and tell its id."""
        seconds = time.perf_counter() - g.began
        method = request.method if request.method in METHODS else "other"
        route = request.url_rule.rule if request.url_rule else "unmatched"
        response.headers["X-Request-ID"] = g.request_id
        self._count.labels(method, route, str(response.status_code)).inc()
        self._seconds.labels(route).observe(seconds)
        if route not in PROBES or response.status_code == 500:  # not ready yet is no news
            fields = {"method": method, "route": route, "status": response.status_code, "ms": round(seconds * 1000, 1)}
            log.log(_level(response.status_code), "request", extra={"fields": fields})
        return response


def _level(status: int) -> int:
    return logging.ERROR if status >= 500 else logging.INFO
