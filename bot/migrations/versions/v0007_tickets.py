"""Tickets and their history."""

import sqlalchemy as sql
from alembic import op

from bot.migrations.going_back import drop_empty

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the tables of bot/tickets."""
    op.create_table(
        "tickets",
        sql.Column("reference", sql.String(20), primary_key=True),
        sql.Column("year", sql.Integer, nullable=False),
        sql.Column("number", sql.Integer, nullable=False),
        sql.Column("key", sql.String(100), nullable=False, unique=True),
        sql.Column("conversation_id", sql.String(255), nullable=False, index=True),
        sql.Column("channel", sql.String(16), nullable=False),
        sql.Column("state", sql.String(16), nullable=False, index=True),
        sql.Column("contact", sql.String(255), nullable=False, index=True),
        sql.Column("about", sql.Text, nullable=False),
        sql.Column("reason", sql.String(20), nullable=False),
        sql.Column("suggested_action", sql.String(20), nullable=False),
        sql.Column("assigned_to", sql.String(255), nullable=False),
        sql.Column("details", sql.Text, nullable=False),
        sql.Column("team_thread", sql.String(36), nullable=False),
        sql.Column("learner_thread", sql.String(36), nullable=False),
        sql.Column("created_at", sql.DateTime, nullable=False, index=True),
        sql.Column("updated_at", sql.DateTime, nullable=False, index=True),
        sql.Column("reminded_at", sql.DateTime, nullable=True),
        sql.UniqueConstraint("year", "number"),
    )
    op.create_table(
        "ticket_numbers",
        sql.Column("year", sql.Integer, primary_key=True, autoincrement=False),
        sql.Column("last", sql.Integer, nullable=False),
    )
    op.create_table(
        "ticket_events",
        sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
        sql.Column(
            "reference",
            sql.String(20),
            sql.ForeignKey("tickets.reference", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sql.Column("at", sql.DateTime, nullable=False),
        sql.Column("who", sql.String(255), nullable=False),
        sql.Column("what", sql.String(16), nullable=False),
        sql.Column("text", sql.Text, nullable=False),
        sql.Column("via", sql.String(16), nullable=False),
        sql.Column("key", sql.String(255), nullable=True, unique=True),
    )


def downgrade() -> None:
    """Take the tables away, if empty."""
    drop_empty("ticket_events", "ticket_numbers", "tickets")
