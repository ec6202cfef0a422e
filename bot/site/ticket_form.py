"""POST /api/tickets: the plain form, for when the assistant is down; nothing but the database is needed."""

import uuid
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from bot.identity.address import normalise
from bot.site import guard
from bot.site.api import body, client_id, fitting
from bot.site.errors import Refused
from bot.site.limits import network
from bot.tickets.ticket import HandoverReason, TicketRequest
from bot.tickets.transcript import transcript

bp = Blueprint("ticket_form", __name__, url_prefix="/api")


@bp.post("/tickets")
def open_ticket() -> tuple[Response, int]:
    """A ticket from an address and a text; with the conversation so far, if there is one."""
    limiter = current_app.extensions["limiter"]
    limiter.check("tickets of an address", network(request.remote_addr))
    given = body()
    contact, about = address(given), words(given)
    limiter.check("tickets of a contact", contact)
    services = current_app.extensions["services"]
    conversation_id = _conversation()
    proven = tuple(services.identity.proven(conversation_id)) if conversation_id else ()
    said = services.store.all(conversation_id) if conversation_id else []
    ticket = services.tickets.open(
        TicketRequest(
            key=f"form {client_id(given) or uuid.uuid4()}",
            conversation_id=conversation_id,
            channel="site",
            contact=contact,
            about=about,
            reason=HandoverReason.NO_ASSISTANT,
            proven=proven,
            transcript=transcript(said),
        )
    )
    return jsonify(reference=ticket.reference), 201


def address(given: dict[str, Any]) -> str:
    """The address to answer to; raises InvalidAddress."""
    value = given.get("email")
    return normalise(value if isinstance(value, str) else "")


def words(given: dict[str, Any]) -> str:
    """What it is about; raises EmptyText or TextTooLong."""
    value = given.get("about")
    return fitting(value if isinstance(value, str) else "", "Please write what it is about.")


def _conversation() -> str:
    """The conversation of this browser, "" if none."""
    try:
        found = guard.conversation_id()
    except Refused:
        return ""
    return found if current_app.extensions["services"].conversations.exists(found) else ""
