"""Events from Slack, kept until they are done, and what was said in answer, so that each is done and said once."""

import sqlalchemy as sql
from alembic import op

from bot.migrations.going_back import drop_empty

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "slack_events",
        sql.Column("id", sql.String(64), primary_key=True),
        sql.Column("received_at", sql.DateTime, nullable=False),
        sql.Column("body", sql.Text, nullable=False),
        sql.Column("held_by", sql.String(100), nullable=False),
        sql.Column("held_until", sql.DateTime, nullable=False),
        sql.Column("tries", sql.Integer, nullable=False),
        sql.Column("done_at", sql.DateTime, nullable=True),
    )
    op.create_index("ix_slack_events_received_at", "slack_events", ["received_at"])
    op.create_table(
        "slack_said",
        sql.Column("id", sql.String(36), primary_key=True),
        sql.Column("at", sql.DateTime, nullable=False),
    )
    op.create_index("ix_slack_said_at", "slack_said", ["at"])


def downgrade() -> None:
    """Take both tables away, if empty."""
    drop_empty("slack_said", "slack_events")
