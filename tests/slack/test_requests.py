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
