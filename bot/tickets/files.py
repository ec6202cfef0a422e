"""Files of tickets: what comes with an event, and what a learner adds in between."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection

from bot.attachments import records
from bot.attachments.attachment import Attachment
from bot.outbox.templates import line
from bot.tickets.ticket import Ticket, TicketEvent, What

if TYPE_CHECKING:
    from bot.tickets.service import Tickets


def with_files(
    connection: Connection, ticket: Ticket, event: TicketEvent, keys: Sequence[str], conversations: Sequence[str]
) -> TicketEvent:
    """The event with its files, which are the ticket's from now on.

    What the learner writes takes along what waits in their conversations.
    """
    waiting = conversations if event.what is What.ANSWERED else ()
    event_key = event.key or f"files {uuid.uuid4()}"
    files = records.bind(connection, keys, ticket.reference, waiting, event_key)
    return replace(event, key=event_key, files=files) if files else event


def hand_in(tickets: "Tickets", file: Attachment, via: str) -> str:
    """A file that a learner has just added to a conversation goes to its open ticket.

    Returns:
        The ticket's reference; "" where there is none, and the file waits for one.
    """
    ticket = tickets.of_conversation(file.conversation_id)
    if ticket is None or not ticket.open:
        return ""
    add_later(tickets, ticket.reference, [file], via)
    return ticket.reference


def add_later(tickets: "Tickets", reference: str, files: Sequence[Attachment], via: str) -> None:
    """Files of the learner's go to a ticket that there is; those that are some ticket's already stay there."""
    added = [file for file in files if not file.reference]
    if added:
        text, key = line("files_added", names=[file.name for file in added]), f"file {added[0].id}"
        tickets.answer(reference, text, via, key=key, files=[file.id for file in added])
