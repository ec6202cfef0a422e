"""The words in the parts of a mail, in their order, and the names of what is attached."""

import re
from base64 import b64decode
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MissingHeaderBodySeparatorDefect
from email.message import Message
from itertools import chain

from bot.mail_reading import charsets, headers
from bot.mail_reading.html_text import html_to_text

DEEPEST_PARTS = 12  # parts within each other
MOST_PARTS_WITHIN = 200
MOST_NAMES = 20
MUCH_MORE = 3  # times as many words; then the plain text is no match for the HTML
BOUNDARY_LINE = re.compile(
    rb"^--([^\r\n]{1,200}?)[ \t]*\r?\n(?:[ \t]*\r?\n)?content-[a-z-]{2,40}:", re.IGNORECASE | re.MULTILINE
)
TEXT_KINDS = ("text/plain", "text/html", "text/enriched", "text/markdown")
HEADER_LINE = re.compile(rb"[!-9;-~]{1,100}[ \t]*:|[ \t]|From |\r?$")
KNOWN_HEADER = re.compile(
    rb"(?:received|date|from|to|subject|message-id|content-type|mime-version|reply-to):", re.IGNORECASE
)
END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
STRAY_RETURN = re.compile(rb"\r(?!\n)")
LEAST_HEADERS = 3  # known ones below a broken one; fewer, and it is where the text begins
MOST_STEPS = 30_000_000  # lines times boundaries; Python's parser asks at each line whether a part ends
STEPS_OF_A_PART = 1000  # as long as so many take, it makes one part
STEPS_WITHIN = 4  # for each byte of what is parsed within a mail once more: there may be many such


