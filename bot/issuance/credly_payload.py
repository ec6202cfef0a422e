"""Reads what Credly sends about issued badges: whose each one is, and what it says. Pure; trusts nothing it is given.

The fields are those of issued badges in Credly's Web Service API v1; fields not named here are ignored, because
Credly counts new ones as a compatible change.
"""

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from bot.issuance.record import Badge, BadgeState


class Reading(NamedTuple):
    """The badges of one address, how many others were sent along, and how many entries could not be read."""

    badges: tuple[Badge, ...]
    others: int
    unreadable: int


def read_badges(entries: Sequence[object], address: str, key: Callable[[str], str]) -> Reading:
    """Sort out what Credly sent for one address.

    Args:
        entries: `data` of all pages.
        address: whom was asked for, proven to be the asker's.
        key: maps a badge template's name to the credential's key.
    """
    badges, others, unreadable = [], 0, 0
    for entry in entries:
        if not isinstance(entry, dict):
            unreadable += 1
        elif not belongs_to(entry, address):
            others += 1
        else:
            try:
                badge = _badge(entry)
            except (KeyError, TypeError, ValueError):
                unreadable += 1
            else:
                badges.append(replace(badge, credential=key(badge.title)))
    return Reading(tuple(badges), others, unreadable)


def belongs_to(entry: dict[str, Any], address: str) -> bool:
    """Whether the entry itself shows that it is about the owner of the address.

    Credly is asked with the issuer's rights, and whether it ignores a filter it does not know is not documented:
    then it would send everybody's badges. So an entry counts only if it was issued to the address, or if the
    account that holds it has the address, confirmed, as its own: its owner sees the badge at Credly anyway. An
    entry of the same account under another address shows neither when `user` is masked, and is left out; the
    learner can prove that address as well. The same `user.id` as on another badge is not enough: an address may
    have passed to a new owner, while the account with its private address stayed with the former one.
    """
    if _same(entry.get("recipient_email"), address):
        return True
    return _same(_at(entry, "user", "email"), address) and _at(entry, "user", "confirmed") is True


def _badge(entry: dict[str, Any]) -> Badge:
    state = BadgeState(entry["state"])
    issued_on = _date(entry, "issued_at")
    if issued_on is None:
        raise ValueError("no date of issue")
    shown = state is BadgeState.ACCEPTED and entry.get("public") is not False
    url = _text(entry.get("badge_url")) if shown else ""
    return Badge(
        id=_needed(entry["id"]),
        email=_needed(entry["recipient_email"]).lower(),
        credential="",
        title=_needed(_at(entry, "badge_template", "name")),
        state=state,
        issued_on=issued_on,
        expires_on=_date(entry, "expires_at"),
        url=url if url.startswith("https://") else "",  # it becomes a link
        name=_text(entry.get("issued_to")),
        issuer=_issuer(entry.get("issuer")),
    )


def _issuer(issuer: object) -> str:
    entities = _at(issuer, "entities")
    for item in entities if isinstance(entities, list) else []:
        if _at(item, "primary") is True and (name := _text(_at(item, "entity", "name"))):
            return name
    return re.sub(r"^issued by\s*", "", _text(_at(issuer, "summary")), flags=re.IGNORECASE)


def _date(entry: dict[str, Any], name: str) -> datetime.date | None:
    text = entry.get(f"{name}_date") or entry.get(name)  # a date, or a moment in UTC that begins with it
    return datetime.date.fromisoformat(text[:10]) if text else None


def _same(found: object, address: str) -> bool:
    """Equal but for the case of A to Z; wider case rules make look-alikes equal (the Kelvin sign and k)."""
    if not isinstance(found, str):
        return False
    return found.strip().encode(errors="surrogatepass").lower() == address.encode(errors="surrogatepass").lower()


def _at(value: object, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _needed(value: object) -> str:
    if not _text(value):
        raise ValueError("empty")
    return _text(value)
