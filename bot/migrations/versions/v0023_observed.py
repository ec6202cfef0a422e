"""Which request a letter comes from, and signs of life of the workers."""

import sqlalchemy as sql
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Add what bot/outbox/store.py and bot/heartbeats.py keep."""
    op.add_column("outbox", sql.Column("request_id", sql.String(64), nullable=False, server_default=""))
    op.add_column("outbox", sql.Column("trace_parent", sql.String(55), nullable=False, server_default=""))
    op.create_table(
        "heartbeats",
        sql.Column("worker", sql.String(100), primary_key=True),
        sql.Column("at", sql.DateTime, nullable=False),
    )


def downgrade() -> None:
    """Take it away: workers that live are noted again within seconds, and letters go out without their request."""
    op.drop_table("heartbeats")
    op.drop_column("outbox", "trace_parent")
    op.drop_column("outbox", "request_id")
