"""Mails that came in, as they came: those of tickets, and those that were refused."""

import sqlalchemy as sql
from alembic import op

from bot.migrations.going_back import drop_empty

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the table of bot/tickets/mail_store."""
    op.create_table(
        "incoming_mails",
        sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
        sql.Column("key", sql.String(100), nullable=False, unique=True),
        sql.Column(
            "reference",
            sql.String(20),
            sql.ForeignKey("tickets.reference", ondelete="CASCADE"),
            nullable=True,
            index=True,
        ),
        sql.Column("state", sql.String(12), nullable=False, index=True),
        sql.Column("reason", sql.String(20), nullable=False),
        sql.Column("sender", sql.String(255), nullable=False, index=True),
        sql.Column("subject", sql.String(500), nullable=False),
        sql.Column("text", sql.Text, nullable=False),
        sql.Column("rest", sql.Text, nullable=False),
        sql.Column("content", sql.LargeBinary, nullable=False),
        sql.Column("whole", sql.Boolean, nullable=False),
        sql.Column("received_at", sql.DateTime, nullable=False, index=True),
        sql.Column("told_at", sql.DateTime, nullable=True),
        sql.Column("handled_by", sql.String(255), nullable=False),
    )


def downgrade() -> None:
    """Take the table away, if empty."""
    drop_empty("incoming_mails")
