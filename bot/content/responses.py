"""Reads what the assistant says from data/ and domain.yml."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.content.root import kept
from bot.yaml_files import read_yaml


@kept
def responses(root: Path) -> dict[str, list[dict[str, Any]]]:
    """All responses by name: those of domain.yml and those beside the FAQ examples."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in [root / "domain.yml", *sorted((root / "data/nlu").rglob("*.yml"))]:
        content = read_yaml(path)
        found.update(content.get("responses") or {})
    return found


@kept
def button_titles(root: Path) -> dict[str, str]:
    """The button title of every label that has one (`metadata: {title: ...}` of its response)."""
    titles = {}
    for name, variants in responses(root).items():
        title = (variants[0].get("metadata") or {}).get("title")
        if title:
            titles[name.removeprefix("utter_")] = title
    return titles


def is_answered(payload: str) -> bool:
    """Whether a button leads somewhere: `/faq/gone` does not once that answer was taken out."""
    label = payload.lstrip("/")
    return "/" not in label or f"utter_{label}" in responses()


@kept
def related_buttons(root: Path) -> dict[str, list[dict[str, str]]]:
    """The buttons of each answer's `metadata: {related: [FAQ ids]}`, by the name of the answer."""
    titles = button_titles(root)
    found = {}
    for name, variants in responses(root).items():
        related = (variants[0].get("metadata") or {}).get("related") or []
        if related:
            labels = [f"faq/{one}" for one in related]
            found[name] = [{"title": titles[label], "payload": f"/{label}"} for label in labels if label in titles]
    return found


def render(utterance: str, values: Mapping[str, str], channel: str = "site", root: Path | None = None) -> str:
    """One sentence with its placeholders filled in, for texts made of several; in the channel's own variant if any.

    Args:
        utterance: name of a response.
        values: by placeholder; they are put in as they are, so what comes from a source must be escaped before.
        channel: "site" or "slack".
        root: folder of the content; None for what is live.

    Raises:
        KeyError: there is no such response, or it needs a value that is not given.
    """
    variants = responses(root)[utterance]
    own = [variant for variant in variants if variant.get("channel") == channel]
    text: str = (own or [variant for variant in variants if "channel" not in variant])[0]["text"]
    return fill(text, values)


def fill(text: str, values: Mapping[str, str]) -> str:
    """A text with each `{placeholder}` replaced by its value; raises KeyError for one that has none.

    Values are put in as they are, and not looked through for placeholders: escape what comes from elsewhere before.
    """
    return _PLACEHOLDER.sub(lambda match: values[match.group(1)], text)


_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
