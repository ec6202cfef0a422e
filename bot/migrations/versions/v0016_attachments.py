"""Files that were added to conversations and tickets; their contents lie elsewhere."""

import sqlalchemy as sql
from alembic import op

from bot.migrations.going_back import drop_empty

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make the table."""
    ticket = sql.ForeignKey("tickets.reference", ondelete="CASCADE")
    op.create_table(
        "attachments",
        sql.Column("id", sql.String(32), primary_key=True),
        sql.Column("name", sql.String(120), nullable=False),
        sql.Column("kind", sql.String(40), nullable=False),
        sql.Column("size", sql.Integer, nullable=False),
        sql.Column("sha256", sql.String(64), nullable=False),
        sql.Column("who", sql.String(255), nullable=False),
        sql.Column("at", sql.DateTime, nullable=False, index=True),
        sql.Column("network", sql.String(64), nullable=False),
        sql.Column("conversation_id", sql.String(36), nullable=False, index=True),
        sql.Column("reference", sql.String(20), ticket, nullable=True, index=True),
        sql.Column("event_key", sql.String(255), nullable=False),
        sql.Column("message_id", sql.String(36), nullable=False),
        sql.Index("ix_attachments_network", "network", "at"),
    )


def downgrade() -> None:
    """Take the table away, if empty."""
    drop_empty("attachments")
