"""What is let in: signatures, time stamps, and what is there at all."""

import json
import time

import pytest

from bot import bootstrap
from bot.settings import Settings
from bot.site.app import create_app
from tests.conftest import SECRET
from tests.slack.conftest import LEARNER


def test_the_address_is_verified(workspace):
    body = json.dumps({"type": "url_verification", "token": "x", "challenge": "abc"})
    answer = workspace.post(body, kind="application/json")
    assert answer.status_code == 200 and "abc" in answer.text


@pytest.mark.parametrize(("secret", "seconds"), [("another", 0), ("", -301), ("", 400), ("", -1_000_000_000)])
def test_bad_signatures_and_old_time_stamps_are_refused(workspace, rasa, secret, seconds):
    how = {"secret": secret} if secret else {"at": time.time() + seconds}
    assert workspace.writes(LEARNER, "let me in", how=how).status_code == 401
    workspace.writes(LEARNER, "let me in properly")
    workspace.said()
    assert len(rasa.requests) == 1


def test_an_unsigned_request_is_refused(workspace):
    assert workspace._client.post("/slack/events", json={"type": "url_verification"}).status_code == 401


JSON = {"Content-Type": "application/json"}
UNSIGNED = {
    "no number as time": {"headers": {"X-Slack-Request-Timestamp": "soon", "X-Slack-Signature": "v0=0"}},
    "no time": {"headers": {"X-Slack-Request-Timestamp": "", "X-Slack-Signature": "v0=0"}},
    "endless time": {"headers": {"X-Slack-Request-Timestamp": "9" * 400, "X-Slack-Signature": "v0=0"}},
    "other digits": {"headers": {"X-Slack-Request-Timestamp": "１２".encode(), "X-Slack-Signature": "v0=0"}},
    "signature beyond ASCII": {"headers": {"X-Slack-Request-Timestamp": "NOW", "X-Slack-Signature": "é".encode()}},
    "bytes that are no text": {"content": b"\xff", "headers": {"X-Slack-Request-Timestamp": "NOW"}},
    "a list": {"content": b"[]", "headers": JSON},
    "a number": {"content": b"1", "headers": JSON},
    "deep JSON": {"content": b"[" * 100_000, "headers": JSON},
    "a broken payload": {"data": {"payload": "{"}},
    "a payload that is none": {"data": {"payload": "1"}},
    "many fields": {"data": {f"a{number}": "1" for number in range(5000)}},
}


@pytest.mark.parametrize("given", UNSIGNED)
def test_whatever_strangers_send_is_refused_and_no_failure_of_ours(workspace, slack, given, caplog):
    how, now = UNSIGNED[given], str(int(time.time()))
    headers = {name: now if value == "NOW" else value for name, value in how.get("headers", {}).items()}
    signature = {} if "X-Slack-Signature" in headers else {"X-Slack-Signature": "v0=0"}
    answer = workspace._client.post("/slack/events", **{**how, "headers": {**headers, **signature}})
    assert answer.status_code == 401 and answer.json()["error"]["code"] == "not_signed"
    assert not [one for one in caplog.records if one.levelname in ("ERROR", "CRITICAL")] and slack.calls == []


def test_slack_may_look_at_the_certificate(workspace):
    assert workspace._client.post("/slack/events", data={"ssl_check": "1", "token": "x"}).status_code == 200


def test_what_is_no_text_in_a_message_is_left_out(workspace, rasa):
    workspace.writes(LEARNER, "where \0is my \ud800badge?")
    workspace.said()
    assert rasa.requests[0][1]["text"] == "where is my badge?"


def test_a_large_event_is_taken(workspace):
    blocks = [{"type": "rich_text", "text": "y" * 200_000}]
    assert workspace.writes(LEARNER, "large", blocks=blocks).status_code == 200
    workspace.said()


def test_unknown_events_are_acknowledged(workspace):
    assert workspace.event({"type": "team_join", "user": {"id": LEARNER}}).status_code == 200


@pytest.mark.parametrize("missing", ["SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN"])
def test_without_its_settings_there_is_no_slack(sqlite_url, rasa, missing):
    given = {"SLACK_SIGNING_SECRET": "s", "SLACK_BOT_TOKEN": "xoxb-1", "SITE_SECRET_KEY": SECRET}
    given |= {"DATABASE_URL": sqlite_url, "RASA_URL": rasa.url, missing: ""}
    client = create_app(bootstrap.build(Settings.load(given))).test_client()
    assert client.post("/slack/events").status_code == 404
