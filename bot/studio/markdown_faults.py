"""Finds Markdown that is not shown as its writer means it, on the site, in Slack or in mail."""

import re
from collections.abc import Iterator, Sequence
from enum import Enum

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.content.markdown import LINKED, SETTING_LINK, resolve_links

_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False})
_BLOCKS = frozenset({"paragraph", "bullet_list", "ordered_list", "list_item", "blockquote", "inline"})
_HTML = re.compile(r"</?[a-zA-Z][^<>\s]{0,30}[^<>]{0,200}>")
_PLACEHOLDER_TARGET = re.compile(r"\]\(\{[a-z_]+\}\)")  # what is filled in there is an address
_OPEN_MARKS = re.compile(r"\*\*|__|\]\(")


class MarkdownFault(str, Enum):
    """What goes wrong; the value says what to do."""

    PICTURE = "A picture cannot be shown in an answer: describe it, or link to it with [words](https://…)."
    LINE = "A line across is not shown: use a blank line instead."
    TARGET = "This link leads nowhere that can be opened: its address begins with https://, http:// or mailto:."
    NO_WORDS = "A link has no words: write them between the square brackets."
    MARKS = "Signs like ** or ]( stay in the text, as one is not closed: look at the preview and put it right."
    HEADING = "A heading is shown like any other line: make it bold with ** instead."
    CODE = "This is shown as program code, most likely as its line begins with blanks or ```: take those out."
    HTML = "HTML is shown as it is typed: use **bold**, *italic*, lists and links instead."
    OTHER = "This cannot be shown in an answer: write it in plain words."

    @property
    def lost(self) -> bool:
        """Whether readers miss something or see what they should not, rather than only another form."""
        return self not in (MarkdownFault.HEADING, MarkdownFault.CODE, MarkdownFault.HTML)


def unshown(text: str) -> list[tuple[MarkdownFault, str]]:
    """The faults of an answer in Markdown, each once with the words around it, "" where it has none.

    Links that settings may fill in are looked at both with an address and without one.
    """
    text = _PLACEHOLDER_TARGET.sub("](https://example.com/)", text)
    names = {found[1]: "https://example.com/" for found in SETTING_LINK.findall(text)}
    found = [*_faults(resolve_links(text, names)), *_faults(resolve_links(text, {}))]
    return list({fault: (fault, words) for fault, words in reversed(found)}.values())[::-1]


def _faults(text: str) -> Iterator[tuple[MarkdownFault, str]]:
    for token in _markdown.parse(text):
        kind = token.type.removesuffix("_open").removesuffix("_close")
        if kind == "heading" and token.nesting == 1:
            yield MarkdownFault.HEADING, ""
        elif kind in ("fence", "code_block"):
            yield MarkdownFault.CODE, _beginning(token.content)
        elif kind == "hr":
            yield MarkdownFault.LINE, token.markup
        elif kind not in _BLOCKS and kind != "heading":
            yield MarkdownFault.OTHER, _beginning(token.content)
        yield from _inline_faults(token.children or [])


def _inline_faults(tokens: Sequence[Token]) -> Iterator[tuple[MarkdownFault, str]]:
    words, target = "", ""
    for token in tokens:
        if token.type == "link_open":
            words, target = "", str(token.attrGet("href") or "")
            if not target.startswith(LINKED):
                yield MarkdownFault.TARGET, target
        elif token.type == "link_close" and not words.strip():
            yield MarkdownFault.NO_WORDS, target
        elif token.type == "image":
            yield MarkdownFault.PICTURE, token.content
        words += token.content
        if token.type == "text" and _OPEN_MARKS.search(token.content):
            yield MarkdownFault.MARKS, _beginning(token.content)
        if token.type == "text" and (tag := _HTML.search(token.content)):
            yield MarkdownFault.HTML, tag.group()


def _beginning(text: str) -> str:
    return text.strip()[:60]
