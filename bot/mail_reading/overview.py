"""A whole mail for a person to look at, as plain text; made of anything, however broken."""

from dataclasses import dataclass, field

from bot.mail_reading import charsets, headers, parts

SHOWN_HEADERS = ("From", "Reply-To", "To", "Cc", "Date", "Subject")
LONGEST_SHOWN = 200_000  # characters
LONGEST_VALUE = 1_000  # characters of a header


@dataclass(frozen=True)
class Overview:
    """What a mail says, nothing left out but what `cut` tells; `headers` are names with values."""

    headers: tuple[tuple[str, str], ...] = field(repr=False)
    text: str = field(repr=False)
    attachments: tuple[str, ...] = field(repr=False)
    cut: bool


def overview(content: bytes) -> Overview:
    """All words of a mail; of one that cannot be parsed, its bytes as text."""
    try:
        content, broken_off = parts.bounded(content)
        message = parts.parse(content)
        values = ((name, headers.text(message, name)[:LONGEST_VALUE]) for name in SHOWN_HEADERS)
        shown = tuple((name, value) for name, value in values if value)
        text, attached = parts.words(message), parts.attachments(message)
    except Exception:  # noqa: BLE001  Python's parser fails in many ways
        shown, text, attached, broken_off = (), charsets.decode(content[:LONGEST_SHOWN]), (), False
    cut = broken_off or len(text) > LONGEST_SHOWN
    return Overview(headers=shown, text=text[:LONGEST_SHOWN], attachments=attached, cut=cut)
