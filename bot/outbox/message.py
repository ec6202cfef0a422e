"""A mail as the features write it, a letter as it waits in the outbox, and the e-mail message made of both."""

import datetime
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from typing import Any

from bot.errors import BotError

LONGEST_SUBJECT = 300  # characters
LONGEST_ADDRESSES = 600  # characters of one or two addresses with their names
LONGEST_HEADER = 8000  # References of a long thread
ALLOWED_HEADERS = ("Auto-Submitted", "In-Reply-To", "References")
UNSAFE = ("Cc", "Cs", "Zl", "Zp")  # control characters, half characters, line and paragraph separators
ENCODING = "quoted-printable"  # passes every server, 8-bit clean or not


Contents = Callable[[str], bytes | None]


class InvalidMail(BotError):
    """Raised where a mail is made: it cannot be sent as it is; the message says which part and why, never its text."""


@dataclass(frozen=True)
class Enclosure:
    """A file that goes with a mail: its content is looked up by the key when the mail is sent."""

    key: str
    name: str = field(repr=False)
    media_type: str


@dataclass(frozen=True)
class OutgoingMail:
    """A mail to one person; addresses may carry a name: `Zoë <zoe@example.com>`.

    Args:
        text, html: the same content twice; `html` may be "".
        reply_to: where an answer goes; several addresses are separated by commas.
        bounces_to: where servers report that it was not delivered (the sender of the envelope); "": the sender.
        headers: any of ALLOWED_HEADERS. Auto-Submitted is auto-generated (RFC 3834) unless given; "no" marks the words
            of a person. In-Reply-To and References take Message-IDs, as `message_id` makes them.
        not_after: dropped instead of sent when this moment has passed.
        secret: wiped from the database as soon as it is sent, given up or past `not_after`.
        enclosures: files that go with it.

    Raises:
        InvalidMail: an address or a header cannot be used; a line break in it, for instance, could add headers.
    """

    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    reply_to: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    not_after: datetime.datetime | None = None
    secret: bool = False
    bounces_to: str = field(default="", repr=False)
    enclosures: tuple[Enclosure, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no mail can be made of, before anything is kept."""
        check_header("Subject", self.subject, LONGEST_SUBJECT)
        parse_address("To", self.to)
        if self.reply_to:
            parse_addresses("Reply-To", self.reply_to)
        if self.bounces_to:
            parse_address("Sender", self.bounces_to)
        for name, value in self.headers.items():
            if name not in ALLOWED_HEADERS:
                raise InvalidMail(f"headers can only be {', '.join(ALLOWED_HEADERS)}.")
            check_header(name, value, LONGEST_HEADER)
            if not value.isascii():
                raise InvalidMail(f"{name} must be plain ASCII.")

    def to_json(self) -> str:
        """The payload of a letter."""
        names = ("to", "subject", "text", "html", "reply_to", "bounces_to")
        said = {**{name: getattr(self, name) for name in names}, "headers": dict(self.headers)}
        files = {"enclosures": [asdict(one) for one in self.enclosures]} if self.enclosures else {}
        return json.dumps({**said, **files})

    @classmethod
    def from_json(cls, payload: str) -> "OutgoingMail":
        """The mail in a payload; when it may be sent and whether it is secret stay with the letter."""
        said = json.loads(payload)
        return cls(**{**said, "enclosures": tuple(Enclosure(**one) for one in said.get("enclosures", ()))})


@dataclass(frozen=True)
class Letter:
    """A message on its way: one row of the outbox, leased to a worker. `tries` counts this one.

    `request_id` and `trace_parent` name the request that it comes from, "" for none.
    """

    id: str
    kind: str
    payload: str = field(repr=False)
    created_at: datetime.datetime
    tries: int
    give_up_at: datetime.datetime
    not_after: datetime.datetime | None = None
    secret: bool = False
    request_id: str = ""
    trace_parent: str = ""


class MailPolicy(EmailPolicy):
    """Mends two habits of Python's: Message-IDs longer than a line would become encoded words, which breaks threads,
    and subjects beyond ASCII would lose a space at each fold.
    """

    def fold(self, name: str, value: Any) -> str:
        """One Message-ID a line; subjects by the older class, which keeps spaces."""
        if name in ("References", "In-Reply-To", "Message-ID"):
            return f"{name}: " + f"{self.linesep} ".join(value.split()) + self.linesep
        if name == "Subject" and not value.isascii():
            words = Header(str(value), "utf-8", header_name=name, maxlinelen=self.max_line_length)
            return f"{name}: {words.encode(linesep=self.linesep)}{self.linesep}"
        return super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The same in bytes."""
        return self.fold(name, value).encode("utf-8" if self.utf8 else "ascii", "surrogateescape")


POLICY = MailPolicy(linesep="\r\n", max_line_length=76)  # the limit of quoted-printable, RFC 2045 6.7


def build(
    mail: OutgoingMail,
    letter_id: str,
    sender: str,
    created_at: datetime.datetime,
    contents: Contents = lambda key: None,
) -> EmailMessage:
    """The e-mail message; the same arguments give the same headers, so that a repeat can be recognised.

    Args:
        mail: what it says.
        letter_id: id in the outbox; the Message-ID is made from it.
        sender: From, with or without a name.
        created_at: in UTC; the Date.
        contents: looks the enclosures up; one that is gone is left out.
    """
    message = EmailMessage(policy=POLICY)
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = created_at
    message["Message-ID"] = message_id(letter_id, sender)
    if mail.reply_to:
        message["Reply-To"] = mail.reply_to
    for name, value in {"Auto-Submitted": "auto-generated", **mail.headers}.items():
        message[name] = value
    message.set_content(_whole_characters(mail.text), charset="utf-8", cte=ENCODING)
    if mail.html:
        message.add_alternative(_whole_characters(mail.html), subtype="html", charset="utf-8", cte=ENCODING)
        message.set_boundary(f"=={letter_id}==")  # quoted-printable never has "==", so no text can end its part
    for one in mail.enclosures:
        _enclose(message, one, contents(one.key))
    if message.get_content_type() == "multipart/mixed":
        message.set_boundary(f"=={letter_id}=files==")
    return message


def _enclose(message: EmailMessage, file: Enclosure, content: bytes | None) -> None:
    if content is not None:
        main, _, sub = file.media_type.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=file.name)


