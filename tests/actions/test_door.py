"""The door over HTTP, on a real Sanic server: who gets in, and what a silent bot looks like from outside."""

import asyncio
import uuid

import httpx
import pytest
from sanic import Sanic

from bot.channel import SiteChannel
from bot.tokens import sign_message_token

SECRET = "a secret for tests, 32 characters long"
VALID = f"Bearer {sign_message_token(SECRET, 'c1', 'slack')}"
HELLO = {"text": "Hello", "utter_action": "utter_greet", "buttons": [{"title": "Help", "payload": "/help"}]}


async def greets(message):
    await message.output_channel.send_response(message.sender_id, dict(HELLO))


async def says_nothing(message):
    pass


def post(content, token=VALID, bot=greets):
    """One request to the door with a bot behind it."""

    async def ask():
        app = Sanic(f"door_{uuid.uuid4().hex}")
        app.blueprint(SiteChannel(SECRET).blueprint(bot), url_prefix="/webhooks/site")
        server = await app.create_server("127.0.0.1", 0, return_asyncio_server=True, access_log=False)
        await server.startup()
        port = server.server.sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            headers = {"Authorization": token} if token else {}
            answer = await client.post("/webhooks/site/webhook", content=content, headers=headers)
        server.close()
        await server.wait_closed()
        return answer

    return asyncio.run(ask())


def test_a_signed_message_is_answered():
    answer = post('{"text": "hi"}')
    assert answer.status_code == 200
    assert answer.json() == {"messages": [{"text": "Hello", "buttons": HELLO["buttons"], "utterance": "utter_greet"}]}


@pytest.mark.parametrize("token", [None, "Bearer", "Bearer x.y.z", VALID.replace("Bearer", "Basic"), VALID[:-2]])
def test_without_a_valid_token_nobody_gets_in(token):
    assert post('{"text": "hi"}', token).status_code == 401


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '"hi"', "{}", '{"payload": "/restart"}', "[" * 5000])
def test_malformed_requests_are_400(content):
    assert post(content).status_code == 400


def test_a_silent_bot_counts_as_unavailable():
    assert post('{"text": "hi"}', bot=says_nothing).status_code == 503
