import re
from pathlib import Path

import pytest

from bot.errors import InvalidSetting, InvalidToken
from bot.setting_checks import exposure
from bot.settings import Settings
from bot.staff import StaffList
from bot.tokens import sign_message_token, verify_message_token

KEY = {"SITE_SECRET_KEY": "x" * 32}


def test_env_example_lists_every_setting():
    named = re.findall(r"^([A-Z_]+)=", Path(".env.example").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(name.upper() for name in Settings.__fields__)


def test_env_example_gives_the_defaults():
    written = dict(re.findall(r"^([A-Z_]+)=(.*)$", Path(".env.example").read_text(), re.MULTILINE))
    assert Settings.load({**written, **KEY}) == Settings.load(KEY)


@pytest.mark.parametrize(
    ("name", "value"),
    [("SITE_PORT", "eighty"), ("SITE_PORT", "0"), ("RASA_URL", "rasa:5005"), ("RETENTION_DAYS", "-1")],
)
def test_a_bad_value_is_refused_by_name(name, value):
    with pytest.raises(InvalidSetting, match=name):
        Settings.load({"SITE_SECRET_KEY": "x" * 32, name: value})


@pytest.mark.parametrize("key", ["x", "k" * 31, "changeme", "é" * 15])
def test_a_short_key_is_refused_without_being_repeated(key):
    with pytest.raises(InvalidSetting, match="SITE_SECRET_KEY must have at least 32") as refused:
        Settings.load({"SITE_SECRET_KEY": key})
    assert repr(key) not in str(refused.value)


@pytest.mark.parametrize("level", ["info", "INFO", "Info", "debug", "WARNING"])
def test_log_levels_are_read_in_any_case(level):
    assert Settings.load({**KEY, "LOG_LEVEL": level}).log_level == level.lower()


@pytest.mark.parametrize("level", ["verbose", "10", "trace", "info debug"])
def test_an_unknown_log_level_is_refused_with_those_that_exist(level):
    with pytest.raises(InvalidSetting, match="LOG_LEVEL must be one of debug, info, warning, error"):
        Settings.load({**KEY, "LOG_LEVEL": level})


@pytest.mark.parametrize(
    "given",
    [
        {"SITE_HOST": "0.0.0.0"},
        {"SITE_HOST": "::"},
        {"SITE_HOST": "0.0.0.0", "SITE_URL": "http://0.0.0.0:8000"},
        {"SITE_URL": "http://[::]:8000"},
    ],
)
def test_links_that_lead_nowhere_are_refused(given):
    with pytest.raises(InvalidSetting, match="SITE_URL must be set"):
        Settings.load({**KEY, **given})


@pytest.mark.parametrize(
    ("host", "url", "own_key", "warned_of"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000", True, []),
        ("::1", "http://localhost:8000", True, []),
        ("127.0.0.1", "http://help.example.com", False, ["SITE_URL"]),  # behind a proxy
        ("0.0.0.0", "http://192.168.1.20:8000", True, ["SITE_URL", "SITE_SECRET_KEY"]),
        ("0.0.0.0", "https://help.example.com", True, ["SITE_SECRET_KEY"]),
        ("0.0.0.0", "https://help.example.com", False, []),
    ],
)
def test_what_is_risky_about_a_site_that_others_reach_is_said(host, url, own_key, warned_of):
    assert [one.split()[0] for one in exposure(host, url, own_key)] == warned_of


def test_staff_are_read_again_from_the_file_at_each_use(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STAFF_EMAILS", raising=False)
    Path(".env").write_text("STAFF_EMAILS=anna@example.com, Ben@Example.com\n")
    staff = StaffList(Settings.load())
    assert "anna@example.com" in staff and "ben@example.com" in staff
    Path(".env").write_text("STAFF_EMAILS=ben@example.com\n")
    assert "anna@example.com" not in staff and "ben@example.com" in staff
    Path(".env").unlink()
    assert "ben@example.com" not in staff


def test_staff_of_the_environment_win_over_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STAFF_EMAILS", "anna@example.com")
    staff = StaffList(Settings.load())
    Path(".env").write_text("STAFF_EMAILS=ben@example.com\n")
    assert "anna@example.com" in staff and "ben@example.com" not in staff


def test_a_secret_is_made_once_and_kept_private(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = Settings.load({}).site_secret_key
    assert Settings.load({}).site_secret_key == first
    assert Path("var/secret_key").stat().st_mode & 0o077 == 0


def test_a_token_of_another_key_is_refused():
    token = sign_message_token("k" * 32, "c1", "site", "a@example.com")
    assert verify_message_token("k" * 32, token).conversation_id == "c1"
    with pytest.raises(InvalidToken):
        verify_message_token("other" * 8, token)
    with pytest.raises(InvalidToken):
        verify_message_token("k" * 32, token + "x")


@pytest.mark.parametrize(
    ("given", "allowed", "refused"),
    [
        ({"STAFF_EMAILS": "ann@example.com"}, "ann@example.com", "eve@example.com"),
        (
            {"STAFF_EMAILS": "ann@example.com", "CONTENT_EDITORS": "Ben@example.com"},
            "ben@example.com",
            "ann@example.com",
        ),
    ],
)
def test_content_is_changed_by_its_editors_or_by_all_staff(given, allowed, refused):
    settings = Settings.load({**KEY, **given})
    assert settings.may_edit_content(allowed) and not settings.may_edit_content(refused)


def test_who_is_taken_off_the_editors_is_out_at_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONTENT_EDITORS", raising=False)
    Path(".env").write_text("CONTENT_EDITORS=ann@example.com,ben@example.com\n")
    settings = Settings.load()
    assert settings.may_edit_content("ann@example.com")
    Path(".env").write_text("CONTENT_EDITORS=ben@example.com\n")
    assert not settings.may_edit_content("ann@example.com") and settings.may_edit_content("ben@example.com")


def test_an_unknown_way_of_approval_is_refused():
    with pytest.raises(InvalidSetting, match="CONTENT_APPROVAL must be one of none, second"):
        Settings.load({**KEY, "CONTENT_APPROVAL": "third"})
