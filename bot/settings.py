"""Settings: the only reader of the environment and of .env."""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Mapping
from urllib.parse import urlsplit

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
    "SITE_SECRET_KEY": "",
    "RASA_URL": "http://127.0.0.1:5005",
    "ACTIONS_URL": "http://127.0.0.1:5055/webhook",
    "DATABASE_URL": "sqlite:///var/bot.db",
    "ENCODER_MODEL": "",
    "RETENTION_DAYS": "90",
    **{f"LINK_{name.upper()}": "" for name in LINK_NAMES},
}
SECRET_FILE = Path("var/secret_key")


@dataclass(frozen=True)
class Settings:
    """All settings; `.env.example` explains each."""

    site_host: str
    site_port: int
    site_secret_key: str
    rasa_url: str
    actions_url: str
    database_url: str
    encoder_model: str
    retention_days: int
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
            site_secret_key=given["SITE_SECRET_KEY"] or _own_secret(SECRET_FILE),
            rasa_url=_url("RASA_URL", given["RASA_URL"]),
            actions_url=_url("ACTIONS_URL", given["ACTIONS_URL"]),
            database_url=_database_url("DATABASE_URL", given["DATABASE_URL"]),
            encoder_model=given["ENCODER_MODEL"],
            retention_days=_number("RETENTION_DAYS", given["RETENTION_DAYS"], 1, 36500),
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
