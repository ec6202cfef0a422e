"""An index of the tickets of a state by their last change: those that are resolved are most, and were all sorted."""

from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Make it; it takes the place of the one of the state alone."""
    op.create_index("ix_tickets_state_updated", "tickets", ["state", "updated_at", "reference"])
    op.drop_index("ix_tickets_state", "tickets")


def downgrade() -> None:
    """Take it away."""
    op.create_index("ix_tickets_state", "tickets", ["state"])
    op.drop_index("ix_tickets_state_updated", "tickets")
