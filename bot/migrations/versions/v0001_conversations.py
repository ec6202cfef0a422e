"""Conversations and messages."""

import sqlalchemy as sql
from alembic import op

from bot.migrations.going_back import drop_empty

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make both tables, unless a version from before the migrations has made them."""
    if sql.inspect(op.get_bind()).has_table("conversations"):
        return
    op.create_table(
        "conversations",
        sql.Column("id", sql.String(36), primary_key=True),
        sql.Column("channel", sql.String(16), nullable=False),
        sql.Column("created_at", sql.DateTime, nullable=False, index=True),
    )
    op.create_table(
        "messages",
        sql.Column("number", sql.Integer, primary_key=True, autoincrement=True),
        sql.Column("id", sql.String(36), nullable=False, unique=True),
        sql.Column(
            "conversation_id",
            sql.String(36),
            sql.ForeignKey("conversations.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sql.Column("role", sql.String(8), nullable=False),
        sql.Column("text", sql.Text, nullable=False),
        sql.Column("utterance", sql.String(120), nullable=False),
        sql.Column("buttons", sql.Text, nullable=False),
        sql.Column("helpful", sql.Boolean, nullable=True),
        sql.Column("comment", sql.Text, nullable=True),
    )


def downgrade() -> None:
    """Take both tables away, if empty."""
    drop_empty("messages", "conversations")
