"""Reports that a mail of ours was not delivered (RFC 3464, and what some servers write instead), for their tickets."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser

from bot.mail_reading import headers, parts
from bot.outbox.templates import line
from bot.tickets.addresses import TicketAddresses
from bot.tickets.mail_tables import TicketMail, mail_id
from bot.tickets.service import Tickets
from bot.tickets.ticket import What

MESSAGE_ID = re.compile(r"(?im)^[ >]{0,4}message-id:[ \t]*(?:\r?\n[ \t]+)?(<[^<>\s]{3,250}>)")
LATE = re.compile(r"(?i)\b(?:delay(?:ed)?|warning)\b")
DAEMONS = ("mailer-daemon", "postmaster")
LONGEST_SAID = 300  # characters of what a server said
LONGEST_REPORT = 100_000  # bytes for the headers, and for a report that is only text


@dataclass(frozen=True)
class Bounce:
    """A report of a failed delivery. `recipients` got the report, `returned` are the Message-IDs of what came back."""

    id: str
    recipients: tuple[str, ...] = field(repr=False)
    returned: tuple[str, ...]
    said: str = field(repr=False)


def read(content: bytes) -> Bounce | None:
    """The report in a mail; None for any other mail, and for reports that a mail is late or has arrived."""
    try:
        return _read(content)
    except Exception:  # noqa: BLE001  Python's parser fails in many ways; then it is no report that we understand
        return None


def subject_of(
    bounce: Bounce, tickets: Tickets, addresses: TicketAddresses | None, letter: Callable[[str], str | None]
) -> tuple[TicketMail, str] | None:
    """The mail about a ticket that did not arrive, and a key that is the same for each report of it; None if none is.

    Args:
        letter: the id of the letter of ours that a Message-ID names.
    """
    for message_id in bounce.returned:
        name = letter(message_id)
        about = tickets.about(name) if name else None
        if about:
            return about, f"bounce {name}"
    for recipient in bounce.recipients:
        reference = addresses.reference(recipient) if addresses else None
        if reference:
            return TicketMail(reference, to_team=False), f"bounce {mail_id(bounce.id)}"
    return None


def keep(bounce: Bounce, tickets: Tickets, about: TicketMail, key: str) -> None:
    """Tell the ticket, once for a key; raises UnknownTicket when it has been deleted."""
    reason = line("bounced", whom="team" if about.to_team else "learner", said=bounce.said)
    tickets.not_delivered(What.BOUNCED, about, reason, key=key)


def _read(content: bytes) -> Bounce | None:
    head = BytesHeaderParser(policy=headers.BOUNDED_POLICY).parsebytes(content[:LONGEST_REPORT])
    recipients = headers.recipients(head)
    given = headers.text(head, "Message-ID") or mail_id(content.decode("latin-1"))
    if head.get_content_type() == "multipart/report":
        report = parts.parse(content)
        failed = [block for block in _blocks(report) if str(block.get("Action", "")).strip().lower() == "failed"]
        return Bounce(given, recipients, tuple(_returned(report)), _said(failed[0])) if failed else None
    late = LATE.search(headers.text(head, "Subject"))
    if "X-Failed-Recipients" not in head and (not _by_daemon(head) or late):
        return None
    found = tuple(dict.fromkeys(MESSAGE_ID.findall(str(head.get_payload()))))
    return Bounce(given, recipients, found, "") if found or "X-Failed-Recipients" in head else None


def _by_daemon(head: Message) -> bool:
    """Whether a mail server wrote it; such senders may have no domain: MAILER-DAEMON (Mail Delivery System)."""
    said = headers.text(head, "From").lower()
    named = headers.sender(head) or next(iter(re.findall(r"<([^<>]{1,100})>", said)), said)
    return re.split(r"[@\s(]", named.strip(), maxsplit=1)[0] in DAEMONS


def _blocks(report: Message) -> Iterator[Message]:
    """What the machine-readable part says, of each recipient."""
    for part in report.walk():
        if part.get_content_type() == "message/delivery-status":
            payload = part.get_payload()
            yield from (block for block in payload if isinstance(block, Message)) if isinstance(payload, list) else ()


def _returned(report: Message) -> Iterator[str]:
    """The Message-IDs of the mail that came back, whole or its headers alone."""
    for part in report.walk():
        if part.get_content_type() in ("text/rfc822-headers", "message/rfc822-headers"):
            payload = part.get_payload(decode=True)
            yield from MESSAGE_ID.findall(payload.decode("latin-1")) if isinstance(payload, bytes) else ()
        elif part is not report and part.get("Message-ID"):
            yield str(part["Message-ID"]).strip()


def _said(block: Message) -> str:
    """In the words of the server that refused: "550 5.1.1 unknown user"."""
    diagnostic = str(block.get("Diagnostic-Code", "")).rpartition(";")[2] or str(block.get("Status", ""))
    return " ".join(diagnostic.split())[:LONGEST_SAID]
