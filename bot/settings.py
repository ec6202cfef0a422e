"""Settings: the only reader of the environment and of .env."""

import ipaddress
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any, Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseSettings, Field, PrivateAttr, root_validator, validator
from pydantic.fields import ModelField

from bot.errors import InvalidSetting
from bot.setting_checks import LAST_PORT, has_database_port, misspelt, parts_of, site_address, site_key
from bot.working_hours import WorkingHours, WorkingTime

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("text", "json")
APPROVALS = ("none", "second")  # who must agree before content goes live: nobody, or a second person
LISTED_NOW = ("STAFF_EMAILS", "CONTENT_EDITORS")  # read again at each use where they stand in .env
PLAIN_ADDRESS = re.compile(r"\A[^\s@<>()\[\],;:\"]+@[^\s@<>()\[\],;:\"]+")
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")
SECRET_FILE, DOTENV = Path("var/secret_key"), Path(".env")
LINK = "link_"
LONGEST_NUMBER = 9
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
PRIVATE_NETWORKS = "127.0.0.0/8, ::1, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7"


def _number(least: int, most: int) -> Any:
    def read(name: str, value: str) -> int:
        digits = value.isascii() and value.isdigit() and len(value) <= LONGEST_NUMBER
        if not digits or not least <= int(value) <= most:
            raise InvalidSetting(f"{name} must be a whole number from {least} to {most}, not {value!r}.")
        return int(value)

    return read


def _url(name: str, value: str) -> str:
    parts = parts_of(value)
    if parts is None or parts.scheme not in ("http", "https"):
        raise InvalidSetting(
            f"{name} must be an http or https address, with a port up to {LAST_PORT} if any, not {value!r}."
        )
    return value.rstrip("/")


def _server(name: str, value: str) -> str:
    if {"?", "#"} & {*value}:
        raise InvalidSetting(f"{name} must be an address without ? and #, not {value!r}.")
    return _url(name, value)


def _origins(name: str, value: str) -> tuple[str, ...]:
    origins = tuple(origin.strip().rstrip("/").lower() for origin in value.split(",") if origin.strip())
    for origin in origins:
        if not ORIGIN.fullmatch(origin) or parts_of(origin) is None:
            raise InvalidSetting(f"{name} must be addresses such as https://www.example.com, not {origin!r}.")
    return origins


def _networks(name: str, value: str) -> tuple[Network, ...]:
    try:
        listed = [one.strip() for one in value.split(",") if one.strip()]
        return () if listed == ["none"] else tuple(ipaddress.ip_network(one) for one in listed)
    except ValueError as error:
        raise InvalidSetting(f"{name} must be networks such as 10.0.0.0/8, or none, not {value!r}.") from error


def _secret(least: int) -> Any:
    def read(name: str, value: str) -> str:
        if len(value) < least:
            raise InvalidSetting(f"{name} must have {least} characters or more.")
        return value

    return read


def _site_keys(name: str, value: str) -> tuple[str, ...]:
    return tuple(site_key(f"Each key of {name}", key.strip()) for key in value.split(",") if key.strip())


def _listed(value: str) -> frozenset[str]:
    return frozenset(address.strip().lower() for address in value.split(",") if address.strip())


def _addresses(name: str, value: str) -> frozenset[str]:
    for address in sorted(found := _listed(value)):
        if not PLAIN_ADDRESS.fullmatch(address):
            raise InvalidSetting(f"{name} must be e-mail addresses, separated by commas, not {address!r}.")
    return found


def _address(name: str, value: str) -> str:
    if not PLAIN_ADDRESS.fullmatch(value):
        raise InvalidSetting(f"{name} must be an e-mail address such as team@example.com, not {value!r}.")
    return value


def _token(beginning: str) -> Any:
    def read(name: str, value: str) -> str:
        if not value.startswith(beginning):
            raise InvalidSetting(f"{name} must begin with {beginning}")  # it is a secret
        return value

    return read


def _slack_id(letters: str) -> Any:
    def read(name: str, value: str) -> str:
        if not re.fullmatch(f"[{letters}][A-Z0-9]+", value):
            raise InvalidSetting(f"{name} must be Slack's id, such as {letters[0]}0123456789, not {value!r}.")
        return value

    return read


def _server_url(*schemes: str) -> Any:
    def read(name: str, value: str) -> str:
        parts = parts_of(value)
        if parts is None or parts.scheme not in schemes:
            beginnings = " or ".join(f"{scheme}://" for scheme in schemes)  # it may hold a password, so it is not told
            raise InvalidSetting(
                f"{name} must begin with {beginnings} and name a host: check its port, and write @ : / ? # [ ] in its "
                "password as %.."
            )
        return value

    return read


