"""GET /api/conversations/past: the earlier conversations of an address that this one has proven, to be read."""

import datetime
import uuid

from flask import Blueprint, Response, current_app, jsonify

from bot.bootstrap import Services
from bot.clock import iso
from bot.insight.person import is_past_conversation, past_conversations
from bot.site import guard
from bot.site.api import current_conversation, told
from bot.site.errors import Refused
from bot.site.records import readable

bp = Blueprint("past", __name__, url_prefix="/api/conversations/past")


@bp.get("")
def past() -> Response:
    """When each began, and its first words; the newest first."""
    conversation_id, proven = who_has_proven()
    found = past_conversations(_services().database, proven, conversation_id)
    return jsonify(
        conversations=[{"id": one.id, "at": iso(one.began, "milliseconds"), "opening": one.opening} for one in found]
    )


@bp.get("/<uuid:past_id>")
def past_messages(past_id: uuid.UUID) -> Response:
    """One of them, without what it told of a record: somebody else may have proven another address there."""
    conversation_id, proven = who_has_proven()
    services = _services()
    if not is_past_conversation(services.database, str(past_id), proven, conversation_id):
        raise Refused(404, "unknown_conversation", "This conversation is not there any more.")
    said = services.conversations.history(str(past_id))
    shown = readable(said, held=(), now=services.clock(), lifetime=datetime.timedelta())
    return jsonify(messages=told(str(past_id), shown))


def who_has_proven() -> tuple[str, list[str]]:
    """The conversation of this browser and the addresses that it has proven; raises Refused and NoConversation."""
    conversation_id = current_conversation()
    current_app.extensions["limiter"].check("looks of a conversation", conversation_id)
    return conversation_id, guard.proven_addresses(conversation_id)


def _services() -> Services:
    found: Services = current_app.extensions["services"]
    return found
