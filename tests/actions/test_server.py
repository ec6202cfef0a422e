"""The action server over HTTP, as a process: who is answered, and what it tells when an action fails."""

import json
import os
import socket
import subprocess
import sys
import time

import httpx
import pytest

from bench.machine import free_port
from bot.tokens import action_key, calls_actions, sign_message_token
from tests.conftest import SECRET
from tests.servers.otlp import Collector

JANE = "jane.doe@example.com"
CALL = {"next_action": "action_check_issuance_status", "sender_id": "c1", "version": "3.6.2"}
TRACKER = {
    "sender_id": "c1",
    "slots": {},
    "latest_message": {"text": f"has mine been issued? {JANE}", "entities": [{"entity": "email", "value": JANE}]},
    "events": [],
    "paused": False,
    "followup_action": None,
    "active_loop": {},
    "latest_action_name": None,
}


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    return tmp_path_factory.mktemp("actions") / "output"


@pytest.fixture(scope="module")
def collector():
    server = Collector()
    yield server
    server.close()


@pytest.fixture(scope="module")
def server(output, collector):
    port = free_port()
    env = {
        **os.environ,
        "ACTIONS_URL": f"http://127.0.0.1:{port}/webhook",
        "SITE_SECRET_KEY": SECRET,
        "DATABASE_URL": f"sqlite:///{output.parent}/bot.db",
        "LOG_LEVEL": "DEBUG",
        "LOG_FORMAT": "json",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
    }
    with output.open("w") as out:
        process = subprocess.Popen([sys.executable, "-m", "actions"], env=env, stdout=out, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + 120
    with socket.socket() as probe:
        while probe.connect_ex(("127.0.0.1", port)):
            assert time.monotonic() < deadline and process.poll() is None, output.read_text()
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.2)
    yield httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
    process.terminate()
    process.wait(60)


def key(secret=SECRET):
    return {"Authorization": f"Bearer {action_key(secret)}"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {SECRET}"},
        {"Authorization": f"Basic {action_key(SECRET)}"},
        {"Authorization": f"Bearer {action_key(SECRET)[:-1]}"},
        {"Authorization": f"Bearer {sign_message_token(SECRET, 'c1', 'site')}"},
        key("another secret, 32 characters long!!"),
        {"Origin": "https://evil.example"},
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/webhook"), ("GET", "/webhook"), ("GET", "/actions")])
def test_without_rasas_key_nothing_is_done_and_nothing_told(server, headers, method, path):
    answer = server.request(method, path, json={**CALL, "tracker": TRACKER}, headers=headers)
    assert answer.status_code == 401
    assert "responses" not in answer.text and "action_" not in answer.text
    assert not any(name.startswith("access-control") for name in answer.headers)


def test_a_browser_that_asks_whether_it_may_is_not_told_so(server):
    asks = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = server.options("/webhook", headers=asks)
    assert answer.text == "" and not any(name.startswith("access-control") for name in answer.headers)


def test_rasa_is_answered_and_no_browser_may_read_it(server):
    headers = {**key(), "Origin": "https://evil.example"}
    answer = server.post("/webhook", json={**CALL, "tracker": TRACKER}, headers=headers)
    assert answer.status_code == 200 and answer.json()["responses"][0]["response"] == "utter_code_sent"
    assert not any(name.startswith("access-control") for name in answer.headers)


def test_an_action_belongs_to_the_request_and_the_trace_that_rasa_names(server, output, collector):
    headers = {**key(), "X-Request-ID": "req-of-a-learner", "traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
    server.post("/webhook", json={**CALL, "tracker": TRACKER}, headers=headers)
    deadline = time.monotonic() + 60

    def told():
        lines = [json.loads(line) for line in output.read_text().splitlines() if "req-of-a-learner" in line]
        return {(one["process"], one["route"], one["status"]) for one in lines if one["message"] == "request"}

    while not told():  # the line may come after the answer
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert told() == {("actions", "/webhook", 200)}
    while len(found := [one for one in collector.spans if one.trace == "a" * 32]) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    action, call = sorted(found, key=lambda one: one.name)
    assert (call.name, call.parent, call.service) == ("take action", "b" * 16, "actions")
    assert (action.name, action.parent) == ("action_check_issuance_status", call.id)
    assert JANE not in "".join(one.everything for one in collector.spans)


def test_a_stranger_s_id_is_not_taken_over(server, output):
    server.post("/webhook", json={**CALL, "tracker": TRACKER}, headers={"X-Request-ID": "req-of-a-stranger"})
    assert "req-of-a-stranger" not in output.read_text()


def test_metrics_are_for_those_who_may_read_them(server):
    told = server.get("/metrics")
    assert told.status_code == 200 and 'action_seconds_count{action="action_check_issuance_status"' in told.text
    assert 'codes_sent_total{channel="site"}' in told.text and JANE not in told.text
    assert server.get("/metrics", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 403


def test_health_can_be_asked_by_anybody_and_tells_nothing(server):
    assert server.get("/health").json() == {"status": "ok"}


def test_an_action_that_breaks_neither_sends_nor_logs_the_conversation(server, output):
    broken = {**TRACKER, "events": [f"no event: {JANE}"]}
    answer = server.post("/webhook", json={**CALL, "tracker": broken}, headers=key())
    assert answer.status_code == 500 and JANE not in answer.text and "log" in answer.text
    logged = output.read_text()
    assert '"level": "error"' in logged and JANE not in logged


def test_at_debug_no_address_and_no_code_is_logged(server, output):
    server.post("/webhook", json={**CALL, "tracker": TRACKER}, headers=key())
    assert JANE not in output.read_text() and "has mine been issued" not in output.read_text()


@pytest.mark.parametrize("shown", ["", "Bearer é", "Bearer \udcff", "bearer", "Bearer  "])
def test_odd_headers_are_no_key(shown):
    assert not calls_actions(SECRET, shown)
