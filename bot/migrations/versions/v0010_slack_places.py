"""Where in Slack the person of a conversation can be told what the team answers."""

import sqlalchemy as sql
from alembic import op

from bot.migrations.going_back import drop_empty

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "slack_places",
        sql.Column("conversation_id", sql.String(36), primary_key=True),
        sql.Column("channel", sql.String(32), nullable=False),
        sql.Column("at", sql.DateTime, nullable=False),
    )
    op.create_index("ix_slack_places_at", "slack_places", ["at"])


def downgrade() -> None:
    """Take the table away, if empty."""
    drop_empty("slack_places")
