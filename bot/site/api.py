"""The chat API: conversations, messages, feedback."""

import uuid
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from bot.conversations.service import Conversations
from bot.conversations.store import Message
from bot.errors import Refused
from bot.formatting import resolve_links, to_html
from bot.site import guard

bp = Blueprint("api", __name__, url_prefix="/api")
LONGEST_TEXT = 2000
MESSAGES_PER_MINUTE = 40
CONVERSATIONS_PER_MINUTE = 60


@bp.post("/conversations")
def begin() -> tuple[Response, int]:
    """Start a conversation with the greeting."""
    _limiter().check(f"begin {request.remote_addr}", CONVERSATIONS_PER_MINUTE)
    conversation_id, greeting = _conversations().begin()
    answer = jsonify(conversation_id=conversation_id, messages=[as_json(m) for m in greeting])
    return guard.remember(answer, conversation_id), 201


@bp.post("/messages")
def say() -> Response:
    """One typed text or one pressed button."""
    conversation_id = _current()
    _limiter().check(f"say {conversation_id}", MESSAGES_PER_MINUTE)
    replies = _conversations().say(conversation_id, **parse(body()))
    return jsonify(messages=[as_json(m) for m in replies])


@bp.get("/messages")
def history() -> Response:
    """The conversation so far."""
    return jsonify(messages=[as_json(m) for m in _conversations().history(_current())])


@bp.post("/messages/<uuid:message_id>/feedback")
def feedback(message_id: uuid.UUID) -> tuple[str, int]:
    """Whether an answer helped."""
    conversation_id, given = _current(), body()
    helpful, comment = given.get("helpful"), given.get("comment")
    if not isinstance(helpful, bool):
        raise Refused(400, "malformed", '"helpful" must be true or false.')
    if comment is not None and not isinstance(comment, str):
        raise Refused(400, "malformed", '"comment" must be a text.')
    comment = clean(comment)[:LONGEST_TEXT] if comment else None
    _conversations().rate(conversation_id, str(message_id), helpful, comment)
    return "", 204


def body() -> dict[str, Any]:
    """The JSON object of the request; raises Refused (400) when it is none."""
    try:
        given = request.get_json(force=True, silent=True)
    except RecursionError:
        given = None
    if not isinstance(given, dict):
        raise Refused(400, "malformed", "The request must be a JSON object.")
    return given


def parse(given: dict[str, Any]) -> dict[str, str]:
    """Exactly one of `text` and `payload`, usable; raises Refused otherwise."""
    if ("text" in given) == ("payload" in given):
        raise Refused(400, "malformed", 'Send either "text" or "payload".')
    name = "text" if "text" in given else "payload"
    value = given[name]
    if not isinstance(value, str):
        raise Refused(400, "malformed", f'"{name}" must be a text.')
    value = clean(value)
    if len(value) > LONGEST_TEXT:
        raise Refused(413, "too_long", f"Please shorten your message to {LONGEST_TEXT:,} characters.")
    if not value:
        raise Refused(400, "empty", "Please write something.")
    return {name: value}


def clean(text: str) -> str:
    """Without control characters and broken Unicode, which no one means to send."""
    readable = text.encode("utf-8", "ignore").decode("utf-8")
    return "".join(c for c in readable if c in "\n\t" or c.isprintable() or ord(c) > 0x9F).strip()


def as_json(message: Message) -> dict[str, Any]:
    """A message as the widget gets it; only the bot's is Markdown."""
    bot = message.role == "bot"
    text = resolve_links(message.text, current_app.extensions["services"].settings.links) if bot else message.text
    return {
        "id": message.id,
        "role": message.role,
        "text": text,
        "html": to_html(text) if bot else "",
        "buttons": [{"title": b["title"], "payload": b["payload"]} for b in message.buttons],
    }


def _conversations() -> Conversations:
    found: Conversations = current_app.extensions["services"].conversations
    return found


def _limiter() -> guard.Limiter:
    found: guard.Limiter = current_app.extensions["limiter"]
    return found


def _current() -> str:
    conversation_id = guard.conversation_id()
    if not _conversations().exists(conversation_id):
        raise Refused(401, "no_conversation", "This conversation has ended. Please start a new one.")
    return conversation_id
