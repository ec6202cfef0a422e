"""An index with all that the queue is filtered, counted and ordered by."""

from alembic import op

revision = "0021"
down_revision = "0020"
COLUMNS = ("state", "snoozed_until", "assigned_to", "tags", "priority", "due_at", "created_at", "updated_at", "reference")


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_tickets_queue", "tickets", list(COLUMNS))


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_tickets_queue", "tickets")
