"""Who wants to be told what becomes of a credential."""

import sqlalchemy as sql
from alembic import op

from bot.migrations.going_back import drop_empty

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the table of bot/watching."""
    op.create_table(
        "watches",
        sql.Column("id", sql.String(36), primary_key=True),
        sql.Column("conversation_id", sql.String(255), nullable=False, index=True),
        sql.Column("email", sql.String(255), nullable=False),
        sql.Column("address_hash", sql.String(64), nullable=False, index=True),
        sql.Column("credential", sql.String(200), nullable=False),
        sql.Column("title", sql.String(200), nullable=False),
        sql.Column("stage", sql.String(20), nullable=False),
        sql.Column("passed_after", sql.Date, nullable=False),
        sql.Column("created_at", sql.DateTime, nullable=False, index=True),
        sql.Column("checked_at", sql.DateTime, nullable=False, index=True),
        sql.UniqueConstraint("email", "credential"),
    )


def downgrade() -> None:
    """Take the table away, if empty."""
    drop_empty("watches")
