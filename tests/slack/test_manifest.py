from pathlib import Path

import yaml

MANIFEST = yaml.safe_load(Path("slack/manifest.yml").read_text())


def test_the_manifest_keeps_slacks_limits():
    assert len(MANIFEST["display_information"]["name"]) <= 35
    assert len(MANIFEST["display_information"]["description"]) <= 140
    assert len(MANIFEST["features"]["bot_user"]["display_name"]) <= 80
    (command,) = MANIFEST["features"]["slash_commands"]
    assert command["command"] == "/credential" and len(command["description"]) <= 2000


def test_it_asks_for_no_more_than_is_used():
    scopes = {"app_mentions:read", "chat:write", "commands", "im:history", "users:read", "users:read.email"}
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == scopes
    events = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    assert sorted(events) == ["app_home_opened", "app_mention", "message.im"]
    assert MANIFEST["features"]["app_home"]["messages_tab_read_only_enabled"] is False
