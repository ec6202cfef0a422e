"""Settings: the only reader of the environment and of .env."""

import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Mapping
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.errors import InvalidSetting

LINK_NAMES = (
    "merge_accounts_video",
    "merge_accounts_reverse_video",
    "email_signature_gmail_video",
    "email_signature_outlook_video",
    "email_signature_multiple_gmail_video",
    "email_signature_multiple_outlook_video",
    "accept_and_manage_badge_video",
    "accept_badge_video",
    "share_to_linkedin_video",
)
DEFAULTS = {
    "SITE_HOST": "127.0.0.1",
    "SITE_PORT": "8000",
    "SITE_URL": "",
    "SITE_SECRET_KEY": "",
    "ALLOWED_ORIGINS": "",
    "TRUSTED_PROXIES": "0",
    "REDIS_URL": "",
    "LOG_LEVEL": "info",
    "RASA_URL": "http://127.0.0.1:5005",
    "ACTIONS_URL": "http://127.0.0.1:5055/webhook",
    "DATABASE_URL": "sqlite:///var/bot.db",
    "ENCODER_MODEL": "",
    "RETENTION_DAYS": "90",
    "TIME_ZONE": "UTC",
    "ISSUING_DAYS": "10",
    "ISSUING_WEEKDAY": "monday",
    "EXPIRES_SOON_DAYS": "60",
    "CERTIFICATION_EMAIL": "certification@onestreamsoftware.com",
    "MAIL_FROM": "",
    "SMTP_URL": "",
    "REPLY_ADDRESS": "",
    "REPLIES_URL": "",
    "CREDLY_API_URL": "https://api.credly.com/v1",
    "CREDLY_TOKEN": "",
    "CREDLY_ORGANIZATION_ID": "",
    "IDENTITY_TOKEN_SECRET": "",
    "PROOF_MINUTES": "60",
    "STAFF_EMAILS": "",
    "STAFF_SLACK_USERGROUP": "",
    "SLACK_BOT_TOKEN": "",
    "SLACK_SIGNING_SECRET": "",
    "SLACK_APP_TOKEN": "",
    "SLACK_TICKET_CHANNEL": "",
    "SLACK_API_URL": "https://slack.com/api",
    "IMPORT_COLUMNS": "",
    "IMPORT_DATE_FORMAT": "%Y-%m-%d",
    **{f"LINK_{name.upper()}": "" for name in LINK_NAMES},
}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LOG_LEVELS = ("debug", "info", "warning", "error")
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")
SECRET_FILE = Path("var/secret_key")


