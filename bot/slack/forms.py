"""Forms of one field: what staff reply to a learner, and what a learner answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.slack import sentences
from bot.slack.blocks import section

TEXT = "text"  # the block and its field
LONGEST_REPLY = 3000  # what a field of Slack's takes
View = dict[str, Any]


def form(name: str, metadata: str, reference: str, notes: Sequence[str] = (), text: str = "") -> View:
    """A modal.

    Args:
        name: its id, and what its sentences in data/slack.yml begin with.
        metadata: comes back with what was written.
        reference: of the ticket.
        notes: paragraphs above the field, in mrkdwn.
        text: what the field holds at first.
    """
    field = {"type": "plain_text_input", "action_id": TEXT, "multiline": True, "max_length": LONGEST_REPLY}
    label = _plain(f"{name}_label", reference=reference)
    return {
        "type": "modal",
        "callback_id": name,
        "private_metadata": metadata,
        "title": _plain(f"{name}_title"),
        "submit": _plain(f"{name}_submit"),
        "close": _plain(f"{name}_close"),
        "blocks": [
            *map(section, notes),
            {
                "type": "input",
                "block_id": TEXT,
                "label": label,
                "element": {**field, **({"initial_value": text} if text else {})},
            },
        ],
    }


def written(view: Mapping[str, Any]) -> str:
    """What was written into a form."""
    return str(view["state"]["values"][TEXT][TEXT].get("value") or "").strip()


def _plain(name: str, **values: str) -> dict[str, str]:
    return {"type": "plain_text", "text": sentences.plain(name, **values)}
