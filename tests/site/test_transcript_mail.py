"""The conversation by mail: only to a proven address, only what may still be read, and not without end."""

import json

import jwt
import pytest
import sqlalchemy as sql

from bot import bootstrap
from bot.clock import now
from bot.outbox.store import outbox
from bot.site.app import create_app

TOKEN_SECRET = "the host site's secret for identity tokens"


@pytest.fixture()
def signed_in(settings):
    """A client whose conversation has proven jane@example.com, and the services behind it."""
    services = bootstrap.build(settings.copy(update={"identity_token_secret": TOKEN_SECRET}))
    client = create_app(services).test_client()
    at = int(now().timestamp())
    claims = {"email": "jane@example.com", "aud": "credential-assistant", "iat": at, "exp": at + 600}
    token = jwt.encode(claims, TOKEN_SECRET, algorithm="HS256")
    assert client.post("/api/conversations", json={"identity_token": token}).status_code == 201
    return client, services


def mails(services):
    with services.database.transaction() as connection:
        return [json.loads(row.payload) for row in connection.execute(sql.select(outbox.c.payload))]


def test_it_goes_to_the_proven_address_with_all_that_was_said_but_no_code(signed_in):
    client, services = signed_in
    client.post("/api/messages", json={"text": "who can see <b>it</b>?"})
    client.post("/api/messages", json={"text": "my code is 123456"})
    answer = client.post("/api/conversations/transcript", json={})
    assert (answer.status_code, answer.get_json()) == (200, {"address": "jane@example.com"})
    (mail,) = mails(services)
    assert mail["to"] == "jane@example.com" and "You said: who can see" in mail["text"]
    assert "&lt;b&gt;it&lt;/b&gt;" in mail["html"]
    assert "my code is ······" in mail["text"]


def test_without_a_proven_address_nothing_is_sent(client, services):
    assert client.post("/api/conversations/transcript", json={}).status_code == 401
    client.post("/api/conversations", json={})
    answer = client.post("/api/conversations/transcript", json={"address": "victim@example.com"})
    assert answer.status_code == 403 and answer.get_json()["error"]["code"] == "not_proven"
    assert mails(services) == []


def test_a_fourth_one_within_an_hour_has_to_wait(signed_in):
    client, services = signed_in
    codes = [client.post("/api/conversations/transcript", json={}).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]
    assert len(mails(services)) == 3
