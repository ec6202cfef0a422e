"""What a mail that came in says: who wrote it, to whom, in answer to what, and the words without what they quote."""

import email
import hashlib
import re
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage, MIMEPart
from email.utils import getaddresses
from functools import lru_cache
from html.parser import HTMLParser

from mailparser_reply import EmailReplyParser

LONGEST_READ = 20_000  # characters of a mail's words, quotes included
LONGEST_LINE = 500  # characters; the patterns for quotes take very long on longer lines
MOST_ADDRESSES = 50
LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "da", "sv", "pl", "cs", "ja", "ko", "zh"]
RECIPIENTS = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
BREAK = "\ue000\n"  # of our own making, to be undone


@dataclass(frozen=True)
class IncomingMail:
    """A mail as `read` finds it; addresses are in small letters.

    `message_id` is never empty. `threads` are the Message-IDs it answers, nearest first. `automatic` marks what no
    person has written: out of office, bounces, lists. `forged` marks a sender that the receiving server found false.
    """

    message_id: str
    sender: str = field(repr=False)
    recipients: tuple[str, ...] = field(repr=False)
    threads: tuple[str, ...]
    text: str = field(repr=False)
    attachments: tuple[str, ...] = field(repr=False)
    automatic: bool
    forged: bool
    cut: bool


def read(content: bytes) -> IncomingMail:
    """Understand a mail, whole or its beginning; whatever is wrong with it may raise any ValueError or LookupError."""
    message = email.message_from_bytes(content, policy=policy.default)
    senders = _addresses(message, ("From",))
    words = _words(message)
    given = str(message.get("Message-ID", "")).strip()
    return IncomingMail(
        message_id=given[:500] or hashlib.sha256(content).hexdigest(),
        sender=senders[0] if len(senders) == 1 else "",
        recipients=_addresses(message, RECIPIENTS),
        threads=_threads(message),
        text=without_quotes(words[:LONGEST_READ]),
        attachments=tuple(_attachments(message)),
        automatic=_is_automatic(message),
        forged=any("dmarc=fail" in str(value).lower() for value in message.get_all("Authentication-Results", [])),
        cut=len(words) > LONGEST_READ,
    )


def without_quotes(text: str) -> str:
    """What is new in an answer; all of it when it answers line by line."""
    lines = re.sub(r"[^\S\n]{20,}", " ", text.replace("\r\n", "\n").replace("\r", "\n"))
    squeezed = re.sub(r"\n{3,}", "\n\n", re.sub(r"[^\S\n]+\n", "\n", lines))
    parts = (re.findall(rf".{{1,{LONGEST_LINE}}}", line) or [""] for line in squeezed.split("\n"))
    broken = "\n".join(BREAK.join(found) for found in parts)
    new = (_parser().parse_reply(broken) or "").replace(BREAK, "")
    own = "\n".join(line for line in new.split("\n") if not line.startswith(">")).strip()
    only_quotes = not own or (">" in new and re.fullmatch(r"[^\n]*(\n[^\n]+)?:", own))  # "On Monday, Ann wrote:"
    return "" if only_quotes else "\n".join(_without_end(new.split("\n"))).strip()


def _without_end(lines: list[str]) -> list[str]:
    """Without the quoted lines at the end; those in between are what somebody answers line by line."""
    last = max(number for number, line in enumerate(lines) if line.strip() and not line.startswith(">"))
    return lines[: last + 1]


@lru_cache(maxsize=1)
def _parser() -> EmailReplyParser:
    return EmailReplyParser(languages=LANGUAGES)


def _addresses(message: EmailMessage, names: tuple[str, ...]) -> tuple[str, ...]:
    values = [str(value) for name in names for value in message.get_all(name, [])]
    found = [address.strip().lower() for _, address in getaddresses(values) if "@" in address]
    return tuple(dict.fromkeys(found))[:MOST_ADDRESSES]


def _threads(message: EmailMessage) -> tuple[str, ...]:
    nearest = re.findall(r"<[^<>\s]{3,250}>", str(message.get("In-Reply-To", ""))[:2000])
    others = re.findall(r"<[^<>\s]{3,250}>", str(message.get("References", ""))[-8000:])
    return tuple(dict.fromkeys([*nearest, *reversed(others)]))


def _is_automatic(message: EmailMessage) -> bool:
    """RFC 3834 and what servers do beside it."""

    def says(name: str) -> str:
        return str(message.get(name, "")).partition(";")[0].strip().lower()

    suppressed = says("X-Auto-Response-Suppress") not in ("", "none")
    bounced = "Return-Path" in message and says("Return-Path") in ("", "<>")
    return (
        says("Auto-Submitted") not in ("", "no")
        or says("Precedence") in ("bulk", "junk", "list", "auto_reply")
        or bool(says("X-Autoreply") or says("X-Autorespond") or says("List-Id"))
        or message.get_content_type() == "multipart/report"
        or suppressed
        or bounced
    )


def _words(message: EmailMessage) -> str:
    body = message.get_body(("plain", "html"))
    if body is None:
        return ""
    text = _decoded(body)
    return _as_text(text) if body.get_content_type() == "text/html" else text


def _decoded(part: MIMEPart) -> str:
    try:
        return str(part.get_content(errors="replace"))
    except LookupError:  # an unknown encoding
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _attachments(message: EmailMessage) -> list[str]:
    names = []
    for part in message.walk():
        name = part.get_filename() if not part.is_multipart() else None
        if name or part.get_content_disposition() == "attachment":
            names.append("".join(c if c.isprintable() else " " for c in str(name or part.get_content_type()))[:100])
    return names[:20]


class _Text(HTMLParser):
    """Collects the words of HTML; what is quoted gets a ">", as in plain text."""

    BLOCKS = {"p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "blockquote", "pre", "hr"}
    HIDDEN = {"script", "style", "head", "title"}

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines, self.quoted, self.hidden = [""], 0, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in self.HIDDEN
        self.quoted += tag == "blockquote"
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self.hidden = max(0, self.hidden - (tag in self.HIDDEN))
        self._break(tag)
        self.quoted = max(0, self.quoted - (tag == "blockquote"))

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            words = re.sub(r"\s+", " ", data)
            self.lines[-1] += words if self.lines[-1] or not self.quoted else "> " + words.lstrip()

    def _break(self, tag: str) -> None:
        if tag in self.BLOCKS and (self.lines[-1] or tag == "br"):
            self.lines.append("")
        if tag == "p" and self.lines[-2:] != [""]:
            self.lines.append("")


def _as_text(html: str) -> str:
    parser = _Text()
    parser.feed(html[: LONGEST_READ * 10])
    parser.close()
    return "\n".join(line.strip() for line in parser.lines).strip()
