"""The outbox."""

import sqlalchemy as sql
from alembic import op

from bot.migrations.going_back import drop_empty

revision = "0003"
down_revision = "0002"

WAITING = sql.text("delivered_at IS NULL AND dead_at IS NULL")
DEAD = sql.text("dead_at IS NOT NULL")


def upgrade() -> None:
    """Make the table, and small indexes over what is not finished."""
    op.create_table(
        "outbox",
        sql.Column("id", sql.String(36), primary_key=True),
        sql.Column("kind", sql.String(16), nullable=False),
        sql.Column("payload", sql.Text, nullable=False),
        sql.Column("created_at", sql.DateTime, nullable=False),
        sql.Column("due_at", sql.DateTime, nullable=False),
        sql.Column("give_up_at", sql.DateTime, nullable=False),
        sql.Column("tries", sql.Integer, nullable=False),
        sql.Column("leased_until", sql.DateTime, nullable=True),
        sql.Column("leased_by", sql.String(100), nullable=True),
        sql.Column("delivered_at", sql.DateTime, nullable=True),
        sql.Column("dead_at", sql.DateTime, nullable=True),
        sql.Column("last_error", sql.String(100), nullable=True),
        sql.Column("not_after", sql.DateTime, nullable=True),
        sql.Column("secret", sql.Boolean, nullable=False),
    )
    op.create_index("ix_outbox_due", "outbox", ["due_at"], sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_index("ix_outbox_dead", "outbox", ["dead_at"], sqlite_where=DEAD, postgresql_where=DEAD)


def downgrade() -> None:
    """Take the table away, if empty."""
    drop_empty("outbox")
