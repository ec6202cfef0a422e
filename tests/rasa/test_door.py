"""The door over HTTP, on a real Sanic server: who gets in, and what a silent bot looks like from outside."""

import asyncio
import logging
import threading
from ipaddress import ip_network

import httpx
import pytest
from sanic import Sanic

from bot.rasa.channel import SiteChannel
from bot.telemetry import traces
from bot.telemetry.metrics import MetricsReaders
from bot.telemetry.requests import request_id
from bot.tokens import sign_message_token
from tests.servers.otlp import Collector

SECRET = "a secret for tests, 32 characters long"
HELLO = {"text": "Hello", "utter_action": "utter_greet", "buttons": [{"title": "Help", "payload": "/help"}]}


def valid():
    """A token of now: they live for a minute."""
    return f"Bearer {sign_message_token(SECRET, 'c1', 'slack')}"


async def bot(message):
    """Greets, except that "silence" is answered with silence."""
    logging.getLogger("bot.tests").info("greeting in request %s", request_id.get())
    if message.text != "silence":
        await message.output_channel.send_response(message.sender_id, dict(HELLO))


@pytest.fixture(scope="module")
def post():
    """One request to the door. Sanic of this version serves one app a process, so all tests share it."""
    loop = asyncio.new_event_loop()
    app = Sanic("door")
    readers = MetricsReaders((ip_network("127.0.0.0/8"),))
    app.blueprint(SiteChannel(SECRET, readers=readers).blueprint(bot), url_prefix="/webhooks/site")
    start = app.create_server("127.0.0.1", 0, return_asyncio_server=True, access_log=False)
    server = loop.run_until_complete(start)
    loop.run_until_complete(server.startup())
    port = server.server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        yield lambda content, spoilt=lambda token: token, route="webhook", **headers: client.request(
            "POST" if content is not None else "GET",
            f"/webhooks/site/{route}",
            content=content,
            headers={**headers, **({"Authorization": token} if (token := spoilt(valid())) else {})},
        )
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    server.close()


def test_a_signed_message_is_answered(post):
    answer = post('{"text": "hi"}')
    assert answer.status_code == 200
    assert answer.json() == {"messages": [{"text": "Hello", "buttons": HELLO["buttons"], "utterance": "utter_greet"}]}


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda token: "",
        lambda token: "Bearer",
        lambda token: "Bearer x.y.z",
        lambda token: token.replace("Bearer", "Basic"),
        lambda token: token[:-5],
    ],
    ids=["none", "empty", "no token", "another scheme", "forged"],
)
@pytest.mark.parametrize("route", ["webhook", "faqs"])
def test_without_a_valid_token_nobody_gets_in(post, spoilt, route):
    assert post('{"text": "hi"}', spoilt, route).status_code == 401


def test_faqs_are_ranked_for_what_is_looked_for_and_none_without_a_model(post):
    answer = post('{"text": "micro credental"}', route="faqs")
    assert (answer.status_code, answer.json()) == (200, {"faqs": []})
    assert post('{"text": ""}', route="faqs").status_code == 400


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '"hi"', "{}", '{"payload": "/restart"}'])
def test_malformed_requests_are_400(post, content):
    assert post(content).status_code == 400


def test_deep_nesting_is_400(post):
    assert post("[" * 100_000).status_code == 400


def test_a_silent_bot_counts_as_unavailable(post):
    assert post('{"text": "silence"}').status_code == 503


def test_what_is_done_for_a_message_belongs_to_its_request(post, caplog):
    caplog.set_level(logging.INFO, "bot")
    post('{"text": "hi"}', **{"X-Request-ID": "req-of-a-learner"})
    post('{"text": "hi"}', lambda token: "", **{"X-Request-ID": "req-of-a-stranger"})
    told = [one.getMessage() for one in caplog.records]
    assert told == ["greeting in request req-of-a-learner", "request"] and request_id.get() == ""
    fields = caplog.records[-1].fields
    assert fields["status"] == 200 and fields["milliseconds"] > 0


def test_the_trace_of_a_message_goes_on(post, monkeypatch):
    collector = Collector()
    monkeypatch.setattr(traces, "_sdk", None)
    traces.configure_traces("rasa", collector.url)
    from bot.telemetry import otlp

    post('{"text": "I am jane@example.com"}', traceparent=f"00-{'a' * 32}-{'b' * 16}-01")
    post('{"text": "silence"}')
    otlp.flush()
    answered, silent = (one for one in collector.spans if one.name == "answer message")
    assert (answered.trace, answered.parent, answered.failed) == ("a" * 32, "b" * 16, False)
    assert silent.failed and silent.trace != answered.trace
    assert "jane" not in answered.everything
    otlp._provider.shutdown()
    collector.close()


def test_metrics_are_for_those_who_may_read_them(post):
    post('{"text": "hi"}')
    told = post(None, lambda token: "", "metrics")
    assert told.status_code == 200 and 'rasa_message_seconds_count{outcome="answered"}' in told.text
    assert post(None, lambda token: "", "metrics", **{"X-Forwarded-For": "192.0.2.1"}).status_code == 403
