import re
from pathlib import Path

import pytest

from bot.errors import InvalidSetting, InvalidToken
from bot.settings import Settings
from bot.tokens import sign_message_token, verify_message_token


def test_env_example_lists_every_setting():
    named = re.findall(r"^([A-Z_]+)=", Path(".env.example").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(name.upper() for name in Settings.__fields__)


def test_env_example_gives_the_defaults():
    written = dict(re.findall(r"^([A-Z_]+)=(.*)$", Path(".env.example").read_text(), re.MULTILINE))
    key = {"SITE_SECRET_KEY": "x" * 32}
    assert Settings.load({**written, **key}) == Settings.load(key)


@pytest.mark.parametrize(
    ("name", "value"),
    [("SITE_PORT", "eighty"), ("SITE_PORT", "0"), ("RASA_URL", "rasa:5005"), ("RETENTION_DAYS", "-1")],
)
def test_a_bad_value_is_refused_by_name(name, value):
    with pytest.raises(InvalidSetting, match=name):
        Settings.load({"SITE_SECRET_KEY": "x" * 32, name: value})


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
