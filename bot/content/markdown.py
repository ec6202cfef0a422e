"""Markdown of the answers to HTML, plain text and Slack's mrkdwn, with all escaping and link handling."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

SETTING_LINK = re.compile(r'\[([^\[\]]*)\]\(link:([a-z_]+)(?:\s+"([^"]*)")?\)')
_TAGS = {"p", "strong", "em", "ul", "ol", "li", "a", "br", "code", "blockquote"}
MARKDOWN_MARKS = "\\`*_~[]<>#&"
ADDRESS_ESCAPES = {
    "(": "%28",
    ")": "%29",
    " ": "%20",
    "<": "%3C",
    ">": "%3E",
    "{": "%7B",
    "}": "%7D",
    "\\": "%5C",
}
MARKS = {"strong_open": "*", "strong_close": "*", "em_open": "_", "em_close": "_"}
APART = "\u200b"  # shows as nothing; Slack offers no escape for * _ ~ and `
LINKED = ("https://", "http://", "mailto:")
_LITERAL_MARK = re.compile(r"(?<!\w)([*_~`])(?=[^\s*_~`])|(?<=[^\s*_~`])([*_~`])(?!\w)")
_BARE_ADDRESS = re.compile(r"(?<![\w/.+-])(https?://[^\s<>\"`*~]*[\w/])", re.ASCII)
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

    return SETTING_LINK.sub(fill, markdown)


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
    return in_paragraphs(text, lambda paragraph: escape(paragraph).replace("\n", "<br>"))


def in_paragraphs(text: str, inside: Callable[[str], str]) -> str:
    """HTML paragraphs of a plain text; `inside` makes safe HTML of one."""
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return "".join(f"<p>{inside(paragraph)}</p>" for paragraph in paragraphs)


def to_plain_text(markdown: str) -> str:
    """For mails and the terminal: links as `label (address)`, no marks of strong emphasis; lines stay lines."""
    return _PlainText().blocks(_markdown.parse(markdown))


def escape_markdown(text: str) -> str:
    """Plain text as Markdown that shows it as it is, on one line; braces turn round, lest one is a placeholder."""
    line = " ".join(text.split()).replace("{", "(").replace("}", ")")
    return "".join(f"\\{c}" if c in MARKDOWN_MARKS else c for c in line)


def escape_address(url: str) -> str:
    """An address that cannot end the Markdown link it stands in, nor be a placeholder."""
    return "".join(ADDRESS_ESCAPES.get(c, c) for c in url if c.isprintable())


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
        first = bool(item) and not text[text.rfind("\n") + 1 :].lstrip().startswith(("•", *"0123456789"))
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
                yield _label(token.content) if target else _with_links(token.content)
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


def _with_links(text: str) -> str:
    """Words of an answer, in which an address that stands by itself is a link: Slack is told to find none."""
    return "".join(
        f"<{_entities(part).replace('|', '%7C')}>" if number % 2 else escape_mrkdwn(part)
        for number, part in enumerate(_BARE_ADDRESS.split(text))
    )


def _label(text: str) -> str:
    return escape_mrkdwn(text.replace("|", "¦"))  # a bar would end the address


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class _PlainText:
    """Walks once through the tokens of a text; blocks keep the distance that they have in the source."""

    def __init__(self) -> None:
        self._indents: list[str] = []  # what the lines of each open list item or quotation begin with
        self._marker = ""  # of the item that has just begun

    def blocks(self, tokens: Sequence[Token]) -> str:
        """The text with the marks of lists, quotations and headings as they were written."""
        parts: list[str] = []
        end = 0
        for token in tokens:
            if token.type == "list_item_open":
                self._marker = f"{token.info}{token.markup} "
                self._indents.append(" " * len(self._marker))
            elif token.type == "blockquote_open":
                self._indents.append("> ")
            elif token.type in ("list_item_close", "blockquote_close"):
                self._indents.pop()
            elif token.type == "heading_open":
                self._marker = f"{token.markup} "
            elif token.type in ("inline", "fence", "code_block", "hr") and token.map:
                start = token.map[0]
                parts.append("\n" * (start - end + 1) if parts else "")
                parts.append(self._block(token))
                end = start + len(token.content.splitlines())
        return "".join(parts)

    def _block(self, token: Token) -> str:
        inside = "".join(self._indents)
        content = "".join(self._inline(token.children or [])) if token.type == "inline" else token.content.rstrip("\n")
        before = "".join(self._indents[:-1]) if self._marker and self._indents else inside
        first, self._marker = before + self._marker, ""
        return first + (content or token.markup).replace("\n", f"\n{inside}")

    def _inline(self, tokens: Sequence[Token]) -> Iterator[str]:
        label: list[str] | None = None  # of the open link
        target = ""
        for token in tokens:
            if token.type == "link_open":
                label, target = [], "" if token.markup == "autolink" else str(token.attrGet("href") or "")
            elif token.type == "link_close" and label is not None:
                yield _with_address("".join(label), target.removeprefix("mailto:"))
                label = None
            elif label is not None:
                label.append(_plain(token))
            else:
                yield _plain(token)


def _plain(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    if token.type == "code_inline":
        return f"{token.markup}{token.content}{token.markup}"
    return token.markup if token.type in ("em_open", "em_close") else token.content


def _with_address(label: str, target: str) -> str:
    return label if target in ("", label) else f"{label} ({target})"
