"""Block Kit: what the assistant says as Slack's blocks, within its limits (https://docs.slack.dev/reference/block-kit)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Block = dict[str, Any]
LONGEST_SECTION = 2900  # 3,000 are allowed
LONGEST_MESSAGE = 3900  # characters over all blocks; from about 4,000 on Slack may split the text by itself
MOST_BLOCKS = 45  # 50 are allowed
MOST_BUTTONS = 25
LONGEST_TITLE = 75
_PLACES = ("\n\n", "\n", ". ", " ")  # where to divide, best first


@dataclass(frozen=True)
class Post:
    """One message: its blocks, and its text for notifications and screen readers."""

    blocks: tuple[Block, ...]
    text: str

    def arguments(self) -> dict[str, Any]:
        """As Slack's methods take it; links are shown without a preview of their pages."""
        return {"blocks": list(self.blocks), "text": self.text, "unfurl_links": False, "unfurl_media": False}


def section(mrkdwn: str) -> Block:
    """A paragraph."""
    return {"type": "section", "text": _mrkdwn(mrkdwn)}


def sections(mrkdwn: str) -> list[Block]:
    """A text of any length as paragraphs."""
    return [section(part) for part in divide(mrkdwn)]


def context(mrkdwn: str) -> Block:
    """A small remark."""
    return {"type": "context", "elements": [_mrkdwn(next(iter(divide(mrkdwn)), "…"))]}


def button(title: str, action: str, value: str, style: str = "") -> Block:
    """A button; `style` is "primary", "danger" or none."""
    text = {"type": "plain_text", "text": shorten(title, LONGEST_TITLE), "emoji": False}
    return {"type": "button", "text": text, "action_id": action, "value": value, **({"style": style} if style else {})}


def actions(buttons: Sequence[Block]) -> list[Block]:
    """Rows of buttons."""
    rows = [buttons[start : start + MOST_BUTTONS] for start in range(0, len(buttons), MOST_BUTTONS)]
    return [{"type": "actions", "elements": list(row)} for row in rows]


def shorten(text: str, most: int) -> str:
    """The beginning of a text, with a sign where it was cut."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def divide(mrkdwn: str, most: int = LONGEST_SECTION) -> list[str]:
    """A text in parts that are short enough: between paragraphs if possible, never within a link or an entity."""
    parts, rest = [], mrkdwn.strip()
    while len(rest) > most:
        cut = _cut(rest, most)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest else parts


def posts(blocks: Sequence[Block]) -> list[Post]:
    """As few messages as the limits allow, in order; buttons stay with the text before them."""
    found: list[list[Block]] = []
    for block in blocks:
        fits = found and len(found[-1]) < MOST_BLOCKS and _length([*found[-1], block]) <= LONGEST_MESSAGE
        if fits or (found and block["type"] != "section"):
            found[-1].append(block)
        else:
            found.append([block])
    return [Post(tuple(message), _text(message)) for message in found]


def _mrkdwn(text: str) -> dict[str, Any]:
    """As Slack takes it; it finds no mention, channel or address by itself in what somebody wrote."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _cut(text: str, most: int) -> int:
    for place in _PLACES:
        at = text.rfind(place, most // 3, most)
        while at > 0 and _within_link(text, at):
            at = text.rfind(place, most // 3, at)
        if at > 0:
            return at + len(place)
    at = text.rfind("<", 0, most) if _within_link(text, most) else most
    entity = re.search(r"&[a-z]{0,4}$", text[:at])
    return (entity.start() if entity else at) or most


def _within_link(text: str, at: int) -> bool:
    return text.rfind("<", 0, at) > text.rfind(">", 0, at)


def _length(blocks: Sequence[Block]) -> int:
    return sum(len(block["text"]["text"]) for block in blocks if block["type"] == "section")


def _text(blocks: Sequence[Block]) -> str:
    said = "\n\n".join(block["text"]["text"] for block in blocks if block["type"] == "section")
    return divide(said, LONGEST_MESSAGE)[0] if said else "…"