def _log_level(name: str, value: str) -> str:
    return LOG_LEVELS[_place(name, value, LOG_LEVELS)]


def _log_format(name: str, value: str) -> str:
    return LOG_FORMATS[_place(name, value, LOG_FORMATS)]


def _listens_at(name: str, value: str) -> str:
    if not re.fullmatch(r"([A-Za-z0-9.-]+|\[[0-9a-f:]+\]):[0-9]{1,5}", value) or parts_of(f"//{value}") is None:
        raise InvalidSetting(f"{name} must be an address and a port such as 127.0.0.1:9101, not {value!r}.")
    return value


def _weekday(name: str, value: str) -> int:
    return _place(name, value, WEEKDAYS)


def _approval(name: str, value: str) -> str:
    return APPROVALS[_place(name, value, APPROVALS)]


def _yes_or_no(name: str, value: str) -> bool:
    return bool(_place(name, value, ("no", "yes")))


def _place(name: str, value: str, allowed: tuple[str, ...]) -> int:
    if value.lower() not in allowed:
        raise InvalidSetting(f"{name} must be one of {', '.join(allowed)}, not {value.lower()!r}.")
    return allowed.index(value.lower())


def _reply_address(name: str, value: str) -> str:
    if not re.fullmatch(r"[a-z0-9_.-]{1,30}@[a-z0-9-]+(\.[a-z0-9-]+)+", value.lower()):
        raise InvalidSetting(f"{name} must be an address such as tickets@help.example.com, not {value!r}.")
    return value.lower()


def _host_name(name: str, value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,250}", value):
        raise InvalidSetting(f"{name} must be a name such as mx.example.com, not {value!r}.")
    return value.lower()


def _listening_host(name: str, value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,250}|[0-9a-fA-F:.]{2,45}", value):
        raise InvalidSetting(f"{name} must be a name or an address such as 127.0.0.1, not {value!r}.")
    return value


def _headers(name: str, value: str) -> str:
    if not all(re.fullmatch(r"\s*[^\s=]+\s*=.*", one) for one in value.split(",")):
        raise InvalidSetting(f"{name} must be name=value, several with commas between.")  # it may hold a secret
    return value


def _replies_url(name: str, value: str) -> str:
    if not value.startswith(("imaps://", "imap://", "maildir:")):
        raise InvalidSetting(f"{name} must begin with imaps:// or maildir:.")  # it may hold a password
    return value


def _store_url(name: str, value: str) -> str:
    if not re.fullmatch("(folder:|s3://).+", value):
        raise InvalidSetting(f"{name} must be such as folder:/srv/files, or begin with s3://.")  # it may hold a secret
    return value


