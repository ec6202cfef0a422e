"""What the team writes, with its web and mail addresses as links; only theirs, for others' words stay as they are."""

import re
from collections.abc import Iterator
from html import escape
from urllib.parse import urlsplit

from bot.content.markdown import escape_mrkdwn, in_paragraphs

LONGEST_LINK = 1000  # characters; longer ones are shown as they stand
# Only at the beginning of a word, and no two parts share a character: no text takes longer than its length says.
_ADDRESS = re.compile(
    r"(?<![\w.+@/-])(?:https?://[^\s<>\"`{}|\\^\[\]]+|[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+)", re.IGNORECASE | re.ASCII
)
_AFTER = ".,;:!?'’”*_~"  # what may stand behind an address without belonging to it
_HOST = re.compile(r"[\w-]{1,63}(\.[\w-]{1,63}){0,10}", re.ASCII)


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """The text cut into plain words and addresses, in order.

    Args:
        text: as a person wrote it.

    Returns:
        Pairs of the words and what they link to, "" for nothing; the words together are the text.
    """
    end = 0
    for match in _ADDRESS.finditer(text):
        words = _trimmed(match.group())
        target = _target(words)
        if target:
            yield text[end : match.start()], ""
            yield words, target
            end = match.start() + len(words)
    yield text[end:], ""


def linked_html(text: str) -> str:
    """Safe HTML of what the team wrote: as it stands, its addresses open in a new tab."""
    return in_paragraphs(text, lambda paragraph: "".join(_anchor(*piece) for piece in pieces(paragraph)))


def linked_mrkdwn(text: str) -> str:
    """The same for Slack: nobody is notified by it and no emphasis comes of it."""
    found = [piece for piece in pieces(text) if piece[0]]
    return "".join(
        _slack_link(words, target) if target else _beside_links(words, number > 0, number + 1 < len(found))
        for number, (words, target) in enumerate(found)
    )


def _trimmed(address: str) -> str:
    """Without the full stop of its sentence, and without a bracket that was opened before it."""
    opened, closed, end = address.count("("), address.count(")"), len(address)
    while end:
        last = address[end - 1]
        if last == ")" and closed > opened:
            closed -= 1
        elif last not in _AFTER:
            break
        end -= 1
    return address[:end]


def _target(address: str) -> str:
    if len(address) > LONGEST_LINK:
        return ""
    if not address.lower().startswith(("http://", "https://")):
        return f"mailto:{address}" if "." in address.rpartition("@")[2] else ""
    try:
        parts = urlsplit(address)
        known = bool(_HOST.fullmatch(parts.hostname or "")) and (parts.port is None or parts.port > 0)
    except ValueError:
        return ""
    return address if known and "@" not in parts.netloc else ""  # a name before an @ passes for another's page


def _anchor(words: str, target: str) -> str:
    shown = escape(words).replace("\n", "<br>")
    if not target:
        return shown
    return f'<a href="{escape(target)}" target="_blank" rel="noopener noreferrer">{shown}</a>'


def _slack_link(words: str, target: str) -> str:
    return f"<{target.replace('&', '&amp;')}|{words.replace('&', '&amp;')}>"


def _beside_links(words: str, after: bool, before: bool) -> str:
    """Plain words; a mark that touches a link counts as one that touches a word."""
    escaped = escape_mrkdwn(f"{'/' * after}{words}{'/' * before}")
    return escaped[after : len(escaped) - before]
