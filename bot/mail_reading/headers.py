"""What the headers of a mail say: who wrote it, to whom, in answer to what, and whether a person did."""

import re
from email.message import Message
from email.policy import Compat32, default
from typing import Any

from bot.mail_reading import charsets

LONGEST_INCOMING_HEADER = 8_000  # characters; of a longer one, the beginning and the end count
MOST_OF_ONE_NAME = 20  # of one name
MOST_ADDRESSES = 50
RECIPIENTS = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
BARE_ADDRESS = re.compile(r"[^\s<>@\"(),:;\\]{1,120}@[^\s<>@\"'(),:;\\]{1,200}")
QUOTED = re.compile(r'"[^"]*"')
COMMENT = re.compile(r"\([^()]*\)")


class BoundedPolicy(Compat32):
    """Python's older one, which is lenient and quick with parameters; no header takes long, and bytes are text."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Name and value."""
        name, value = super().header_source_parse(sourcelines)
        value = value.replace("\r", " ").replace("\n", " ")
        if len(value) > LONGEST_INCOMING_HEADER:
            value = f"{value[: LONGEST_INCOMING_HEADER // 2]} {value[-LONGEST_INCOMING_HEADER // 2 :]}"
        if not value.isascii():
            value = charsets.decode(value.encode("utf-8", "surrogateescape"))
        return name, value


BOUNDED_POLICY = BoundedPolicy()


def text(message: Message, name: str) -> str:
    """A header's text on one line; "" where there is none."""
    return next(iter(texts(message, name)), "")


def texts(message: Message, name: str) -> list[str]:
    """The texts of all headers of a name, the topmost first."""
    found: list[str] = []
    for key, value in message.raw_items():
        if key.lower() == name.lower() and len(found) < MOST_OF_ONE_NAME:
            found.append(readable(value))
    return found


def readable(value: Any) -> str:
    """A header's value on one line, encoded words read; whatever the header, as Python reads a subject.

    Its readers of addresses and types take a second for what a subject takes a hundredth.
    """
    try:
        return " ".join(str(default.header_factory("Subject", value)).split())
    except Exception:  # noqa: BLE001  Python's parsers fail in many ways on what nobody should send
        return " ".join(str(value).split())


def sender(message: Message) -> str:
    """Who wrote it, in small letters; "" unless it is exactly one."""
    found = [one for value in _raw(message, "From") for one in _addresses(value)]
    return found[0] if len(set(found)) == 1 else ""


def recipients(message: Message) -> tuple[str, ...]:
    """Whom it went to, in small letters."""
    found = (one for name in RECIPIENTS for value in _raw(message, name) for one in _addresses(value))
    return tuple(dict.fromkeys(found))[:MOST_ADDRESSES]


def _raw(message: Message, name: str) -> list[str]:
    found = [str(value) for key, value in message.raw_items() if key.lower() == name.lower()]
    return found[:MOST_OF_ONE_NAME]


def _addresses(value: str) -> list[str]:
    """The addresses in a header, names aside, where a comma may stand without quotes: Haddad, Leila <leila@…>."""
    bare = COMMENT.sub(" ", QUOTED.sub(" ", value))
    angled = re.findall(r"<\s*([^<>\s]{3,300})\s*>", bare)
    outside = re.sub(r"<[^<>]*>", " ; ", bare)
    plain = [part for part in re.split(r"[,;:]", outside) if BARE_ADDRESS.fullmatch(part.strip())]
    return [one.strip().lower() for one in [*angled, *plain] if BARE_ADDRESS.fullmatch(one.strip())]


def threads(message: Message) -> tuple[str, ...]:
    """The Message-IDs that it answers, nearest first."""
    nearest = [one for value in _raw(message, "In-Reply-To") for one in _ids(value)]
    others = [one for value in _raw(message, "References") for one in _ids(value)]
    return tuple(dict.fromkeys([*nearest, *reversed(others)]))


def _ids(value: str) -> list[str]:
    return re.findall(r"<[^<>\s]{3,250}>", value)


def is_automatic(message: Message) -> bool:
    """Whether no person wrote it: RFC 3834 and what servers do beside it.

    Neither that it came over a list nor that its sender wants no automatic answer says so: both are on people's mail.
    """

    def says(name: str) -> str:
        return text(message, name).partition(";")[0].strip().lower()

    bounced = "Return-Path" in message and says("Return-Path") in ("", "<>")
    return (
        says("Auto-Submitted") not in ("", "no")
        or says("Precedence") in ("bulk", "junk", "auto_reply")
        or bool(says("X-Autoreply") or says("X-Autorespond"))
        or message.get_content_type() == "multipart/report"
        or bounced
    )


def may_be_answered_automatically(message: Message) -> bool:
    """Whether nothing asks us not to: a list, a bulk mail, or the sender's own wish."""
    suppressed = text(message, "X-Auto-Response-Suppress").lower()
    wished = suppressed in ("", "none") and not text(message, "List-Id")
    return wished and not text(message, "Precedence") and not is_automatic(message)


def is_forged(message: Message, server: str) -> bool:
    """Whether the receiving server found the sender false (DMARC).

    Args:
        server: the name that this server writes first in Authentication-Results; "" for what stands topmost, which the
            last server wrote. What others on the way found, or claim, does not count.
    """
    results = [_without_comments(value) for value in texts(message, "Authentication-Results")]
    ours = [one for one in results if not server or one.split(";")[0].split()[:1] == [server.lower()]]
    return bool(ours) and any(part.strip().startswith("dmarc=fail") for part in ours[0].split(";")[1:])


def _without_comments(value: str) -> str:
    return COMMENT.sub(" ", QUOTED.sub(" ", value.lower()))
