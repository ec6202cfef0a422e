"""What the headers of a mail say: who wrote it, to whom, in answer to what, and whether a person did."""

import re
from email.errors import MisplacedEnvelopeHeaderDefect
from email.message import Message
from email.policy import Compat32, default
from typing import Any

from bot.mail_reading import charsets

LONGEST_INCOMING_HEADER = 8_000  # characters; of a longer one, the beginning and the end count
MOST_OF_ONE_NAME = 20  # of one name
MOST_ADDRESSES = 50
RECIPIENTS = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
BARE_ADDRESS = re.compile(r"[^\s<>@\"(),:;\\]{1,120}@[^\s<>@\"'(),:;\\]{1,200}")
ANGLED = re.compile(r"<([^<>]*)>")
RAW_BYTE = re.compile("[\udc80-\udcff]")  # as Python's parser hands on what is not ASCII


class BoundedPolicy(Compat32):
    """Python's older one, which is lenient and quick with parameters; no header takes long, and bytes are text."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Name and value."""
        name, value = super().header_source_parse(sourcelines)
        value = value.replace("\r", " ").replace("\n", " ")
        if len(value) > LONGEST_INCOMING_HEADER:
            value = f"{value[: LONGEST_INCOMING_HEADER // 2]} {value[-LONGEST_INCOMING_HEADER // 2 :]}"
        return name, value

    def header_fetch_parse(self, name: str, value: str) -> str:
        """A value that is asked for; nobody guesses the charset of the others."""
        return _decoded(value)


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
        return " ".join(str(default.header_factory("Subject", _decoded(str(value)))).split())
    except Exception:  # noqa: BLE001  Python's parsers fail in many ways on what nobody should send
        return " ".join(str(value).split())


def sender(message: Message) -> str:
    """Who wrote it, in small letters; "" unless it is exactly one.

    Where it says anything that could be another address, however oddly written, it is nobody's: what the receiving
    server found out about the sender (DMARC) is about the address that the server has read there.
    """
    values = _raw(message, "From", MOST_OF_ONE_NAME + 1)
    if len(values) > MOST_OF_ONE_NAME or not all(map(_is_plain, values)) or _has_unread_from(message):
        return ""
    found = {one for value in values for one in _addresses(value)}
    return found.pop() if len(found) == 1 else ""


def recipients(message: Message) -> tuple[str, ...]:
    """Whom it went to, in small letters."""
    found = (one for name in RECIPIENTS for value in _raw(message, name) for one in _addresses(value))
    return tuple(dict.fromkeys(found))[:MOST_ADDRESSES]


def _raw(message: Message, name: str, most: int = MOST_OF_ONE_NAME) -> list[str]:
    found = [str(value) for key, value in message.raw_items() if key.lower() == name.lower()]
    return [_decoded(value) for value in found[:most]]


def _has_unread_from(message: Message) -> bool:
    """Whether it has a "From :", which servers read as a From, and Python's parser as the first line of a mailbox."""
    first = re.match(r"From\s*:", message.get_unixfrom() or "")
    return bool(first) or any(isinstance(one, MisplacedEnvelopeHeaderDefect) for one in message.defects)


def _is_cut(value: str) -> bool:
    """Whether something is missing from the middle of a header, see `BoundedPolicy`."""
    return len(value) > LONGEST_INCOMING_HEADER


def _is_plain(value: str) -> bool:
    """Whether no address hides in a From: in brackets stands an address, and without any nothing is half of one."""
    bare, ends = _bare(value)
    angled, outside = ANGLED.findall(bare), ANGLED.sub(" ; ", bare)
    if not ends or _is_cut(value) or "<" in outside or ">" in outside:
        return False
    loose = [] if angled else [part for part in re.split("[,;:]", outside) if "@" in part]
    return all(BARE_ADDRESS.fullmatch(one.strip()) for one in [*angled, *loose])


def _bare(value: str) -> tuple[str, bool]:
    """A value without what is quoted and what is a comment (RFC 5322 3.2), and whether each of them ends.

    Comments stand within each other, and a backslash takes its meaning from the sign behind it.
    """
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for sign in value:
        if escaped:
            escaped = False
        elif sign == "\\" and (quoted or depth):
            escaped = True
        elif sign == '"' and not depth:
            quoted = not quoted
            kept.append(" ")
        elif sign == "(" and not quoted:
            depth += 1
            kept.append(" ")
        elif sign == ")" and depth:
            depth -= 1
        elif not quoted and not depth:
            kept.append(sign)
    return "".join(kept), not quoted and not depth


def _decoded(value: str) -> str:
    """A value as text, whose bytes beyond ASCII are halves of characters yet."""
    return charsets.decode(value.encode("utf-8", "surrogateescape")) if RAW_BYTE.search(value) else value


def _addresses(value: str) -> list[str]:
    """The addresses in a header, names aside, where a comma may stand without quotes: Haddad, Leila <leila@…>."""
    bare = _spoken(value)
    angled = re.findall(r"<\s*([^<>\s]{3,300})\s*>", bare)
    outside = ANGLED.sub(" ; ", bare)
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
    results = [(_spoken(value.lower()).split(";"), _is_cut(value)) for value in _raw(message, "Authentication-Results")]
    ours = [one for one in results if not server or one[0][0].split()[:1] == [server.lower()]]
    if not ours:
        return False
    (_, *found), cut = ours[0]

    def says(result: str) -> bool:
        return any(part.strip().startswith(result) for part in found)

    return says("dmarc=fail") or (cut and not says("dmarc=pass"))


def _spoken(value: str) -> str:
    bare, ends = _bare(value)
    return bare if ends else value
