"""Indexes for what went through whole tables: kinds of events, letters that are out, who looked people up."""

from alembic import op
from sqlalchemy import text

revision = "0023"
down_revision = "0022"
DELIVERED = text("delivered_at IS NOT NULL")


def upgrade() -> None:
    """Make them."""
    op.create_index("ix_ticket_events_what", "ticket_events", ["what", "at"])
    op.create_index(
        "ix_outbox_delivered", "outbox", ["delivered_at"], sqlite_where=DELIVERED, postgresql_where=DELIVERED
    )
    op.create_index("ix_lookups_asker", "lookups", ["asker", "at"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_lookups_asker", "lookups")
    op.drop_index("ix_outbox_delivered", "outbox")
    op.drop_index("ix_ticket_events_what", "ticket_events")
