"""The chat API: conversations, messages, feedback."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from bot.attachments.attachment import Attachment
from bot.clock import iso
from bot.content.kinds import is_public
from bot.content.links import linked_html
from bot.content.markdown import resolve_links, to_html
from bot.conversations.message import LONGEST_TEXT, UserInput, clean
from bot.conversations.service import Conversations
from bot.conversations.store import Message
from bot.errors import EmptyText, InvalidToken, NoConversation, TextTooLong
from bot.identity.service import Identity
from bot.site import guard
from bot.site.errors import Refused
from bot.site.limits import Limiter, caller, network
from bot.site.records import is_of_record, readable

bp = Blueprint("api", __name__, url_prefix="/api")


@bp.post("/conversations")
def begin() -> tuple[Response, int]:
    """Start a conversation with the greeting; with an identity token, as the learner whom it names."""
    return _begun(*_begin()), 201


@bp.post("/conversations/restart")
def restart() -> tuple[Response, int]:
    """The same for who leaves a conversation, with the token by which they may come back to it."""
    left = _left()
    former = guard.token(left) if left and _conversations().exists(left) else None
    return _begun(*_begin(), former=former), 201


@bp.post("/conversations/resume")
def resume() -> Response:
    """Back to the conversation that was left by starting again: who has its token had it before."""
    _limiter().check_caller("conversations", request.remote_addr)
    given = body()
    former = given.get("former")
    conversation_id = guard.conversation_of(former if isinstance(former, str) else "")
    if not _conversations().exists(conversation_id):
        raise NoConversation
    token = identity_token()
    if token:
        _identity().prove_by_token(conversation_id, token, _left())
    return _begun(conversation_id, readable_history(conversation_id))


@bp.post("/messages")
def say() -> Response:
    """One typed text or one pressed button."""
    conversation_id = guard.conversation_id()
    _limiter().check("messages of a conversation", conversation_id)
    _limiter().check_caller("messages", request.remote_addr)
    said = parse(body())
    with current_app.extensions["in_progress"].one_of(network(request.remote_addr)):
        replies = _conversations().say(conversation_id, said)
    return jsonify(messages=told(conversation_id, _readable(conversation_id, replies)))


@bp.get("/messages")
def history() -> Response:
    """The conversation so far, or what came after one message."""
    after = request.args.get("after", "")
    if after and not _is_uuid(after):
        raise Refused(400, "malformed", '"after" must be the id of a message.')
    conversation_id = current_conversation()
    _limiter().check("looks of a conversation", conversation_id)
    return jsonify(messages=told(conversation_id, readable_history(conversation_id, after)))


@bp.post("/messages/<uuid:message_id>/feedback")
def feedback(message_id: uuid.UUID) -> tuple[str, int]:
    """Whether an answer helped."""
    conversation_id, given = current_conversation(), body()
    _limiter().check("ratings of a conversation", conversation_id)
    helpful, comment = given.get("helpful"), given.get("comment")
    if not isinstance(helpful, bool):
        raise Refused(400, "malformed", '"helpful" must be true or false.')
    if comment is not None and not isinstance(comment, str):
        raise Refused(400, "malformed", '"comment" must be a text.')
    comment = clean(comment)[:LONGEST_TEXT] if comment else None
    _conversations().rate(conversation_id, str(message_id), helpful, comment)
    return "", 204


def readable_history(conversation_id: str, after: str = "") -> list[Message]:
    """What of a conversation may still be read, or what came after one message; raises UnknownMessage."""
    return _readable(conversation_id, _conversations().history(conversation_id, after))


def body() -> dict[str, Any]:
    """The JSON object of the request; raises Refused when it is none (400), or not sent as JSON (415).

    Browsers send no JSON to another site without asking that site first.
    """
    if not request.is_json:
        raise Refused(415, "not_json", "The request must be sent as application/json.")
    try:
        given = request.get_json(silent=True)
    except RecursionError:
        given = None
    if not isinstance(given, dict):
        raise Refused(400, "malformed", "The request must be a JSON object.")
    return given


def parse(given: dict[str, Any]) -> UserInput:
    """Exactly one of `text` and `payload`, usable, with the browser's own id; raises Refused, and as `fitting` does."""
    if ("text" in given) == ("payload" in given):
        raise Refused(400, "malformed", 'Send either "text" or "payload".')
    name = "text" if "text" in given else "payload"
    value = given[name]
    if not isinstance(value, str):
        raise Refused(400, "malformed", f'"{name}" must be a text.')
    usable = fitting(value, "Please write something.")
    return UserInput(**{name: usable}, client_id=client_id(given))


