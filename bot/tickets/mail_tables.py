"""The tables about mail: which mail is about which ticket, and how the inbox was last found."""

import hashlib
from dataclasses import dataclass

import sqlalchemy as sql

from bot.database import Moment, metadata

ticket_mails = sql.Table(  # by which an answer, or a report of what was not delivered, finds its ticket
    "ticket_mails",
    metadata,
    sql.Column("id", sql.String(64), primary_key=True),  # of a letter of ours; of others' mails see `mail_id`
    sql.Column("reference", sql.ForeignKey("tickets.reference", ondelete="CASCADE"), nullable=False, index=True),
    sql.Column("to_team", sql.Boolean, nullable=False),
)
inboxes = sql.Table(
    "inboxes",
    metadata,
    sql.Column("name", sql.String(16), primary_key=True),
    sql.Column("read_at", Moment, nullable=True),  # last without a problem
    sql.Column("problem", sql.String(200), nullable=False),  # of the last look, "" if none
)


@dataclass(frozen=True)
class TicketMail:
    """A mail about a ticket; `to_team` says that it went to the team and not to the learner."""

    reference: str
    to_team: bool


def mail_id(message_id: str) -> str:
    """The id by which somebody else's mail is kept, whatever its length."""
    return hashlib.sha256(message_id.encode("utf-8", "replace")).hexdigest()
