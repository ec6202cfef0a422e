from pathlib import Path

import pytest

from bot import bootstrap
from bot.outbox.store import outbox
from bot.settings import Settings
from bot.tickets.ticket import TicketRequest
from tests.deploy.files import may_be_secret, script

BY_PROCESS = script("settings_by_process.py")
SECRETS = {
    "SITE_SECRET_KEY": "s" * 32,
    "SITE_SECRET_KEYS_ACCEPTED": "o" * 32,
    "DATABASE_URL": "sqlite:///here.db",
    "REDIS_URL": "redis://:redis-word@redis:6379/0",
    "RABBITMQ_URL": "amqp://rabbit:rabbit-word@rabbit/",
    "METRICS_TOKEN": "metrics-word-of-16",
    "OTEL_EXPORTER_OTLP_HEADERS": "key=otel-word",
    "ATTACHMENTS_URL": "s3://key:bucket-word@files.example.com/bucket",
    "SMTP_URL": "smtp://mail:smtp-word@mail.example.com:587/?starttls=1",
    "REPLIES_URL": "imaps://tickets:imap-word@mail.example.com/INBOX",
    "CREDLY_TOKEN": "credly-word",
    "IDENTITY_TOKEN_SECRET": "identity-word-of-32-characters-xx",
    "SLACK_BOT_TOKEN": "xoxb-bot-word",
    "SLACK_SIGNING_SECRET": "signing-word",
    "SLACK_APP_TOKEN": "xapp-app-word",
}
OTHERS = {
    "SITE_URL": "https://help.example.com",
    "STAFF_EMAILS": "anna@example.com",
    "CREDLY_ORGANIZATION_ID": "organization",
    "REPLY_ADDRESS": "tickets@help.example.com",
    "SLACK_TICKET_CHANNEL": "C0123456789",
}
KNOWN = {
    "rasa": {"s" * 32, "o" * 32, "here.db", "redis-word", "rabbit-word", "metrics-word-of-16", "otel-word"},
    "migrate": {"here.db"},
    "backup": {"here.db", "bucket-word"},
}
KNOWN["actions"] = KNOWN["rasa"] - {"rabbit-word"} | {"credly-word"}
KNOWN["worker"] = KNOWN["actions"] | {"bucket-word", "smtp-word", "imap-word", "bot-word"}
KNOWN["site"] = KNOWN["actions"] | {"bucket-word", "identity-word", "bot-word", "signing-word", "app-word"}
WORDS = set().union(*KNOWN.values())


@pytest.fixture()
def given(tmp_path, monkeypatch):
    """The settings that a process loads, given all that there are."""
    written = "\n".join([f"{name}='{value}'" for name, value in {**SECRETS, **OTHERS}.items()])
    (tmp_path / "settings.env").write_text(f"# all\n\n{written}\n")
    for name in Settings.__fields__:
        monkeypatch.delenv(name.upper(), raising=False)
    BY_PROCESS.main([str(tmp_path / "settings.env")])

    def load(process):
        folder = tmp_path / f"of-{process}"
        folder.mkdir()
        (folder / ".env").symlink_to(tmp_path / f"{process}.env")
        monkeypatch.chdir(folder)
        return Settings.load()

    return load


def test_every_secret_there_is_has_its_readers():
    secret = {name.upper() for name in Settings.__fields__ if may_be_secret(name.upper())}
    assert secret == set(SECRETS) <= set(BY_PROCESS.READ_BY)
    assert set(BY_PROCESS.READ_BY) <= {name.upper() for name in Settings.__fields__}


@pytest.mark.parametrize("process", BY_PROCESS.PROCESSES)
def test_a_process_knows_its_own_secrets_and_no_others(process, given, tmp_path):
    settings = given(process)
    text = (tmp_path / f"{process}.env").read_text()
    assert {word for word in WORDS if word in text} == KNOWN[process]
    assert settings.site_url == OTHERS["SITE_URL"]


def test_a_ticket_from_the_chat_reaches_slack_and_may_be_answered_by_mail(given, tmp_path, monkeypatch):
    """The action server files it, and knows neither Slack's token nor the password of the inbox."""
    here = Path.cwd()
    settings = given("actions").copy(update={"database_url": f"sqlite:///{tmp_path}/bot.db"})
    monkeypatch.chdir(here)
    services = bootstrap.build(settings)
    request = TicketRequest("key", "conversation", "site", "jane@example.com", "My badge is missing.")
    services.tickets.open(request)
    with services.database.transaction() as connection:
        letters = connection.execute(outbox.select()).all()
    services.database.engine.dispose()
    assert {letter.kind for letter in letters} == {"mail", "slack"}
    said = "\n".join(str(value) for letter in letters for value in letter)
    assert "You can answer this mail" in said and "not-here" not in said


def test_what_is_no_setting_is_not_passed_over():
    with pytest.raises(SystemExit, match="Line 2 is no setting"):
        BY_PROCESS.for_process("rasa", "SITE_URL=https://a.b\nand more of it\n")
