"""/widget.js: the parts in bot/site/widget/ joined to one script, with their style sheet and their words inside."""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

PARTS_FOLDER = Path(__file__).with_name("widget")
_STYLE_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
_COMMENT_BEHIND = re.compile(r"\s+// .*$")  # no text of the widget holds such slashes
WIDGET_LANGUAGE = "en"  # where no other is asked for


@lru_cache(maxsize=8)
def script(language: str = WIDGET_LANGUAGE) -> str:
    """The whole widget; nothing of it is global on the page that embeds it.

    Args:
        language: one of `languages()`.
    """
    style = _STYLE_COMMENT.sub("", _bare(PARTS_FOLDER / "style.css"))
    parts = [_bare(path) for path in sorted(PARTS_FOLDER.glob("*.js"))]
    head = [
        '"use strict";',
        "if (customElements.get('credential-assistant')) return;",
        "const SCRIPT = document.currentScript;",
        "const SITE = new URL(SCRIPT.src).origin;",
        f"const WORDS = {json.dumps(words(language), ensure_ascii=False)};",
        f"const SHEET = new CSSStyleSheet(); SHEET.replaceSync({json.dumps(style)});",
    ]
    return "\n".join(["(() => {", *head, *parts, "})();", ""])


def _bare(file: Path) -> str:
    """A part without what only its readers need: indentation and comments; no text in it is of two lines."""
    lines = (_COMMENT_BEHIND.sub("", line.strip()) for line in file.read_text(encoding="utf-8").splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


@lru_cache(maxsize=1)
def languages() -> frozenset[str]:
    """The languages that the widget's own words are there in: one file each in bot/site/widget/words/."""
    return frozenset(path.stem for path in (PARTS_FOLDER / "words").glob("*.json"))


def words(language: str) -> dict[str, Any]:
    """The widget's own words in one of `languages()`."""
    found: dict[str, Any] = json.loads((PARTS_FOLDER / "words" / f"{language}.json").read_text(encoding="utf-8"))
    return found