@dataclass(frozen=True)
class Settings:
    """All settings; `.env.example` explains each."""

    site_host: str
    site_port: int
    site_url: str
    site_secret_key: str
    allowed_origins: tuple[str, ...]
    trusted_proxies: int
    redis_url: str
    log_level: str
    rasa_url: str
    actions_url: str
    database_url: str
    encoder_model: str
    retention_days: int
    time_zone: ZoneInfo
    issuing_days: int
    issuing_weekday: int
    expires_soon_days: int
    certification_email: str
    mail_from: str
    smtp_url: str
    reply_address: str
    replies_url: str
    credly_api_url: str
    credly_token: str
    credly_organization_id: str
    identity_token_secret: str
    proof_minutes: int
    staff_emails: frozenset[str]
    staff_slack_usergroup: str
    slack_bot_token: str
    slack_signing_secret: str
    slack_app_token: str
    slack_ticket_channel: str
    slack_api_url: str
    import_columns: str
    import_date_format: str
    links: Mapping[str, str]

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read .env and the environment (which wins), or `environ` alone; raises InvalidSetting."""
        if environ is None:
            from dotenv import dotenv_values

            environ = {**{k: v or "" for k, v in dotenv_values(".env").items()}, **os.environ}
        given = {name: environ.get(name) or default for name, default in DEFAULTS.items()}
        return cls(
            site_host=given["SITE_HOST"],
            site_port=_number("SITE_PORT", given["SITE_PORT"], 1, 65535),
            site_url=_url("SITE_URL", given["SITE_URL"] or f"http://{given['SITE_HOST']}:{given['SITE_PORT']}"),
            site_secret_key=given["SITE_SECRET_KEY"] or _own_secret(SECRET_FILE),
            allowed_origins=_origins("ALLOWED_ORIGINS", given["ALLOWED_ORIGINS"]),
            trusted_proxies=_number("TRUSTED_PROXIES", given["TRUSTED_PROXIES"], 0, 10),
            redis_url=_server_url("REDIS_URL", given["REDIS_URL"], "redis", "rediss"),
            log_level=_one_of("LOG_LEVEL", given["LOG_LEVEL"].lower(), LOG_LEVELS),
            rasa_url=_url("RASA_URL", given["RASA_URL"]),
            actions_url=_url("ACTIONS_URL", given["ACTIONS_URL"]),
            database_url=_database_url("DATABASE_URL", given["DATABASE_URL"]),
            encoder_model=given["ENCODER_MODEL"],
            retention_days=_number("RETENTION_DAYS", given["RETENTION_DAYS"], 1, 36500),
            time_zone=_time_zone("TIME_ZONE", given["TIME_ZONE"]),
            issuing_days=_number("ISSUING_DAYS", given["ISSUING_DAYS"], 0, 365),
            issuing_weekday=_weekday("ISSUING_WEEKDAY", given["ISSUING_WEEKDAY"]),
            expires_soon_days=_number("EXPIRES_SOON_DAYS", given["EXPIRES_SOON_DAYS"], 0, 3650),
            certification_email=given["CERTIFICATION_EMAIL"],
            mail_from=given["MAIL_FROM"] or given["CERTIFICATION_EMAIL"],
            smtp_url=_server_url("SMTP_URL", given["SMTP_URL"], "smtp", "smtps"),
            reply_address=_reply_address("REPLY_ADDRESS", given["REPLY_ADDRESS"]),
            replies_url=_replies_url("REPLIES_URL", given["REPLIES_URL"]),
            credly_api_url=_url("CREDLY_API_URL", given["CREDLY_API_URL"]),
            credly_token=given["CREDLY_TOKEN"],
            credly_organization_id=given["CREDLY_ORGANIZATION_ID"],
            identity_token_secret=given["IDENTITY_TOKEN_SECRET"],
            proof_minutes=_number("PROOF_MINUTES", given["PROOF_MINUTES"], 1, 1440),
            staff_emails=frozenset(a.strip().lower() for a in given["STAFF_EMAILS"].split(",") if a.strip()),
            staff_slack_usergroup=_slack_id("STAFF_SLACK_USERGROUP", given["STAFF_SLACK_USERGROUP"], "S"),
            slack_bot_token=_token("SLACK_BOT_TOKEN", given["SLACK_BOT_TOKEN"], "xoxb-"),
            slack_signing_secret=given["SLACK_SIGNING_SECRET"],
            slack_app_token=_token("SLACK_APP_TOKEN", given["SLACK_APP_TOKEN"], "xapp-"),
            slack_ticket_channel=_slack_id("SLACK_TICKET_CHANNEL", given["SLACK_TICKET_CHANNEL"], "CG"),
            slack_api_url=_url("SLACK_API_URL", given["SLACK_API_URL"]),
            import_columns=given["IMPORT_COLUMNS"],
            import_date_format=given["IMPORT_DATE_FORMAT"],
            links={n: _url(f"LINK_{n.upper()}", u) for n in LINK_NAMES if (u := given[f"LINK_{n.upper()}"])},
        )


def _number(name: str, value: str, least: int, most: int) -> int:
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise InvalidSetting(f"{name} must be a whole number from {least} to {most}, not {value!r}.")
    return int(value)


def _url(name: str, value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise InvalidSetting(f"{name} must be an http or https address, not {value!r}.")
    return value.rstrip("/")


def _origins(name: str, value: str) -> tuple[str, ...]:
    origins = tuple(origin.strip().rstrip("/").lower() for origin in value.split(",") if origin.strip())
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            raise InvalidSetting(f"{name} must be addresses such as https://www.example.com, not {origin!r}.")
    return origins


def _token(name: str, value: str, beginning: str) -> str:
    if value and not value.startswith(beginning):
        raise InvalidSetting(f"{name} must begin with {beginning}")  # it is a secret
    return value


def _slack_id(name: str, value: str, letters: str) -> str:
    if value and not re.fullmatch(f"[{letters}][A-Z0-9]+", value):
        raise InvalidSetting(f"{name} must be Slack's id, such as {letters[0]}0123456789, not {value!r}.")
    return value


def _server_url(name: str, value: str, *schemes: str) -> str:
    if value and (urlsplit(value).scheme not in schemes or not urlsplit(value).hostname):
        beginnings = " or ".join(f"{scheme}://" for scheme in schemes)
        raise InvalidSetting(f"{name} must begin with {beginnings} and name a host.")  # it may hold a password
    return value


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise InvalidSetting(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value


def _reply_address(name: str, value: str) -> str:
    if value and not re.fullmatch(r"[a-z0-9_.-]{1,30}@[a-z0-9-]+(\.[a-z0-9-]+)+", value.lower()):
        raise InvalidSetting(f"{name} must be an address such as tickets@help.example.com, not {value!r}.")
    return value.lower()


def _replies_url(name: str, value: str) -> str:
    if value and not value.startswith(("imaps://", "imap://", "maildir:")):
        raise InvalidSetting(f"{name} must begin with imaps:// or maildir:.")  # it may hold a password
    return value


def _weekday(name: str, value: str) -> int:
    return WEEKDAYS.index(_one_of(name, value.lower(), WEEKDAYS))


def _time_zone(name: str, value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidSetting(f"{name} must be a time zone such as Europe/Berlin, not {value!r}.") from error


def _database_url(name: str, value: str) -> str:
    if not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg2://")):
        raise InvalidSetting(f"{name} must begin with sqlite:/// or postgresql://.")  # it may hold a password
    return value


def _own_secret(path: Path) -> str:
    """The key kept in var/, made once; two processes starting together agree on it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        with suppress(FileExistsError):
            os.link(draft, path)  # appears complete or not at all; the first one wins
        draft.unlink()
    key = path.read_text(encoding="ascii").strip()
    if len(key) < 32:
        raise InvalidSetting(f"{path} is incomplete; delete it, or set SITE_SECRET_KEY.")
    return key
