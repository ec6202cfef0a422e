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
    [
        *(("SITE_PORT", value) for value in ("eighty", "0", "9" * 5000)),
        ("SITE_HOST", "a b"),
        *(
            ("RASA_URL", value)
            for value in ("rasa:5005", "http://h:abc", "http://h:99999", "http://h:0", "http://[::1")
        ),
        *(("ACTIONS_URL", value) for value in ("http://", "http://a b:5055/", "http://h/?x=1", "http://h/#x")),
        *(("SITE_URL", value) for value in ("https://[x", "https://help.example.com/?from=mail", "https://h:99999")),
        *(("LINK_ACCEPT_BADGE_VIDEO", value) for value in ("https://[x", "https://h:abc/v")),
        *(("REDIS_URL", value) for value in ("redis://h:abc/0", "redis://h:99999", "redis://[::1", "redis:///0")),
        *(("RABBITMQ_URL", value) for value in ("amqp://h:abc/", "amqp://[::1")),
        *(("SMTP_URL", value) for value in ("smtp://h:abc/", "smtps://h:99999", "smtp://[::1")),
        *(
            ("DATABASE_URL", value)
            for value in ("postgresql://h:abc/x", "postgresql://h:99999/x", "postgresql://[::1/x")
        ),
        *(("DATABASE_URL", value) for value in ("sqlite:///", "sqlite:///:memory:")),
        *(("WORKER_METRICS_ADDRESS", value) for value in ("127.0.0.1:99999", "127.0.0.1:0")),
        ("ALLOWED_ORIGINS", "https://www.example.com:99999"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "my-key"),
        *(
            ("STAFF_EMAILS", value)
            for value in ("anna", "anna@example.com; ben@example.com", "Anna <anna@example.com>")
        ),
        ("AUDITOR_EMAILS", "anna@example.com ben@example.com"),
        ("CONTENT_EDITORS", "@example.com"),
        *(
            ("CERTIFICATION_EMAIL", value)
            for value in ("team", "Team <team@example.com>", "a@example.com, b@example.com")
        ),
        ("CREDLY_ORGANIZATION_ID", " \r"),
        ("RETENTION_DAYS", "-1"),
    ],
)
def test_a_bad_value_is_refused_by_name(name, value):
    with pytest.raises(InvalidSetting, match=name):
        Settings.load({**KEY, "CREDLY_TOKEN": "t" * (name == "CREDLY_ORGANIZATION_ID"), name: value})


@pytest.mark.parametrize("name", ["REDIS_URL", "RABBITMQ_URL", "SMTP_URL", "DATABASE_URL"])
def test_what_may_hold_a_password_is_refused_without_being_repeated(name):
    scheme = {"REDIS_URL": "redis", "RABBITMQ_URL": "amqp", "SMTP_URL": "smtp", "DATABASE_URL": "postgresql"}[name]
    with pytest.raises(InvalidSetting, match=f"{name} .*port") as refused:
        Settings.load({**KEY, name: f"{scheme}://me:hidden@host:nonsense/0"})
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SITE_HOST", "::1"),
        ("SITE_HOST", "site_1.internal"),
        ("RASA_URL", "http://[::1]:5005"),
        ("LINK_ACCEPT_BADGE_VIDEO", "https://video.example.com/watch?v=1#t=3"),
        ("REDIS_URL", "redis://:p%40ss@host:6379/0"),
        ("DATABASE_URL", "postgresql://u:p%40ss@[::1]:5432/name?connect_timeout=2"),
        ("DATABASE_URL", "postgresql:///name"),
        ("DATABASE_URL", "sqlite:////srv/bot.db"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Basic a==, other=x"),
        ("CERTIFICATION_EMAIL", "team@localhost"),
        ("WORKER_METRICS_ADDRESS", "[::]:9101"),
    ],
)
def test_a_good_value_is_taken_as_it_is(name, value):
    assert getattr(Settings.load({**KEY, name: value}), name.lower()) == value


def test_blanks_and_line_ends_of_other_systems_around_a_value_do_not_count():
    settings = Settings.load(
        {**KEY, "SITE_PORT": " 8001\r", "SITE_URL": "https://help.example.com \r", "REDIS_URL": " "}
    )
    assert (settings.site_port, settings.site_url, settings.redis_url) == (8001, "https://help.example.com", "")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"STAFF_EMAILS=j\xfcrg@example.com\n", r"\.env cannot be read: save it as UTF-8"),
        (None, r"\.env cannot be read: "),
    ],
)
def test_a_file_of_settings_that_cannot_be_read_is_named(tmp_path, monkeypatch, content, says):
    monkeypatch.chdir(tmp_path)
    if content is None:  # where nobody may read; root may read everything, so a loop of links stands for it
        Path(".env").symlink_to(".env")
        monkeypatch.setattr("os.path.isfile", lambda path: True)
    else:
        Path(".env").write_bytes(content)
    with pytest.raises(InvalidSetting, match=says):
        Settings.load()


def test_a_file_of_settings_may_begin_with_a_byte_order_mark(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SITE_PORT", raising=False)
    Path(".env").write_bytes(b"\xef\xbb\xbfSITE_PORT=8123\r\n")
    assert Settings.load().site_port == 8123


def test_a_misspelt_setting_is_told_with_the_one_that_is_meant_and_what_is_for_others_is_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path(".env").write_text("SITE_PROT=8001\nSTAFF_EMAIL=anna@example.com\nSITE_PORT=8002\nCOMPOSE_FILE=x\nPATH=y\n")
    assert Settings.misspelt() == [
        "SITE_PROT in .env is no setting: is SITE_PORT meant?",
        "STAFF_EMAIL in .env is no setting: is STAFF_EMAILS meant?",
    ]


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