def fitting(value: str, if_empty: str) -> str:
    """A text that can be used, cleaned; raises TextTooLong, or EmptyText in the given words."""
    text = clean(value)
    if len(text) > LONGEST_TEXT:
        raise TextTooLong(LONGEST_TEXT)
    if not text:
        raise EmptyText(if_empty)
    return text


def client_id(given: dict[str, Any]) -> str:
    """The id that the browser gave the message, "" if none; raises Refused when it is no UUID."""
    value = given.get("id")
    if value is None:
        return ""
    if not isinstance(value, str) or not _is_uuid(value):
        raise Refused(400, "malformed", '"id" must be a UUID.')
    return str(uuid.UUID(value))


def identity_token() -> str:
    """The identity token in the optional body, "" if none; raises Refused when it is no text."""
    value = body().get("identity_token") if request.get_data(cache=True) else None
    if value is not None and not isinstance(value, str):
        raise Refused(400, "malformed", '"identity_token" must be a text.')
    return value or ""


def told(conversation_id: str, messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Messages as the widget gets them, with their files."""
    files: dict[str, list[Attachment]] = {}
    if any(message.role != "bot" for message in messages):
        for file in current_app.extensions["services"].attachments.of_conversation(conversation_id):
            files.setdefault(file.message_id, []).append(file)
    return [as_json(message, files.get(message.id, ())) for message in messages]


def file_as_json(file: Attachment) -> dict[str, Any]:
    """What the widget shows of a file."""
    return {"id": str(file.uuid), "name": file.name, "size": file.size_words}


def as_json(message: Message, files: Sequence[Attachment] = ()) -> dict[str, Any]:
    """A message as the widget gets it; only the bot's is Markdown, and what the person wrote is shown as it is."""
    text, html = message.text, ""
    if message.role == "bot":
        text = resolve_links(text, current_app.extensions["services"].settings.links)
        html = public_html(text) if is_public(message.utterance) else to_html(text)
    elif message.role == "staff":
        html = linked_html(text)
    return {
        "id": message.id,
        "role": message.role,
        "text": text,
        "html": html,
        "buttons": _buttons(message.buttons),
        "suggestions": _buttons(message.suggestions),
        "utterance": message.utterance,
        "helpful": message.helpful,
        "at": iso(message.created_at, "milliseconds") if message.created_at else None,
        "client_id": message.client_id or None,
        "files": [file_as_json(file) for file in files],
    }


@lru_cache(maxsize=1000)
def public_html(text: str) -> str:
    """The HTML of what is said to many people in the same words; nothing about one of them may stay in memory here."""
    return to_html(text)


def _buttons(buttons: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    return [{"title": b["title"], "payload": b["payload"]} for b in buttons]


def _is_uuid(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False


def _prove(conversation_id: str, token: str) -> None:
    """The identity in the token, for this conversation; a refused one leaves no conversation behind."""
    try:
        _identity().prove_by_token(conversation_id, token, _left())
    except InvalidToken:
        _conversations().discard(conversation_id)
        raise


def _begin() -> tuple[str, list[Message]]:
    _limiter().check_caller("conversations", request.remote_addr)
    token = identity_token()
    conversation_id, greeting = _conversations().begin(network=caller())
    if token:
        _prove(conversation_id, token)
    return conversation_id, greeting


def _begun(conversation_id: str, messages: list[Message], **more: str | None) -> Response:
    """What a browser gets that has this conversation from now on."""
    begun = {"conversation_id": conversation_id, "token": guard.token(conversation_id), **more}
    return guard.remember(jsonify(**begun, messages=told(conversation_id, messages)), conversation_id)


def _left() -> str:
    """The conversation that this browser has had until now, "" if none."""
    try:
        return guard.conversation_id()
    except Refused:
        return ""


def _readable(conversation_id: str, messages: list[Message]) -> list[Message]:
    services = current_app.extensions["services"]
    if not any(is_of_record(message) for message in messages):
        return messages
    lifetime = datetime.timedelta(minutes=services.settings.proof_minutes)
    return readable(messages, services.identity.held(conversation_id), services.clock(), lifetime)


def _conversations() -> Conversations:
    found: Conversations = current_app.extensions["services"].conversations
    return found


def _identity() -> Identity:
    found: Identity = current_app.extensions["services"].identity
    return found


def _limiter() -> Limiter:
    found: Limiter = current_app.extensions["limiter"]
    return found


def current_conversation() -> str:
    """The conversation of this browser; raises Refused and NoConversation (401)."""
    conversation_id = guard.conversation_id()
    if not _conversations().exists(conversation_id):
        raise NoConversation
    return conversation_id
