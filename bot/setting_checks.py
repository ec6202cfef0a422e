"""What settings must hold before anything starts: keys that cannot be guessed, addresses that lead somewhere."""

import ipaddress
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from urllib.parse import SplitResult, urlsplit

from bot.errors import InvalidSetting

SHORTEST_SITE_KEY = 32  # bytes: as much as HMAC-SHA256 gives, and what RFC 7518 asks of the keys of signed tokens
LAST_PORT = 65_535
LIKE_A_SETTING = 0.85  # of difflib: a letter or two, a word more or less


def parts_of(url: str) -> SplitResult | None:
    """The parts of an address that names a host; None where there is none, or its port is none."""
    try:
        parts = urlsplit(url)
        fits = parts.port is None or parts.port > 0
    except ValueError:  # no such port, or half a bracket
        return None
    return parts if fits and parts.hostname and not any(character.isspace() for character in url) else None


def has_database_port(url: str) -> bool:
    """Whether PostgreSQL's address can be read, with a port that there is or none."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        port = make_url(url).port
    except (ArgumentError, ValueError):
        return False
    return port is None or 0 < port <= LAST_PORT


def misspelt(given: Iterable[str], known: Collection[str]) -> list[str]:
    """What is said of names that are no settings, and nearly one: nobody reads them, so the setting has its default."""
    strange = {name: get_close_matches(name, known, n=1, cutoff=LIKE_A_SETTING) for name in sorted({*given} - {*known})}
    return [f"{name} in .env is no setting: is {near[0]} meant?" for name, near in strange.items() if near]


def site_key(name: str, value: str) -> str:
    """The value; raises InvalidSetting, which does not repeat it, when it is short enough to be tried out."""
    if len(value.encode()) < SHORTEST_SITE_KEY:
        raise InvalidSetting(
            f"{name} must have at least {SHORTEST_SITE_KEY} characters. Make one by: "
            "python3 -c 'import secrets; print(secrets.token_hex(32))'"
        )
    return value


def site_address(host: str, port: int, url: str) -> str:
    """The address that links are made of.

    Refused rather than warned of: nothing that is sent with such a link can be used.

    Raises:
        InvalidSetting: it would name no machine, as the site listens on all addresses of this one.
    """
    address = url or f"http://{host}:{port}"
    if _unspecified(urlsplit(address).hostname or host) or _unspecified(host) and not url:
        raise InvalidSetting(
            f"SITE_URL must be set where SITE_HOST is {host}: links in mails are made of it. It is the address that "
            "people reach the site by, such as https://help.example.com (or http://192.168.1.20:8000 at home)."
        )
    return address


def exposure(host: str, url: str, own_key: bool) -> list[str]:
    """What is risky about a site that others can reach, in words; nothing on loopback.

    Only warned of: a laptop that shows the site to others at home has neither a certificate nor a key of its own.

    Args:
        host: where the site listens.
        url: how people reach it.
        own_key: whether SITE_SECRET_KEY was made by this machine, and not set.
    """
    if _loopback(host) and _loopback(urlsplit(url).hostname or ""):
        return []
    found = []
    if not url.startswith("https://"):
        found.append(
            f"SITE_URL is {url}: codes, cookies and what people write travel unencrypted. Outside a network that you "
            "trust put a proxy with TLS before the site, and set SITE_URL to its https:// address."
        )
    if own_key:
        found.append(
            "SITE_SECRET_KEY is not set: this machine made one, in var/secret_key. Set it where several machines serve "
            "the site, or where var/ is not kept: with another key everybody is signed out and links in mails are dead."
        )
    return found


def _unspecified(host: str) -> bool:
    return (found := _ip(host)) is not None and found.is_unspecified


def _loopback(host: str) -> bool:
    found = _ip(host)
    return host == "localhost" if found is None else found.is_loopback


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
