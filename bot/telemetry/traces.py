"""Traces by OpenTelemetry, where OTEL_EXPORTER_OTLP_ENDPOINT names a collector; else nothing is done.

Spans hold routes, names of actions and components, status codes, and the id of their request: never addresses, texts,
query strings or ids of conversations. So they are begun by hand where we know what is told, instead of by the
libraries of OpenTelemetry, which tell whole addresses.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bot.telemetry.requests import REQUEST_ID, id_of, in_request, request_id

PARENT = "traceparent"  # the header of W3C Trace Context
_sdk: Any = None  # bot.telemetry.otlp, once there is a collector


class NoSpan:
    """What `span` gives where nothing is traced."""

    def set_attribute(self, name: str, value: str | int | float | bool) -> None:
        """Forget it."""

    def fail(self, what: str) -> None:
        """Forget it."""


NO_SPAN = NoSpan()


def configure_traces(process: str, endpoint: str, headers: str = "") -> None:
    """Send spans of this process to a collector; nothing where `endpoint` is empty.

    Args:
        process: "site", "rasa", "actions" or "worker".
        endpoint: the collector, which takes OTLP over HTTP there, such as http://collector:4318.
        headers: what it wants to be shown, as name=value,name=value.
    """
    global _sdk
    if not endpoint:
        return
    from bot.telemetry import otlp

    otlp.begin(process, endpoint, headers)
    _sdk = otlp


def traced() -> bool:
    """Whether there is a collector."""
    return _sdk is not None


@contextmanager
def span(name: str, kind: str = "internal", parent: Mapping[str, str] | None = None, link: str = "") -> Iterator[Any]:
    """Trace the block; gives what attributes can be set on, and `fail` can be told.

    Args:
        name: what is done, one of few.
        kind: "internal", "server", "client" or "consumer".
        parent: headers of the request that asks for it, in lower case; None for the span that we are in.
        link: the `traceparent` of what caused this some time ago.
    """
    if _sdk is None:
        yield NO_SPAN
        return
    with _sdk.span(name, kind, parent, link) as found:
        yield found


@contextmanager
def taken_over(headers: Mapping[str, str], name: str) -> Iterator[Any]:
    """The block belongs to the request of another process of ours: same id, same trace.

    Args:
        headers: what came with it, looked up in any case.
        name: what is done.
    """
    known = {PARENT: headers.get(PARENT) or ""}
    with in_request(id_of(headers.get(REQUEST_ID) or "")), span(name, "server", known) as found:
        yield found


def carried() -> dict[str, str]:
    """The headers that tell another process of ours which request and which span asks."""
    told = {REQUEST_ID: request_id.get(), PARENT: trace_parent()}
    return {name: value for name, value in told.items() if value}


def trace_parent() -> str:
    """The span that we are in, as `traceparent`; "" for none."""
    return str(_sdk.trace_parent()) if _sdk else ""


def trace_id() -> str:
    """The trace that we are in, in hexadecimal digits; "" for none."""
    return trace_parent()[3:35]
