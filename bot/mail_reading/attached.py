"""The files that came with a mail."""

from dataclasses import dataclass, field
from email.message import Message

from bot.mail_reading import parts

MOST_FILES = 10  # of a mail; the mail itself has all of them
LEAST_INLINE_BYTES = 20_000  # smaller pictures among the words are a signature's


@dataclass(frozen=True)
class MailedFile:
    """A file as the mail has it."""

    name: str = field(repr=False)
    content: bytes = field(repr=False)


def files(content: bytes) -> list[MailedFile]:
    """What is attached to a mail, up to MOST_FILES; without small pictures that stand among its words.

    Whatever is wrong with the mail may raise any exception.
    """
    found: list[MailedFile] = []
    for part in parts.parse(content).walk():
        if len(found) < MOST_FILES and not part.is_multipart() and parts.is_attached(part):
            file = MailedFile(parts.name_of(part), parts.content_of(part))
            if not _is_decoration(part, file):
                found.append(file)
    return found


def _is_decoration(part: Message, file: MailedFile) -> bool:
    among_words = part.get_content_disposition() != "attachment" and part.get("Content-ID") is not None
    return among_words and len(file.content) < LEAST_INLINE_BYTES
