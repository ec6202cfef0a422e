"""Indexes for what went through whole tables: kinds of events, letters out, who looked people up, far pages."""

from alembic import op
from sqlalchemy import text

revision = "0024"
down_revision = "0023"
DELIVERED = text("delivered_at IS NOT NULL")


def upgrade() -> None:
    """Make them."""
    op.create_index("ix_ticket_events_what", "ticket_events", ["what", "at"])
    op.create_index(
        "ix_outbox_delivered", "outbox", ["delivered_at"], sqlite_where=DELIVERED, postgresql_where=DELIVERED
    )
    op.create_index("ix_lookups_asker", "lookups", ["asker", "at"])
    op.drop_index("ix_tickets_updated_at", "tickets")
    op.create_index("ix_tickets_updated", "tickets", ["updated_at", "reference"])


def downgrade() -> None:
    """Take them away."""
    op.create_index("ix_tickets_updated_at", "tickets", ["updated_at"])
    op.drop_index("ix_tickets_updated", "tickets")
    op.drop_index("ix_lookups_asker", "lookups")
    op.drop_index("ix_outbox_delivered", "outbox")
    op.drop_index("ix_ticket_events_what", "ticket_events")
