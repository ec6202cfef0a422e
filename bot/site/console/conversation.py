"""A conversation, masked; and what else a ticket's person has here: other tickets, conversations."""

from typing import Any

from flask import abort, render_template

from bot.conversations.store import FILE
from bot.insight.masking import FILE_NAME, Masked, counted, masked_with
from bot.insight.person import conversations_of
from bot.site.console.entrance import bp, note, services
from bot.tickets.ticket import Line, Ticket

MOST_OTHER_TICKETS = 10


@bp.get("/conversations/<conversation_id>")
def conversation(conversation_id: str) -> str:
    """What was said, without what tells who said it."""
    said = services().store.all(conversation_id[:255])
    if not said:
        abort(404)
    note("conversation")
    found = [Masked(FILE_NAME) if one.utterance == FILE else masked_with(one.text) for one in said]
    lines = [(one.created_at, Line(one.role, shown.text)) for one, shown in zip(said, found)]
    hidden = counted(shown.kinds for shown in found).words
    return render_template("console/conversation.html", lines=lines, hidden=hidden)


def person_of(ticket: Ticket) -> dict[str, Any]:
    """The other tickets with the ticket's addresses, and the conversations in which they were proven."""
    filed = [one for one in services().tickets.filed_by(ticket.addresses) if one.reference != ticket.reference]
    talks = conversations_of(services().database, ticket.proven, also=ticket.conversation_id)
    return {
        "tickets": filed[:MOST_OTHER_TICKETS],
        "more_tickets": max(0, len(filed) - MOST_OTHER_TICKETS),
        "conversations": talks,
    }
