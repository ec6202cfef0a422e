"""/widget.js: the parts in bot/site/widget/ joined to one script, with their style sheet inside."""

import json
from functools import lru_cache
from pathlib import Path

PARTS_FOLDER = Path(__file__).with_name("widget")


@lru_cache(maxsize=1)
def script() -> str:
    """The whole widget; nothing of it is global on the page that embeds it."""
    style = (PARTS_FOLDER / "style.css").read_text(encoding="utf-8")
    parts = [path.read_text(encoding="utf-8") for path in sorted(PARTS_FOLDER.glob("*.js"))]
    head = [
        '"use strict";',
        "if (customElements.get('credential-assistant')) return;",
        "const SCRIPT = document.currentScript;",
        "const SITE = new URL(SCRIPT.src).origin;",
        f"const SHEET = new CSSStyleSheet(); SHEET.replaceSync({json.dumps(style)});",
    ]
    return "\n".join(["(() => {", *head, *parts, "})();", ""])
