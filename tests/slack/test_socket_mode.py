"""Socket Mode: the same work without a public address, from a Slack that may be away when the site starts."""

import time

import pytest

from bot import bootstrap
from bot.settings import Settings
from bot.site.app import create_app
from tests.conftest import SECRET
from tests.servers.slack import APP_TOKEN, TEAM, TOKEN
from tests.servers.slack_socket import SlackSocket
from tests.slack.conftest import LEARNER, words


@pytest.fixture()
def socket(slack):
    socket = SlackSocket()
    slack.socket = socket.url
    yield socket
    socket.close()


@pytest.fixture()
def site(slack, rasa, sqlite_url):
    """Without a signing secret."""
    given = {"SITE_SECRET_KEY": SECRET, "DATABASE_URL": sqlite_url, "RASA_URL": rasa.url}
    given |= {"ACTIONS_URL": f"{rasa.url}/webhook", "SLACK_API_URL": slack.url}
    given |= {"SLACK_BOT_TOKEN": TOKEN, "SLACK_APP_TOKEN": APP_TOKEN}
    app = create_app(bootstrap.build(Settings.load(given)))
    yield app.test_client()
    app.extensions["slack"].close()


def event(event_id, text):
    inner = {"type": "message", "channel_type": "im", "channel": "D0LEARNER", "user": LEARNER, "text": text}
    body = {"type": "event_callback", "team_id": TEAM, "api_app_id": "A1", "event_id": event_id}
    return {**body, "event": {**inner, "ts": f"{time.time():.6f}"}}


def test_a_question_is_acknowledged_and_answered_once(slack, socket, site, rasa):
    rasa.replies = [{"text": "**Yes.**", "utterance": "utter_faq/what_is_credly", "buttons": []}]
    connection = socket.connection()
    for envelope in ("e1", "e2"):  # sent again with another envelope
        assert socket.send(connection, "events_api", event("Ev1", "hello"), envelope) == envelope
    assert socket.send(connection, "events_api", event("Ev2", "again"), "e3") == "e3"
    messages = slack.wait(lambda: len(slack.made("chat.postMessage")) == 2 and slack.made("chat.postMessage"))
    assert [words(one) for one in messages] == ["*Yes.*", "*Yes.*"] and len(rasa.requests) == 2
    assert site.get("/readyz").json["slack"] is True
    assert site.post("/slack/events").status_code == 404


def test_a_connection_that_cannot_be_made_is_tried_again(slack, socket, rasa, request):
    slack.answers["apps.connections.open"] = [(200, {}, {"ok": False, "error": "internal_error"})]
    site = request.getfixturevalue("site")
    assert site.get("/readyz").json["slack"] is False
    assert site.get("/healthz").status_code == 200
    connection = socket.connection()
    assert socket.send(connection, "events_api", event("Ev1", "hello")) == "e1"
