"""Canned answers, and who of the team looks at which ticket."""

import sqlalchemy as sql
from alembic import op

from bot.migrations.going_back import drop_empty

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Make the tables of bot/desk/store.py."""
    op.create_table(
        "canned_answers",
        sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
        sql.Column("title", sql.String(80), nullable=False, unique=True),
        sql.Column("text", sql.Text, nullable=False),
        sql.Column("changed_by", sql.String(255), nullable=False),
        sql.Column("changed_at", sql.DateTime, nullable=False),
    )
    op.create_table(
        "ticket_viewers",
        sql.Column(
            "reference", sql.String(20), sql.ForeignKey("tickets.reference", ondelete="CASCADE"), primary_key=True
        ),
        sql.Column("who", sql.String(255), primary_key=True),
        sql.Column("at", sql.DateTime, nullable=False, index=True),
        sql.Column("writes", sql.Boolean, nullable=False),
    )


def downgrade() -> None:
    """Take them away, if empty."""
    drop_empty("ticket_viewers", "canned_answers")
