"""Slack's documented limits of Block Kit, messages and views (https://docs.slack.dev/reference/block-kit)."""

LONGEST_TOTAL = 9000  # characters over all blocks: undocumented, 11,341 were once rejected, 9,597 passed
ELEMENTS = {"button", "static_select", "plain_text_input", "overflow"}
KNOWN = {"section", "header", "context", "actions", "divider", "input"}


def problems_of_message(arguments):
    """Everything that Slack would refuse a message for."""
    text = arguments.get("text")
    found = [] if text else ["no text for notifications"]
    if text and len(text) > 4000:
        found.append(f"text has {len(text)} characters")
    return found + problems_of_blocks(arguments.get("blocks") or [], 50)


def problems_of_view(view):
    """Everything that Slack would refuse a modal or a home tab for."""
    found = problems_of_blocks(view.get("blocks") or [], 100)
    if view.get("type") not in ("modal", "home"):
        found.append("type of view")
    for name in ("title", "submit", "close"):
        if name in view:
            found += _text(view[name], 24, name, kinds=("plain_text",))
    if view["type"] == "modal" and "title" not in view:
        found.append("a modal needs a title")
    if len(view.get("private_metadata", "")) > 3000 or len(view.get("callback_id", "")) > 255:
        found.append("private_metadata or callback_id too long")
    return found


def problems_of_blocks(blocks, most):
    found = [] if 0 < len(blocks) <= most else [f"{len(blocks)} blocks"]
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(ids) != len(set(ids)) or any(len(one) > 255 for one in ids):
        found.append("block_id twice or too long")
    for block in blocks:
        found += _block(block)
    if sum(_size(block) for block in blocks) > LONGEST_TOTAL:
        found.append("msg_blocks_too_long")
    return found


def _block(block):
    kind = block.get("type")
    if kind not in KNOWN:
        return [f"unknown block {kind}"]
    if kind == "section":
        fields = block.get("fields") or []
        found = [] if len(fields) <= 10 and (fields or "text" in block) else ["section without text, or 11 fields"]
        found += [problem for one in fields for problem in _text(one, 2000, "field")]
        found += _text(block["text"], 3000, "section") if "text" in block else []
        return found + (_element(block["accessory"]) if "accessory" in block else [])
    if kind == "header":
        return _text(block["text"], 150, "header", kinds=("plain_text",))
    if kind == "context":
        elements = block["elements"]
        found = [] if 0 < len(elements) <= 10 else ["context elements"]
        return found + [problem for one in elements for problem in _text(one, 3000, "context")]
    if kind == "actions":
        elements = block["elements"]
        found = [] if 0 < len(elements) <= 25 else [f"{len(elements)} elements in actions"]
        ids = [one.get("action_id") for one in elements]
        found += [] if len(ids) == len(set(ids)) else ["action_id twice"]
        return found + [problem for one in elements for problem in _element(one)]
    if kind == "input":
        found = _text(block["label"], 2000, "label", kinds=("plain_text",)) + _element(block["element"])
        return found + (_text(block["hint"], 2000, "hint", kinds=("plain_text",)) if "hint" in block else [])
    return []


def _element(one):
    if one.get("type") not in ELEMENTS:
        return [f"unknown element {one.get('type')}"]
    found = [] if 0 < len(one.get("action_id", "")) <= 255 else ["action_id"]
    if one["type"] == "button":
        found += _text(one["text"], 75, "button", kinds=("plain_text",))
        found += (
            [] if len(one.get("value", "")) <= 2000 and len(one.get("url", "")) <= 3000 else ["button value or url"]
        )
        found += [] if one.get("style") in (None, "primary", "danger") else ["button style"]
        found += _confirm(one["confirm"]) if "confirm" in one else []
    if one["type"] == "plain_text_input":
        found += _text(one["placeholder"], 150, "placeholder", kinds=("plain_text",)) if "placeholder" in one else []
        found += [] if one.get("max_length", 1) <= 3000 else ["max_length"]
    return found


def _confirm(confirm):
    limits = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
    return [problem for name, most in limits.items() for problem in _text(confirm[name], most, f"confirm {name}")]


def _text(text, most, where, kinds=("plain_text", "mrkdwn")):
    if not isinstance(text, dict) or text.get("type") not in kinds or not isinstance(text.get("text"), str):
        return [f"{where}: no text object"]
    length = len(text["text"])
    return [] if 1 <= length <= most else [f"{where}: {length} characters"]


def _size(value):
    if isinstance(value, dict):
        return sum(len(v) if k == "text" and isinstance(v, str) else _size(v) for k, v in value.items())
    return sum(map(_size, value)) if isinstance(value, list) else 0
