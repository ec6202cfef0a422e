"""The words of HTML: links keep their address, table cells are parted, what is quoted is marked with ">"."""

import re
from html.parser import HTMLParser

import nh3

DEEPEST = 400  # elements within each other; more is made to cost time, and loses its form
LONGEST_HTML = 600_000  # characters, pictures within it not counted
AMPERSAND = "\ue000"  # stands for "&" meanwhile: nh3 copies a text anew at each of them
CUT = "\n[…]"  # stands where HTML was too long to be read
PICTURE = re.compile(r"data:[\w.+/-]{1,60};base64,[A-Za-z0-9+/=]+")
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
CLOSED_BY_OTHERS = {
    "p",
    "li",
    "td",
    "th",
    "tr",
    "dt",
    "dd",
    "option",
    "br",
    "hr",
    "img",
    "input",
    "meta",
    "link",
    "col",
}
BLOCKS = {"div", "tr", "li", "ul", "ol", "dl", "dt", "dd", "table", "blockquote", "pre", "hr", "center", "section"}
PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6"}
CELLS = {"td", "th"}
TAGS_READ = BLOCKS | PARAGRAPHS | CELLS | {"a", "br", "img"}
WITHOUT_WORDS = {"script", "style", "title", "template", "noscript"}
CELL_RULE = " | "
SPACES = re.compile(r"[^\S\u00a0]+")


def html_to_text(html: str) -> str:
    """The words of HTML as plain text; linear in its length, and never raises."""
    html = PICTURE.sub("", html).replace("\0", "").replace("&", AMPERSAND)
    html, cut = html[:LONGEST_HTML], len(html) > LONGEST_HTML
    if _depth(html) > DEEPEST:
        html = re.sub(r"<[^<>]*>", "<br>", html)
    clean = nh3.clean(
        html,
        tags=TAGS_READ,
        clean_content_tags=WITHOUT_WORDS,
        attributes={"a": {"href"}, "img": {"alt"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
    )
    collector = _Words()
    collector.feed(clean.replace(AMPERSAND, "&"))
    collector.close()
    return collector.text() + (CUT if cut else "")


def _depth(html: str) -> int:
    """At most how many elements are within each other."""
    depth = deepest = 0
    for tag in TAG.finditer(html):
        if tag[2].lower() not in CLOSED_BY_OTHERS:
            depth = max(0, depth + (-1 if tag[1] else 1))
            deepest = max(deepest, depth)
    return deepest


class _Words(HTMLParser):
    """Collects words from HTML that is well formed. Breaks are kept until words follow, so that none is doubled."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[tuple[int, list[str]]] = [(0, [])]  # how deeply quoted, and the words
        self._breaks = self._quoted = self._kept_spaces = 0
        self._link: tuple[str, int] = "", 0  # its address, and where its words begin in the line
        self._rows = [False]  # whether a cell of the row has words, for each table

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, a cell, a link or a quote."""
        given = {name: value or "" for name, value in attrs}
        self._break(tag)
        if tag == "table":
            self._rows.append(False)
        elif tag == "tr":
            self._rows[-1] = False
        elif tag in CELLS and self._rows[-1]:
            self._breaks = 0
            self._lines[-1][1].append(CELL_RULE)
        elif tag == "blockquote":
            self._quoted += 1
        elif tag == "pre":
            self._kept_spaces += 1
        elif tag == "a":
            self._link = given.get("href", ""), len(self._lines[-1][1]) if not self._breaks else 0
        else:
            self._add({"li": "- ", "hr": "_" * 20, "img": f"[{given.get('alt', '').strip()}]"}.get(tag, ""))
            self._breaks += tag == "hr"

    def handle_endtag(self, tag: str) -> None:
        """End what began."""
        if tag == "a":
            self._end_link()
        elif tag == "table" and len(self._rows) > 1:
            self._rows.pop()
        self._break(tag)
        if tag == "blockquote":
            self._quoted = max(0, self._quoted - 1)
        elif tag == "pre":
            self._kept_spaces = max(0, self._kept_spaces - 1)

    def handle_data(self, data: str) -> None:
        """Words, with their spaces as a browser shows them."""
        if not self._kept_spaces:
            self._add(SPACES.sub(" ", data))
            return
        for number, line in enumerate(data.split("\n")):
            self._breaks += number > 0
            self._add(line)

    def text(self) -> str:
        """All lines; a quoted one begins with ">"."""
        return "\n".join(_marked(quoted, "".join(words)) for quoted, words in self._lines).strip()

    def _break(self, tag: str) -> None:
        if self._lines[-1][1][-1:] == [CELL_RULE]:  # the words of a cell begin where it does
            if tag not in ("tr", "table"):
                return
            self._lines[-1][1].pop()
        if tag == "br":
            self._breaks += 1
        elif tag in BLOCKS or tag in PARAGRAPHS:
            self._breaks = max(self._breaks, 2 if tag in PARAGRAPHS else 1)

    def _add(self, words: str) -> None:
        begun = bool(self._lines[-1][1]) and not self._breaks
        if not self._kept_spaces and (not begun or self._lines[-1][1][-1].endswith(" ")):
            words = words.lstrip(" ")
        if not words or words == "[]":
            return
        if self._breaks and (self._lines[-1][1] or len(self._lines) > 1):
            self._lines += [(self._quoted, []) for _ in range(self._breaks)]
        elif not begun:
            self._lines[-1] = self._quoted, []
        self._breaks = 0
        self._lines[-1][1].append(words)
        self._rows[-1] = True

    def _end_link(self) -> None:
        address, begins = self._link
        self._link = "", 0
        words = "".join(self._lines[-1][1][begins:]).strip()
        bare = address.removeprefix("mailto:").removeprefix("tel:")
        if bare and _same(bare) not in _same(words):
            self._add(f" <{bare}>" if words else f"<{bare}>")


def _same(address: str) -> str:
    """A link as people write it."""
    return address.lower().removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")


def _marked(quoted: int, words: str) -> str:
    words = words.removesuffix(CELL_RULE)
    return (">" * quoted + " " + words if quoted else words).rstrip()