def message_id(letter_id: str, sender: str) -> str:
    """The Message-ID of a letter: the same at every try, as long as the sender's domain stays."""
    return f"<{letter_id}@{parse_address('From', sender).domain}>"


def parse_address(header: str, value: str) -> Address:
    """The one address in a header value, with its name if any.

    Raises:
        InvalidMail: none, several, or one that mail cannot be sent to.
    """
    addresses = parse_addresses(header, value)
    if len(addresses) != 1:
        raise InvalidMail(f"{header} must be exactly one e-mail address.")
    return addresses[0]


def parse_addresses(header: str, value: str) -> list[Address]:
    """The addresses in a header value; raises InvalidMail for none, or one that mail cannot be sent to."""
    check_header(header, value, LONGEST_ADDRESSES)
    parsed = SMTP.header_factory(header, value)
    if not parsed.addresses or parsed.defects or any(group.display_name is not None for group in parsed.groups):
        raise InvalidMail(f"{header} must be an e-mail address.")
    for address in parsed.addresses:
        if not address.username or not address.domain or not re.fullmatch(r"[!-~]+", address.addr_spec):
            raise InvalidMail(f"{header} must be a plain e-mail address such as jane@example.com.")
    return list(parsed.addresses)


def check_header(name: str, value: str, longest: int) -> None:
    """Raise InvalidMail for a value that could break out of its header."""
    if any(unicodedata.category(character) in UNSAFE for character in value):
        raise InvalidMail(f"{name} must be one line without control characters.")
    if len(value) > longest:
        raise InvalidMail(f"{name} must have at most {longest} characters.")


def _whole_characters(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair cannot be encoded
