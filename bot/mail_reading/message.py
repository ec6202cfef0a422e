"""What a mail that came in says: who wrote it, to whom, in answer to what, the new words and the rest."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field

from bot.mail_reading import headers, parts
from bot.mail_reading.quotes import part

LONGEST_READ = 200_000  # characters of a mail's words, quotes included


@dataclass(frozen=True)
class IncomingMail:
    """A mail as `read` finds it; addresses are in small letters.

    `message_id` is never empty. `threads` are the Message-IDs it answers, nearest first. `text` are the new words,
    `rest` is what it quotes, forwards and signs. `automatic` marks what no person has written: out of office, bounces.
    `answerable` says that an automatic answer is welcome. `forged` marks a sender that the receiving server found
    false. `cut`: not all of it was read.
    """

    message_id: str
    sender: str = field(repr=False)
    recipients: tuple[str, ...] = field(repr=False)
    threads: tuple[str, ...]
    subject: str = field(repr=False)
    date: str
    text: str = field(repr=False)
    rest: str = field(repr=False)
    attachments: tuple[str, ...] = field(repr=False)
    automatic: bool
    answerable: bool
    forged: bool
    cut: bool


def read(content: bytes, own: Collection[str] = (), server: str = "") -> IncomingMail:
    """Understand a mail, whole or its beginning; whatever is wrong with it may raise any exception.

    Args:
        own: the addresses that our side writes from, in small letters.
        server: the name of the receiving server whose Authentication-Results count; "" for the topmost.
    """
    content, cut = parts.bounded(content)
    message = parts.parse(content)
    words = parts.words(message)
    sender, recipients = headers.sender(message), headers.recipients(message)
    parted = part(words[:LONGEST_READ], {*own, sender, *recipients} if own else ())
    return IncomingMail(
        message_id=headers.text(message, "Message-ID")[:500] or hashlib.sha256(content).hexdigest(),
        sender=sender,
        recipients=recipients,
        threads=headers.threads(message),
        subject=headers.text(message, "Subject")[:500],
        date=headers.text(message, "Date")[:100],
        text=parted.new,
        rest=parted.rest,
        attachments=parts.attachments(message),
        automatic=headers.is_automatic(message),
        answerable=headers.may_be_answered_automatically(message),
        forged=headers.is_forged(message, server),
        cut=cut or len(words) > LONGEST_READ,
    )
