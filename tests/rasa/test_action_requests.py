"""Rasa's own commands reach the action server: its key goes with each request, though no file holds it."""

import asyncio
import socket
import time

import pytest
from rasa.core.actions import action as rasa_actions
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from bot.conversations.assistant import ASSISTANT_TIMEOUT
from bot.rasa import action_requests
from bot.telemetry.requests import in_request
from bot.tokens import calls_actions
from tests.conftest import SECRET


@pytest.fixture(autouse=True)
def signing(monkeypatch):
    monkeypatch.setenv("SITE_SECRET_KEY", SECRET)
    monkeypatch.setattr(RemoteAction, "__init__", action_requests._begin)
    monkeypatch.setattr(EndpointConfig, "request", action_requests._request)
    monkeypatch.setattr(rasa_actions, "DEFAULT_REQUEST_TIMEOUT", rasa_actions.DEFAULT_REQUEST_TIMEOUT)
    action_requests.sign()


def headers(**endpoint):
    config = EndpointConfig("http://127.0.0.1:5055/webhook", **endpoint)
    RemoteAction("action_escalate", config)
    return RemoteAction("action_answer", config).action_endpoint.headers


def test_every_request_of_an_action_carries_the_key():
    assert calls_actions(SECRET, headers()["Authorization"])


def test_a_key_that_somebody_wrote_into_the_file_wins():
    assert headers(headers={"Authorization": "Bearer own", "X-Other": "1"}) == {
        "Authorization": "Bearer own",
        "X-Other": "1",
    }


def test_without_an_action_server_nothing_is_signed():
    assert RemoteAction("action_escalate", None).action_endpoint is None


def test_the_request_of_the_person_goes_along_and_that_of_the_next_does_not_mix_with_it(rasa):
    config = EndpointConfig(f"{rasa.url}/webhook", headers={"Authorization": "Bearer x"})

    async def call(known):
        with in_request(known):
            await asyncio.sleep(0)
            with pytest.raises(ClientResponseError):  # it knows no such token, and has kept the headers
                await config.request(json={}, headers={"X-Own": known})

    async def both():
        await asyncio.gather(call("req-of-jane"), call("req-of-john"))

    asyncio.run(both())
    seen = sorted((one["X-Own"], one["X-Request-ID"], one["Authorization"]) for one in rasa.headers)
    assert seen == [("req-of-jane", "req-of-jane", "Bearer x"), ("req-of-john", "req-of-john", "Bearer x")]


def test_an_action_server_that_hangs_is_given_up_before_the_site_gives_up(monkeypatch):
    assert ASSISTANT_TIMEOUT.read > action_requests.LONGEST_ACTION
    monkeypatch.setattr(action_requests, "LONGEST_ACTION", 0.5)
    action_requests.sign()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        action = RemoteAction("action_answer", EndpointConfig(f"http://127.0.0.1:{silent.getsockname()[1]}/webhook"))
        tracker, nlg = DialogueStateTracker("c1", []), TemplatedNaturalLanguageGenerator({})
        began = time.monotonic()
        with pytest.raises((OSError, asyncio.TimeoutError)):
            asyncio.run(asyncio.wait_for(action.run(CollectingOutputChannel(), nlg, tracker, Domain.empty()), 20))
        assert time.monotonic() - began < 15