def bounded(content: bytes, most: int = MOST_STEPS) -> tuple[bytes, bool]:
    """As much of a mail as can be parsed in a short time, and whether that is not all; real ones are whole."""
    small = content.lower()
    lines, boundaries = content.count(b"\n"), small.count(b"boundary=")
    made = content.count(b"\n--") if boundaries else 0
    if b"delivery-status" in small:  # there each blank line ends a part
        made += 2 * (content.count(b"\n\n") + content.count(b"\n\r\n"))
    if lines * min(boundaries, 500) + made * STEPS_OF_A_PART <= most:
        return content, False
    return content[: most // (boundaries + (STEPS_OF_A_PART if made else 0))], True


def parse(content: bytes, most: int = MOST_STEPS) -> Message:
    """A mail's parts, as far as it is `bounded`; raises what Python's parser does."""
    content = _without_stray_returns(bounded(content, most)[0])
    message = message_from_bytes(content, policy=headers.BOUNDED_POLICY)
    if any(isinstance(one, MissingHeaderBodySeparatorDefect) for one in message.defects):
        message = message_from_bytes(_with_whole_headers(content), policy=headers.BOUNDED_POLICY)
    return message


def words(message: Message) -> str:
    """All that is said: what stands in several formats once, forwarded mails after what is said of them."""
    texts = [text for text in _texts(message, 0) if text.strip()]
    said = "\n\n".join(texts or (_text(part) for part in message.walk() if _is_named_text(part)))
    return said.replace("\u00a0", " ").replace("\0", "")


def _without_stray_returns(content: bytes) -> bytes:
    """A mail whose headers end where they do for servers: a return without a line feed ends no line (RFC 5322 2.3).

    Python's parser thinks that it does, and would find another From than the one that the server has looked into.
    """
    content = content.replace(b"\r\r\n", b"\r\n")
    end = END_OF_HEAD.search(content)
    if end is None:
        return content
    return STRAY_RETURN.sub(b" ", content[: end.start()]) + content[end.start() :]


def _with_whole_headers(content: bytes) -> bytes:
    """A mail whose folded headers lost their indentation on the way, with it; else the same."""
    head, blank, body = content.partition(b"\r\n\r\n" if b"\r\n\r\n" in content[:100_000] else b"\n\n")
    lines = head.split(b"\n")
    broken = next((number for number, line in enumerate(lines) if not HEADER_LINE.match(line)), len(lines))
    if sum(map(bool, map(KNOWN_HEADER.match, lines[broken + 1 :]))) < LEAST_HEADERS:
        return content
    return b"\n".join(line if HEADER_LINE.match(line) else b" " + line for line in lines) + blank + body


def _is_named_text(part: Message) -> bool:
    return part.get_content_type() in ("text/plain", "text/html") and part.get_content_disposition() == "inline"


def _texts(part: Message, depth: int) -> Iterator[str]:
    if depth > DEEPEST_PARTS:
        return
    kind = part.get_content_type()
    if kind == "message/rfc822":
        yield from _forwarded(part, depth)
    elif part.get_content_maintype() == "multipart":
        yield from _of_several(_whole(part), depth)
    elif not is_attached(part) and (kind in TEXT_KINDS or (depth == 0 and kind.startswith("text/"))):
        yield _text(part)


def _inside(part: Message) -> list[Message]:
    """The parts of a part; [] where it has none, or they cannot be told apart."""
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _of_several(part: Message, depth: int) -> Iterator[str]:
    inside = _inside(part)
    if not inside:
        yield _text(part)
        return
    told = [list(_texts(one, depth + 1)) for one in inside[:MOST_PARTS_WITHIN]]
    yield from _best(told) if part.get_content_type() == "multipart/alternative" else chain.from_iterable(told)


def _best(told: list[list[str]]) -> list[str]:
    """Of the same in several formats the first, the plainest, unless it says nothing or much less than another."""
    best: list[str] = []
    for texts in told:
        if not any(text.strip() for text in best) or _count(texts) > MUCH_MORE * _count(best) + 20:
            best = texts
    return best


def _count(texts: list[str]) -> int:
    return sum(len(text.split()) for text in texts)


def _forwarded(part: Message, depth: int) -> Iterator[str]:
    """A mail within a mail, as programs write it that put it into the text."""
    mail = next(iter(_inside(part)), None)
    if mail is None:
        return
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":  # against the RFC, but it is done
        mail = _within(b64decode(str(mail.get_payload()).encode("ascii", "ignore")))
    named = [(name, headers.text(mail, name)) for name in ("From", "Date", "Subject", "To")]
    top = "\n".join(f"{name}: {value}" for name, value in named if value)
    yield "---------- Forwarded message ---------\n" + top + "\n\n" + "\n\n".join(_texts(mail, depth + 1))


def _whole(part: Message) -> Message:
    """The same, with its parts found where its boundary is missing or wrong."""
    inside = _inside(part)
    if len(inside) > 1 or (inside and inside[0].get_content_type() != "text/plain"):
        return part
    content = content_of(inside[0] if inside else part)
    found = BOUNDARY_LINE.search(content)
    if found is None or b'"' in found[1]:
        return part
    return _within(f'Content-Type: {part.get_content_type()}; boundary="'.encode() + found[1] + b'"\n\n' + content)


def _within(content: bytes) -> Message:
    return parse(content, 300 * STEPS_OF_A_PART + STEPS_WITHIN * len(content))


def _text(part: Message) -> str:
    html = part.get_content_type() == "text/html"
    text = charsets.decode(content_of(part), str(part.get_content_charset("") or ""), html)
    if html:
        return html_to_text(text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    flowed = str(part.get_param("format", "")).lower() == "flowed"
    return _unmangled(_unfolded(lines) if flowed else lines)


def content_of(part: Message) -> bytes:
    """What is in a part, decoded."""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _unfolded(text: str) -> str:
    """Lines that a program broke for sending (RFC 3676), whole again."""
    lines: list[str] = []
    open_before = False
    for line in text.split("\n"):
        said = line[1:] if line.startswith(" ") else line
        quoted = line.startswith(">")
        if open_before and not quoted and not (lines and lines[-1].startswith(">")):
            lines[-1] += said
        else:
            lines.append(said)
        open_before = said.endswith(" ") and said != "-- " and not quoted
    return "\n".join(lines)


def _unmangled(text: str) -> str:
    """Without the ">" that mail stores put before "From" at the beginning of a line."""
    if ">From " not in text:
        return text
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if line.startswith(">From ") and not any(_quotes(lines, number + step) for step in (-1, 1)):
            lines[number] = line[1:]
    return "\n".join(lines)


def _quotes(lines: list[str], number: int) -> bool:
    return 0 <= number < len(lines) and lines[number].startswith(">") and not lines[number].startswith(">From ")


def is_attached(part: Message) -> bool:
    """Whether it is something beside the words."""
    return part.get_content_disposition() == "attachment" or bool(name_of(part))


def attachments(message: Message) -> tuple[str, ...]:
    """The names of what is attached, fit to be shown."""
    names: list[str] = []
    for part in message.walk():
        if not part.is_multipart() and is_attached(part) and len(names) < MOST_NAMES:
            name = name_of(part) or part.get_content_type()
            names.append("".join(c if c.isprintable() else " " for c in name)[:100])
    return tuple(names)


def name_of(part: Message) -> str:
    """The name that a part is said to have, "" for none."""
    try:
        return headers.readable(part.get_filename() or "")
    except Exception:  # noqa: BLE001  Python's parser of parameters fails on some
        return ""
