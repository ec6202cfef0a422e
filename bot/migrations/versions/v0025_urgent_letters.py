"""An index of the letters that are of no use later, which go before all others."""

import sqlalchemy as sql
from alembic import op

revision = "0025"
down_revision = "0024"
URGENT = sql.text("delivered_at IS NULL AND dead_at IS NULL AND not_after IS NOT NULL")


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_outbox_urgent", "outbox", ["due_at"], sqlite_where=URGENT, postgresql_where=URGENT)


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_outbox_urgent", "outbox")