def _time_zone(name: str, value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidSetting(f"{name} must be a time zone such as Europe/Berlin, not {value!r}.") from error


def _working_hours(name: str, value: str) -> WorkingHours:
    try:
        return WorkingHours.read(value)
    except ValueError as error:
        raise InvalidSetting(f"{name} must be such as Mon-Fri 09:00-17:00, not {value!r}.") from error


def _working_time(name: str, value: str) -> WorkingTime:
    try:
        return WorkingTime.read(value)
    except ValueError as error:
        raise InvalidSetting(f"{name} must be such as 4 working hours or 2 working days, not {value!r}.") from error


def _answer_time(name: str, value: str) -> str:
    number = "[1-9][0-9]?|an?|one|two|three|four|five|six|seven|eight|nine|ten"
    if not re.fullmatch(rf"({number}) ((working|business) )?(hour|day|week)s?", value):
        raise InvalidSetting(f"{name} must be a time such as 2 working days, not {value!r}.")
    return value


def _database_url(name: str, value: str) -> str:
    if not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg2://")):
        raise InvalidSetting(f"{name} must begin with sqlite:/// or postgresql://.")  # it may hold a password
    if value.startswith("sqlite:") and value.removeprefix("sqlite:///") in ("", ":memory:"):
        raise InvalidSetting(f"{name} must name a file, such as sqlite:///var/bot.db: several processes share it.")
    if not value.startswith("sqlite:") and not has_database_port(value):
        raise InvalidSetting(f"{name} cannot be read: check its port, and write @ : / ? # in its password as %..")
    return value


def _read_dotenv(path: Path) -> dict[str, str]:
    from dotenv import dotenv_values

    try:
        return {name: value or "" for name, value in dotenv_values(path, encoding="utf-8-sig").items()}
    except OSError as error:
        raise InvalidSetting(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidSetting(f"{path} cannot be read: save it as UTF-8.") from error


def _own_secret(path: Path) -> str:
    """The key kept in var/, made once; two processes starting together agree on it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
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


class Settings(BaseSettings):
    """All settings, each the upper-case of its name in the environment; `.env.example` explains them at length.

    `read` turns what was written into the value, or raises InvalidSetting; it is not asked about an empty one.
    """

    # The site, and who may embed it
    site_host: str = Field("127.0.0.1", read=_listening_host)
    site_port: int = Field(8000, read=_number(1, 65535))
    site_url: str = Field("", read=_server)  # empty: made of host and port
    site_secret_key: str = Field(default_factory=lambda: _own_secret(SECRET_FILE), read=site_key)
    site_secret_keys_accepted: tuple[str, ...] = Field((), read=_site_keys)  # while the key is changed
    allowed_origins: tuple[str, ...] = Field((), read=_origins)
    trusted_proxies: int = Field(0, read=_number(0, 10))
    redis_url: str = Field("", read=_server_url("redis", "rediss"))
    total_limits_times: int = Field(1, read=_number(1, 1000))  # of what all people together may do
    metrics_networks: tuple[Network, ...] = Field(PRIVATE_NETWORKS, read=_networks)
    metrics_token: str = Field("", read=_secret(16))
    log_level: str = Field("info", read=_log_level)
    log_format: str = Field("text", read=_log_format)
    worker_metrics_address: str = Field("", read=_listens_at)  # empty: not served
    otel_exporter_otlp_endpoint: str = Field("", read=_server)  # empty: nothing is traced
    otel_exporter_otlp_headers: str = Field("", read=_headers)
    # The other processes, and where data lies
    rabbitmq_url: str = Field("", read=_server_url("amqp", "amqps"))  # empty: Rasa's events go nowhere
    rasa_url: str = Field("http://127.0.0.1:5005", read=_server)
    rasa_host: str = Field("", read=_host_name)  # where it listens; empty: the host of rasa_url
    actions_url: str = Field("http://127.0.0.1:5055/webhook", read=_server)
    actions_host: str = Field("", read=_host_name)
    database_url: str = Field("sqlite:///var/bot.db", read=_database_url)
    encoder_model: str = ""  # empty: the bundled one
    keep_training: bool = Field("yes", read=_yes_or_no)
    var_lasts: bool = Field("yes", read=_yes_or_no)  # our images say no: there it goes with the container
    retention_days: int = Field(90, read=_number(1, 36500))
    # How certificates and badges are issued
    time_zone: ZoneInfo = Field("UTC", read=_time_zone)
    issuing_days: int = Field(10, read=_number(0, 365))
    issuing_weekday: int = Field("monday", read=_weekday)  # 0 is Monday
    expires_soon_days: int = Field(60, read=_number(0, 3650))
    watch_days: int = Field(60, read=_number(1, 365))
    # When the team works, and how soon it usually answers
    working_hours: WorkingHours | None = Field(None, read=_working_hours)  # None: nothing is said of them
    usual_answer_time: str = Field("", read=_answer_time)
    answer_within: WorkingTime = Field("2 working days", read=_working_time)
    resolve_within: WorkingTime = Field("5 working days", read=_working_time)
    close_waiting_days: int = Field(14, read=_number(0, 365))  # 0: nothing closes by itself
    # Mail, out and in
    certification_email: str = Field("certification@onestreamsoftware.com", read=_address)
    mail_from: str = ""  # empty: certification_email
    smtp_url: str = Field("", read=_server_url("smtp", "smtps"))  # empty: mail is kept in var/mail
    reply_address: str = Field("", read=_reply_address)
    replies_url: str = Field("", read=_replies_url)
    receiving_server: str = Field("", read=_host_name)
    # Files that are added to tickets
    attachments_url: str = Field("", read=_store_url)  # empty: the folder var/attachments
    attachment_megabytes: int = Field(10, read=_number(1, 25))  # of one file
    mailed_megabytes: int = Field(10, read=_number(0, 50))  # of all files that go with a mail
    # Credly; with token and organization empty, badges are read from the local database
    credly_api_url: str = Field("https://api.credly.com/v1", read=_server)
    credly_token: str = ""
    credly_organization_id: str = ""
    # Who somebody is
    identity_token_secret: str = ""
    identity_token_audience: str = "credential-assistant"  # noqa: S105  a name, not a secret
    proof_minutes: int = Field(60, read=_number(1, 1440))
    staff_emails: frozenset[str] = Field(frozenset(), read=_addresses)
    auditor_emails: frozenset[str] = Field(frozenset(), read=_addresses)
    staff_slack_usergroup: str = Field("", read=_slack_id("S"))
    # The content studio
    content_path: str = "var/content"  # where drafts' models and what was published lie
    content_editors: frozenset[str] = Field(frozenset(), read=_addresses)  # empty: all staff
    content_approval: str = Field("none", read=_approval)
    # Slack
    slack_bot_token: str = Field("", read=_token("xoxb-"))
    slack_signing_secret: str = ""
    slack_app_token: str = Field("", read=_token("xapp-"))
    slack_ticket_channel: str = Field("", read=_slack_id("CG"))
    slack_api_url: str = Field("https://slack.com/api", read=_server)
    # How an export of training completions is written
    import_columns: str = ""
    import_date_format: str = "%Y-%m-%d"
    # Videos and guides that answers mention; empty: the answer reads without the link
    link_merge_accounts_video: str = Field("", read=_url)
    link_merge_accounts_reverse_video: str = Field("", read=_url)
    link_email_signature_gmail_video: str = Field("", read=_url)
    link_email_signature_outlook_video: str = Field("", read=_url)
    link_email_signature_multiple_gmail_video: str = Field("", read=_url)
    link_email_signature_multiple_outlook_video: str = Field("", read=_url)
    link_accept_and_manage_badge_video: str = Field("", read=_url)
    link_accept_badge_video: str = Field("", read=_url)
    link_share_to_linkedin_video: str = Field("", read=_url)
    # Where lists of addresses stand that can still change, by their names.
    _lists: dict[str, Path] = PrivateAttr(default_factory=dict)

    class Config:
        """Nothing changes after the start, and `load` alone says what is read."""

        frozen = True

        @classmethod
        def customise_sources(cls, init_settings: Any, **others: Any) -> tuple[Any, ...]:
            """Not pydantic's own environment and .env: an empty setting would count there, and tests see the shell."""
            return (init_settings,)

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read .env and the environment (which wins), or `environ` alone; raises InvalidSetting."""
        if environ is None:
            found = cls.load({**_read_dotenv(DOTENV), **os.environ})
            found._lists = {name: DOTENV.absolute() for name in LISTED_NOW if name not in os.environ}
            return found
        given: dict[str, Any] = {name: environ.get(name.upper(), "").strip() for name in cls.__fields__}
        return cls(**{name: value for name, value in given.items() if value})

    @classmethod
    def misspelt(cls) -> list[str]:
        """What is said of names in .env that look like a setting's."""
        return misspelt(_read_dotenv(DOTENV), [name.upper() for name in cls.__fields__])

    def staff_now(self) -> frozenset[str]:
        """STAFF_EMAILS as it stands in .env now; as it was at the start where the environment itself has it."""
        return self._listed("STAFF_EMAILS", self.staff_emails)

    def may_edit_content(self, address: str) -> bool:
        """Whether somebody may change content, by CONTENT_EDITORS and STAFF_EMAILS as they stand now.

        Where neither names anybody, the one at the terminal may: nobody can sign in to the console then.
        """
        editors = self._listed("CONTENT_EDITORS", self.content_editors)
        allowed = editors or self.staff_now()
        return address in allowed or not allowed

    def _listed(self, name: str, at_start: frozenset[str]) -> frozenset[str]:
        file = self._lists.get(name)
        return at_start if file is None else _listed(_read_dotenv(file).get(name, ""))

    @property
    def links(self) -> Mapping[str, str]:
        """Addresses of the videos and guides that are set, by the name that answers use."""
        return {name.removeprefix(LINK): url for name, url in self if name.startswith(LINK) and url}

    @validator("*", pre=True)
    def _read(cls, value: Any, field: ModelField) -> Any:
        read = field.field_info.extra.get("read")
        if not read or not value or not isinstance(value, str):
            return value
        try:
            return read(field.name.upper(), value)
        except ValueError as error:
            raise InvalidSetting(f"{field.name.upper()} cannot be read.") from error

    @root_validator(skip_on_failure=True)
    def _fill(cls, values: dict[str, Any]) -> dict[str, Any]:
        values["site_url"] = site_address(values["site_host"], values["site_port"], values["site_url"])
        values["mail_from"] = values["mail_from"] or values["certification_email"]
        if values["credly_token"] and not values["credly_organization_id"]:
            raise InvalidSetting("CREDLY_TOKEN needs CREDLY_ORGANIZATION_ID: without it Credly is not asked.")
        return values
