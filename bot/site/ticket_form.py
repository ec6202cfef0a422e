"""POST /api/tickets: the plain form, for when the assistant is down; nothing but the database is needed."""

import uuid
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from bot.identity.address import normalise
from bot.site import guard
from bot.site.api import body, client_id, fitting
from bot.site.attachments import claimed
from bot.site.errors import Refused
from bot.site.limits import caller
from bot.tickets.files import add_later
from bot.tickets.ticket import HandoverReason, TicketRequest
from bot.tickets.transcript import transcript

CHANNEL = "form"
bp = Blueprint("ticket_form", __name__, url_prefix="/api")
FORM_REASONS = (HandoverReason.NO_ASSISTANT.value, HandoverReason.REQUESTED.value)


@bp.get("/team")
def team() -> Response:
    """How soon the team usually answers, and when it works, in words; "" where nothing is known."""
    current_app.extensions["limiter"].check_caller("pages", request.remote_addr)
    expected = current_app.extensions["services"].answer_times.expected()
    return jsonify(within=expected.within, hours=expected.hours)


@bp.post("/tickets")
def open_ticket() -> tuple[Response, int]:
    """A ticket from an address and a text; with the conversation so far, if there is one."""
    current_app.extensions["limiter"].check_caller("tickets", request.remote_addr)
    given = body()
    contact, about, files = address(given), words(given), claimed(given.get("files"))
    services = current_app.extensions["services"]
    conversation_id = _conversation()
    proven = tuple(services.identity.proven(conversation_id)) if conversation_id else ()
    said = services.store.all(conversation_id) if conversation_id else []
    ticket = services.tickets.open(
        TicketRequest(
            key=f"form {client_id(given) or uuid.uuid4()}",
            conversation_id=conversation_id,
            channel=CHANNEL,
            contact=contact,
            about=about,
            reason=reason(given),
            proven=proven,
            transcript=transcript(said),
            network=caller(),
            files=files,
        )
    )
    add_later(services.tickets, ticket.reference, services.attachments.some(files), CHANNEL)
    return jsonify(reference=ticket.reference), 201


def address(given: dict[str, Any]) -> str:
    """The address to answer to; raises InvalidAddress."""
    value = given.get("email")
    return normalise(value if isinstance(value, str) else "")


def words(given: dict[str, Any]) -> str:
    """What it is about; raises EmptyText or TextTooLong."""
    value = given.get("about")
    return fitting(value if isinstance(value, str) else "", "Please write what it is about.")


def reason(given: dict[str, Any]) -> HandoverReason:
    """Why the form was used, that the assistant is away unless something else is said; raises Refused (400)."""
    value = given.get("reason", HandoverReason.NO_ASSISTANT.value)
    if value not in FORM_REASONS:
        raise Refused(400, "malformed", f'"reason" must be one of {", ".join(FORM_REASONS)}.')
    return HandoverReason(value)


def _conversation() -> str:
    """The conversation of this browser, "" if none."""
    try:
        found = guard.conversation_id()
    except Refused:
        return ""
    return found if current_app.extensions["services"].conversations.exists(found) else ""
