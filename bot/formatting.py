"""Markdown of the answers to HTML and plain text, with all escaping and link handling."""

import re
from html import escape
from typing import Mapping

import nh3
from markdown_it import MarkdownIt

_SETTING_LINK = re.compile(r'\[([^\]]*)\]\(link:([a-z_]+)(?:\s+"([^"]*)")?\)')
_TAGS = {"p", "strong", "em", "ul", "ol", "li", "a", "br", "code", "blockquote"}
_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False})


def resolve_links(markdown: str, links: Mapping[str, str]) -> str:
    """Fill in `[label](link:NAME "replacement")`: a link where NAME has an address, else the replacement.

    Args:
        markdown: an answer.
        links: addresses by name.
    """

    def fill(match: re.Match[str]) -> str:
        label, name, replacement = match.groups()
        if name in links:
            stripped = label.lstrip()
            return f"{label[: len(label) - len(stripped)]}[{stripped}]({links[name]})"
        return label if replacement is None else replacement

    return _SETTING_LINK.sub(fill, markdown)


def to_html(markdown: str) -> str:
    """Safe HTML: no raw HTML passes, links are http(s) or mailto and open in a new tab."""
    return nh3.clean(
        _markdown.render(markdown),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    ).strip()


def plain_to_html(text: str) -> str:
    """Safe HTML of what a person wrote: as it stands, in its paragraphs and lines."""
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return "".join(f"<p>{escape(paragraph).replace(chr(10), '<br>')}</p>" for paragraph in paragraphs)


def to_plain_text(markdown: str) -> str:
    """For the terminal: links as `label (address)`, no emphasis marks."""
    text = re.sub(r"\[([^\]]+)\]\((?:mailto:)?([^)\s]+)[^)]*\)", _link_text, markdown)
    text = re.sub(r"<((?:https?://|mailto:)[^>]+)>", r"\1", text)
    return re.sub(r"\*\*(.+?)\*\*", r"\1", text)


def _link_text(match: re.Match[str]) -> str:
    label, target = match.groups()
    return label if label == target else f"{label} ({target})"
