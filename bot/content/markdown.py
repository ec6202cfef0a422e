"""Markdown of the answers to HTML, plain text and Slack's mrkdwn, with all escaping and link handling."""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

_SETTING_LINK = re.compile(r'\[([^\]]*)\]\(link:([a-z_]+)(?:\s+"([^"]*)")?\)')
_TAGS = {"p", "strong", "em", "ul", "ol", "li", "a", "br", "code", "blockquote"}
MARKS = {"strong_open": "*", "strong_close": "*", "em_open": "_", "em_close": "_"}
APART = "\u200b"  # shows as nothing; Slack offers no escape for * _ ~ and `
LINKED = ("https://", "http://", "mailto:")
_LITERAL_MARK = re.compile(r"(?<!\w)([*_~`])(?=[^\s*_~`])|(?<=[^\s*_~`])([*_~`])(?!\w)")
_TOKEN = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
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


def to_mrkdwn(markdown: str) -> str:
    """An answer as Slack shows it: emphasis, links and lists; everything else stands there as it is written."""
    return _Mrkdwn().blocks(_markdown.parse(markdown))


def escape_mrkdwn(text: str) -> str:
    """Plain text as mrkdwn: nobody is notified by it, no link and no emphasis comes of it."""
    entities = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _LITERAL_MARK.sub(lambda match: f"{APART}{match.group()}{APART}", entities)


def from_mrkdwn(text: str) -> str:
    """What a person wrote, from what Slack makes of it: `<mailto:a@example.com|a@example.com>` and the like."""
    plain = _TOKEN.sub(_spoken, text)
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _spoken(match: re.Match[str]) -> str:
    target, label = match.group(1), match.group(2) or ""
    if target.startswith("@"):
        return f"@{label}" if label else "somebody"
    if target.startswith("#"):
        return f"#{label}" if label else "a channel"
    if target.startswith("!"):
        return label or f"@{target[1:].partition('^')[0]}"
    address = target.removeprefix("mailto:")
    return address if label in ("", address) or address.endswith(f"//{label}") else f"{label} ({address})"


class _Mrkdwn:
    """Walks once through the tokens of a text."""

    def __init__(self) -> None:
        self._lists: list[int | None] = []  # the next number of each open list, None where it has none

    def blocks(self, tokens: Sequence[Token]) -> str:
        """Paragraphs apart by a blank line, items of a list by a line break."""
        text, item = "", ""
        for token in tokens:
            if token.type in ("bullet_list_open", "ordered_list_open"):
                ordered = token.type == "ordered_list_open"
                self._lists.append(int(token.attrGet("start") or 1) if ordered else None)
            elif token.type in ("bullet_list_close", "ordered_list_close"):
                self._lists.pop()
            elif token.type == "list_item_open":
                item = self._bullet()
            elif token.type in ("inline", "fence", "code_block"):
                text += self._gap(text, item) + item + self._content(token)
                item = ""
        return text

    def _gap(self, text: str, item: str) -> str:
        if not text:
            return ""
        first = bool(item) and not text.rsplit("\n", 1)[-1].lstrip().startswith(("•", *"0123456789"))
        return "\n\n" if not self._lists or (first and len(self._lists) == 1) else "\n"

    def _bullet(self) -> str:
        number, indent = self._lists[-1], "    " * (len(self._lists) - 1)
        if number is None:
            return f"{indent}• "
        self._lists[-1] = number + 1
        return f"{indent}{number}. "

    def _content(self, token: Token) -> str:
        if token.type != "inline":
            return f"```{_entities(token.content.strip())}```"
        return "".join(self._inline(token.children or []))

    def _inline(self, tokens: Sequence[Token]) -> Iterator[str]:
        target = ""
        for token in tokens:
            if token.type in ("text", "text_special"):
                yield _label(token.content) if target else escape_mrkdwn(token.content)
            elif token.type in ("softbreak", "hardbreak"):
                yield " " if target else "\n"
            elif token.type == "code_inline":
                yield f"`{_entities(token.content)}`"
            elif token.type in MARKS:
                yield MARKS[token.type]
            elif token.type == "link_open":
                target = str(token.attrGet("href") or "")
                target = target if target.startswith(LINKED) else ""
                yield f"<{_entities(target).replace('|', '%7C')}|" if target else ""
            elif token.type == "link_close":
                yield ">" if target else ""
                target = ""


def _label(text: str) -> str:
    return escape_mrkdwn(text.replace("|", "¦"))  # a bar would end the address


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
