"""OpenTelemetry itself: imported only where there is a collector.

Spans wait in a queue of fixed length, which a thread empties; what does not fit is dropped. So nothing that we do ever
waits for a collector, however slow.
"""

import atexit
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.re import parse_env_headers

from bot.telemetry.requests import request_id

MOST_SPANS = 2048  # that wait for the collector
SPANS_AT_ONCE = 256
EXPORT_PAUSE = 2.0  # seconds between two exports, at most
COLLECTOR_SECONDS = 3.0  # for one answer
LAST_FLUSH_SECONDS = 1.0  # at the end of the process
SPAN_KINDS = {
    "internal": SpanKind.INTERNAL,
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "consumer": SpanKind.CONSUMER,
}
log = logging.getLogger(__name__)
_propagator = TraceContextTextMapPropagator()
_provider: TracerProvider | None = None
_tracer: trace.Tracer = trace.NoOpTracer()


class PatientExporter(SpanExporter):
    """Says once that the collector takes nothing, and once that it does again."""

    def __init__(self, exporter: SpanExporter) -> None:
        """Hand everything on to `exporter`."""
        self._exporter, self._away = exporter, False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Try once; what is not taken is dropped."""
        try:
            result, problem = self._exporter.export(spans), "refused"
        except Exception as error:  # noqa: BLE001  it may be away in any way
            result, problem = SpanExportResult.FAILURE, type(error).__name__
        away = result is not SpanExportResult.SUCCESS
        if away and not self._away:
            log.warning("the collector of traces takes nothing (%s): they are dropped until it does", problem)
        if self._away and not away:
            log.info("the collector takes traces again")
        self._away = away
        return result

    def shutdown(self) -> None:
        """No more spans come."""
        self._exporter.shutdown()


class BegunSpan:
    """A span that has begun, as `bot.telemetry.traces.span` gives it."""

    def __init__(self, begun: trace.Span) -> None:
        """Wrap it."""
        self._span = begun
        self.set_attribute = begun.set_attribute

    def fail(self, what: str) -> None:
        """It did not work: the kind of failure in a word, never its text."""
        self._span.set_attribute("error.type", what)
        self._span.set_status(Status(StatusCode.ERROR))


def begin(process: str, endpoint: str, headers: str) -> None:
    """Set up what `span` needs; see `bot.telemetry.traces.configure_traces`."""
    global _provider, _tracer
    for name in ("opentelemetry.sdk", "opentelemetry.exporter"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # PatientExporter says it
    exporter = PatientExporter(
        OTLPSpanExporter(
            endpoint=f"{endpoint}/v1/traces",
            headers=dict(parse_env_headers(headers, liberal=True)) or None,
            timeout=int(COLLECTOR_SECONDS),
        )
    )
    told = {"service.namespace": "credential-assistant", "service.name": process}
    provider = TracerProvider(resource=Resource.create(told), shutdown_on_exit=False)
    provider.add_span_processor(
        BatchSpanProcessor(exporter, MOST_SPANS, EXPORT_PAUSE * 1000, SPANS_AT_ONCE, COLLECTOR_SECONDS * 1000)
    )
    _provider, _tracer = provider, provider.get_tracer("credential-assistant")
    atexit.register(flush)


def flush() -> None:
    """Send what waits, as far as the collector takes it within a second."""
    if _provider:
        _provider.force_flush(int(LAST_FLUSH_SECONDS * 1000))


@contextmanager
def span(name: str, kind: str, parent: Mapping[str, str] | None, link: str) -> Iterator[BegunSpan]:
    """See `bot.telemetry.traces.span`."""
    context = None if parent is None else _propagator.extract(parent)
    begun = _tracer.start_as_current_span(
        name,
        context=context,
        kind=SPAN_KINDS[kind],
        links=_links(link),
        record_exception=False,  # its text may quote what a person wrote
        set_status_on_exception=False,
    )
    with begun as current:
        found = BegunSpan(current)
        if request_id.get():
            current.set_attribute("request.id", request_id.get())
        try:
            yield found
        except BaseException as error:
            found.fail(type(error).__name__)
            raise


def trace_parent() -> str:
    """See `bot.telemetry.traces.trace_parent`."""
    carrier: dict[str, Any] = {}
    _propagator.inject(carrier)
    return str(carrier.get("traceparent", ""))


def _links(parent: str) -> list[Link]:
    found = trace.get_current_span(_propagator.extract({"traceparent": parent})).get_span_context()
    return [Link(found)] if parent and found.is_valid else []
