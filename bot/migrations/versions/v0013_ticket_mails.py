"""Which mail is about which ticket, and how the inbox was last found."""

import sqlalchemy as sql
from alembic import op

from bot.migrations.going_back import drop_empty

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make the tables of bot/tickets/mail_tables.py; the first mails of the tickets that there are go into them."""
    op.create_table(
        "ticket_mails",
        sql.Column("id", sql.String(64), primary_key=True),
        sql.Column(
            "reference",
            sql.String(20),
            sql.ForeignKey("tickets.reference", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sql.Column("to_team", sql.Boolean, nullable=False),
    )
    op.create_table(
        "inboxes",
        sql.Column("name", sql.String(16), primary_key=True),
        sql.Column("read_at", sql.DateTime, nullable=True),
        sql.Column("problem", sql.String(200), nullable=False),
    )
    for thread, to_team in (("team_thread", "true"), ("learner_thread", "false")):
        op.execute(
            f"INSERT INTO ticket_mails (id, reference, to_team) "  # noqa: S608  names of ours
            f"SELECT {thread}, reference, {to_team} FROM tickets "
            f"WHERE {thread} <> '' AND {thread} NOT IN (SELECT id FROM ticket_mails)"
        )


def downgrade() -> None:
    """Take the tables away, if empty."""
    drop_empty("ticket_mails", "inboxes")
