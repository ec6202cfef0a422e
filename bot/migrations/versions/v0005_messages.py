"""When a message was said, and the id that the sender's browser gave it, so that a repeat is recognised."""

import sqlalchemy as sql
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add both to the messages."""
    with op.batch_alter_table("messages") as table:
        table.add_column(sql.Column("created_at", sql.DateTime, nullable=True))
        table.add_column(sql.Column("client_id", sql.String(36), nullable=True))


def downgrade() -> None:
    """The messages stay, without both."""
    op.drop_column("messages", "client_id")
    op.drop_column("messages", "created_at")
