"""POST /api/conversations/transcript: the conversation by mail, to the address that it has proven and to no other."""

from flask import Blueprint, Response, current_app, jsonify, request

from bot.site import guard
from bot.site.api import readable_history

bp = Blueprint("transcript_mail", __name__, url_prefix="/api/conversations")


@bp.post("/transcript")
def send() -> Response:
    """Send it to the address that was proven last; says where it goes."""
    services, limiter = current_app.extensions["services"], current_app.extensions["limiter"]
    conversation_id = guard.conversation_id()
    proven = guard.proven_addresses(conversation_id)
    limiter.check("transcripts of a conversation", conversation_id)
    limiter.check_caller("transcripts", request.remote_addr)
    services.transcripts.send(proven[0], readable_history(conversation_id))
    return jsonify(address=proven[0])
