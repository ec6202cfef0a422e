"""What the site tells its operator: an id for every request, one line of log each, counts and times for Prometheus."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

from flask import Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.bootstrap import Services
from bot.heartbeats import WorkerCollector
from bot.outbox.metrics import OutboxCollector
from bot.telemetry.requests import REQUEST_ID, id_of, in_request
from bot.telemetry.traces import NO_SPAN, PARENT, span
from bot.tickets.inbox import InboxCollector
from bot.tickets.metrics import RefusedMailCollector, TicketCollector

METHODS = ("GET", "HEAD", "POST", "OPTIONS")
UNMATCHED = "unmatched"  # a route that there is not
PROBES = ("/healthz", "/readyz", "/metrics")
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.3, 0.5, 1.0, 2.5, 5.0, 15.0)
log = logging.getLogger(__name__)


class Watch:
    """Sees every request begin and end."""

    def __init__(self, services: Services) -> None:
        """Make the metrics of one site."""
        self.registry, tickets = CollectorRegistry(), services.tickets
        self._believed = services.settings.trusted_proxies > 0
        self.registry.register(OutboxCollector(services.outbox.counts_by_kind))
        self.registry.register(TicketCollector(tickets.load, tickets.undelivered, tickets.overdue))
        self.registry.register(WorkerCollector(services.heartbeats))
        self.registry.register(DependencyCollector(lambda: current_app.extensions["readiness"]()[0]))
        if services.inbox:
            self.registry.register(InboxCollector(services.inbox.state, services.clock))
        self.registry.register(RefusedMailCollector(services.received.counts))
        labels = ("method", "route", "status")
        self._count = Counter("site_requests", "Requests answered", labels, registry=self.registry)
        text = "Time from a request to its answer"
        self._seconds = Histogram("site_request_seconds", text, ("route",), registry=self.registry, buckets=BUCKETS)
        text = "Requests that are being answered; a process has 48 threads for them"
        self._busy = Gauge("site_requests_in_progress", text, registry=self.registry)

    def attach(self, app: Flask) -> None:
        """First to see a request, last to see its answer."""
        app.before_request(self.begin)
        app.after_request(self.end)
        app.teardown_request(self.forget)

    def begin(self) -> None:
        """Take over the id and the trace that a proxy of ours gave the request; else make them."""
        g.began, g.work = time.perf_counter(), ExitStack()
        g.work.enter_context(self._busy.track_inprogress())
        g.request_id = id_of(request.headers.get(REQUEST_ID, "") if self._believed else "")
        g.work.enter_context(in_request(g.request_id))
        parent = {PARENT: request.headers.get(PARENT, "")} if self._believed else {}
        route = _route()
        g.span = NO_SPAN
        if route not in PROBES:
            g.span = g.work.enter_context(span(f"{_method()} {route}", "server", parent))

    def forget(self, error: BaseException | None) -> None:
        """What is logged from here on belongs to no request."""
        if work := g.pop("work", None):
            work.close()

    def end(self, response: Response) -> Response:
        """Count it, log it (addresses, texts and ids of conversations never), and tell its id."""
        seconds = time.perf_counter() - g.began
        method, route = _method(), _route()
        response.headers[REQUEST_ID] = g.request_id
        self._count.labels(method, route, str(response.status_code)).inc()
        self._seconds.labels(route).observe(seconds)
        if route not in PROBES or response.status_code == 500:  # not ready yet is no news
            fields = {"method": method, "route": route, "status": response.status_code}
            fields["milliseconds"] = round(seconds * 1000, 1)
            log.log(_level(response.status_code), "request", extra={"fields": fields})
        told = {"http.request.method": method, "http.route": route, "http.response.status_code": response.status_code}
        for name, value in told.items():
            g.span.set_attribute(name, value)
        if response.status_code >= 500:
            g.span.fail(str(response.status_code))
        return response


class DependencyCollector(Collector):
    """What the site needs or tells of, as its readiness finds it."""

    def __init__(self, found: Callable[[], Mapping[str, bool]]) -> None:
        """Ask `found` at each scrape."""
        self._found = found

    def describe(self) -> list[GaugeMetricFamily]:
        """The metric without its values: registering asks nobody."""
        return [_dependencies()]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The metric now."""
        family = _dependencies()
        for name, answers in self._found().items():
            family.add_metric([name], float(answers))
        yield family


def _dependencies() -> GaugeMetricFamily:
    text = "Whether what the site needs answers (1) or not (0), as /readyz tells it"
    return GaugeMetricFamily("site_dependency_up", text, labels=["dependency"])


def _route() -> str:
    return request.url_rule.rule if request.url_rule else UNMATCHED


def _method() -> str:
    return request.method if request.method in METHODS else "other"


def _level(status: int) -> int:
    return logging.ERROR if status >= 500 else logging.INFO
