"""A collector of traces on loopback: takes OTLP over HTTP, decodes it, and can be slow."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


class Span:
    """A span as the collector sees it, all in text."""

    def __init__(self, service, sent):
        self.service, self.name = service, sent.name
        self.trace, self.id, self.parent = sent.trace_id.hex(), sent.span_id.hex(), sent.parent_span_id.hex()
        self.links = [(one.trace_id.hex(), one.span_id.hex()) for one in sent.links]
        self.attributes = {one.key: value_of(one.value) for one in sent.attributes}
        self.events, self.failed = list(sent.events), sent.status.code == sent.status.STATUS_CODE_ERROR
        self.everything = str(sent)


def value_of(value):
    return getattr(value, value.WhichOneof("value"))


class Collector:
    """Keeps what comes; `open` cleared, it lets who sends wait. `came` counts requests, answered or not."""

    def __init__(self):
        self.spans, self.headers, self.came = [], [], 0
        self.open = threading.Event()
        self.open.set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_POST(self):
                outer.came += 1
                sent = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
                outer.open.wait(60)
                outer.headers.append(self.headers)
                outer.spans += [
                    Span(value_of(next(a.value for a in one.resource.attributes if a.key == "service.name")), span)
                    for one in sent.resource_spans
                    for scope in one.scope_spans
                    for span in scope.spans
                ]
                body = ExportTraceServiceResponse().SerializeToString()
                self.send_response(200 if self.path == "/v1/traces" else 404)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def named(self, name):
        """The one span of this name."""
        (found,) = [one for one in self.spans if one.name == name]
        return found

    def close(self):
        self.open.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
