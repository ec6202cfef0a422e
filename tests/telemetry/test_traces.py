"""Traces as a collector gets them: one for a message, in which nobody is named, and which nobody waits for."""

import json
import socket
import subprocess
import sys

import pytest

import bot.clock
from bot.errors import DeliveryFailed
from bot.outbox.service import Outbox
from bot.telemetry import traces
from bot.telemetry.requests import in_request
from tests.telemetry.conftest import GIVEN, Taken

LEARNER = "jane.doe@example.com"
SPANS_OF_A_FLOOD = 6000


def test_a_message_is_one_trace_that_rasa_goes_on_with(traced, client, rasa):
    begun = client.post("/api/conversations").get_json()
    answer = client.post(f"/api/messages?who={LEARNER}", json={"text": f"I am {LEARNER}"})
    collector = traced()
    site, asked = collector.named("POST /api/messages"), collector.spans[-2]
    assert asked.name == "ask Rasa: message" and asked.parent == site.id and asked.trace == site.trace
    assert rasa.headers[-1]["traceparent"] == f"00-{site.trace}-{asked.id}-01"
    assert site.service == "site" and site.parent == "" and not site.failed
    assert site.attributes == {
        "http.request.method": "POST",
        "http.route": "/api/messages",
        "http.response.status_code": 200,
        "request.id": answer.headers["X-Request-ID"],
    }
    told = "".join(one.everything for one in collector.spans)
    for private in ("jane", "127.0.0.1", begun["conversation_id"], begun["token"]):
        assert private not in told


def test_only_a_proxy_of_ours_may_begin_the_trace(traced, client, proxied, collector):
    headers = {"traceparent": f"00-{GIVEN}-00f067aa0ba902b7-01"}
    proxied.get("/faq/what_is_credly", headers=headers)
    client.get("/faq/credential_types", headers=headers)
    ours, others = traced().spans
    assert (ours.trace, ours.parent) == (GIVEN, "00f067aa0ba902b7")
    assert others.trace != GIVEN and others.parent == ""


def test_the_collector_is_shown_its_headers(traced, client, collector):
    client.get("/faq/what_is_credly")
    headers = traced().headers[0]
    assert headers["x-team"] == "support" and headers["authorization"] == "Bearer t"


def test_a_failure_is_told_by_its_kind_alone(traced, client, rasa):
    rasa.fail = True
    client.post("/api/conversations")
    collector = traced()
    failed = collector.named("ask Rasa: message")
    assert failed.failed and failed.attributes["error.type"] == "HTTPStatusError" and failed.events == []
    assert collector.named("POST /api/conversations").failed
    with pytest.raises(ValueError), traces.span("broken"):
        raise ValueError(LEARNER)
    assert traced().named("broken").events == [] and LEARNER not in traced().named("broken").everything


def test_health_checks_are_not_traced(traced, client):
    client.get("/readyz")
    client.get("/metrics")
    assert traced().spans == []


def test_the_workers_span_of_a_mail_is_linked_to_the_request(traced, client, services):
    client.post("/api/conversations")
    form = {"email": LEARNER, "about": "My badge is missing since March."}
    asked = client.post("/api/tickets", json=form).headers["X-Request-ID"]
    assert Outbox(services.database, {"mail": Taken()}, bot.clock.now).deliver_due("w") == 2
    collector = traced()
    request = collector.named("POST /api/tickets")
    sent = [one for one in collector.spans if one.name == "send mail"]
    assert [one.links for one in sent] == [[(request.trace, request.id)]] * 2
    assert {one.attributes["request.id"] for one in sent} == {asked}
    assert {one.attributes["outbox.result"] for one in sent} == {"delivered"}
    assert not {one.trace for one in sent} & {request.trace}
    assert LEARNER not in "".join(one.everything for one in collector.spans)


def test_a_mail_that_is_not_taken_shows_in_its_span(traced, client, services):
    class Away(Taken):
        def send(self, letter):
            raise DeliveryFailed("mail server not reached")

    client.post("/api/conversations")
    client.post("/api/tickets", json={"email": LEARNER, "about": "My badge is missing since March."})
    Outbox(services.database, {"mail": Away()}, bot.clock.now).deliver_due("w")
    results = {one.attributes["outbox.result"] for one in traced().spans if one.name == "send mail"}
    assert results == {"tried_again"}


def test_a_collector_that_keeps_us_waiting_holds_no_message_and_no_memory(traced, client, collector):
    collector.open.clear()
    client.post("/api/conversations")
    for _ in range(SPANS_OF_A_FLOOD):
        with traces.span("one of many"):
            pass
    answer = client.post("/api/messages", json={"text": "hello"})
    assert answer.status_code == 200
    assert collector.spans == [] and collector.came <= 2  # all of that while it was still thinking
    collector.open.set()
    traced()
    assert len(collector.spans) < SPANS_OF_A_FLOOD  # what did not fit was dropped


def test_a_collector_that_is_away_is_told_of_once(monkeypatch, client, caplog):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{probe.getsockname()[1]}"
    monkeypatch.setattr(traces, "_sdk", None)
    traces.configure_traces("site", nobody)
    from bot.telemetry import otlp

    for _ in range(3):
        assert client.post("/api/conversations").status_code == 201
        otlp.flush()
    told = [one.getMessage() for one in caplog.records if "collector" in one.getMessage()]
    assert told == ["the collector of traces takes nothing (ConnectionError): they are dropped until it does"]
    otlp._provider.shutdown()


def test_without_a_collector_nothing_of_opentelemetry_is_loaded():
    script = """
import json, sys
import bot.commands.site, bot.commands.worker, bot.site.app, bot.worker, actions.server
from bot.telemetry.traces import carried, configure_traces, span, taken_over
configure_traces("site", "")
with taken_over({"X-Request-ID": "req-12345678"}, "x"), span("y") as found:
    found.set_attribute("z", 1)
    print(json.dumps([carried(), sorted(name for name in sys.modules if name.startswith("opentelemetry"))]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [{"X-Request-ID": "req-12345678"}, []]


def test_an_id_is_carried_with_the_trace(traced):
    with in_request(GIVEN), traces.span("outer"):
        carried = traces.carried()
    with traces.taken_over(carried, "inner"):
        assert traces.carried()["X-Request-ID"] == GIVEN
    outer, inner = traced().spans
    assert (inner.trace, inner.parent) == (outer.trace, outer.id)
