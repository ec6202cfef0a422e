import re
from pathlib import Path

import yaml

GUIDE = Path("docs/slack.md").read_text(encoding="utf-8")
MANIFEST = yaml.safe_load(Path("slack/manifest.yml").read_text())


def test_the_manifest_keeps_slacks_limits():
    assert len(MANIFEST["display_information"]["name"]) <= 35
    assert len(MANIFEST["display_information"]["description"]) <= 140
    assert len(MANIFEST["features"]["bot_user"]["display_name"]) <= 80
    (command,) = MANIFEST["features"]["slash_commands"]
    assert command["command"] == "/credential" and len(command["description"]) <= 2000


def test_it_asks_for_no_more_than_is_used():
    scopes = {
        "app_mentions:read",
        "chat:write",
        "commands",
        "files:read",
        "im:history",
        "users:read",
        "users:read.email",
    }
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == scopes
    events = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    assert sorted(events) == ["app_home_opened", "app_mention", "message.im"]
    assert MANIFEST["features"]["app_home"]["messages_tab_read_only_enabled"] is False


def steps():
    """The numbered steps of the set-up, without line breaks."""
    setup = GUIDE.split("## Set up")[1].split("\nWithout these settings")[0]
    return [" ".join(step.split()) for step in re.split(r"\n\d+\. ", setup)[1:]]


def test_the_address_is_verified_after_the_secret_is_set_and_the_site_restarted():
    (verified,) = (n for n, step in enumerate(steps()) if "*Request URL* verified" in step)
    secret = next(n for n, step in enumerate(steps()) if "SLACK_SIGNING_SECRET" in step)
    restarted = next(n for n, step in enumerate(steps()) if step.startswith("Restart"))
    assert secret < restarted < verified


def test_the_guide_asks_for_a_private_channel_because_tickets_hold_personal_data():
    (channel,) = (step for step in steps() if "SLACK_TICKET_CHANNEL" in step)
    assert "**private** channel" in channel and "learner's address" in channel
