"""In which other conversations a file is shown: those of tickets that were merged into one."""

import sqlalchemy as sql
from alembic import op

from bot.migrations.going_back import drop_empty

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Make the table."""
    file = sql.ForeignKey("attachments.id", ondelete="CASCADE")
    op.create_table(
        "attachments_elsewhere",
        sql.Column("attachment_id", sql.String(32), file, primary_key=True),
        sql.Column("conversation_id", sql.String(36), primary_key=True),
        sql.Column("message_id", sql.String(36), nullable=False),
        sql.Index("ix_attachments_elsewhere_conversation_id", "conversation_id"),
    )


def downgrade() -> None:
    """Take the table away, if empty."""
    drop_empty("attachments_elsewhere")
