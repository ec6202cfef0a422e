"""Messages in Slack in whose thread a learner can answer the team."""

import sqlalchemy as sql
from alembic import op

from bot.migrations.going_back import drop_empty

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "slack_threads",
        sql.Column("id", sql.String(80), primary_key=True),
        sql.Column(
            "reference",
            sql.String(20),
            sql.ForeignKey("tickets.reference", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sql.Column("at", sql.DateTime, nullable=False, index=True),
    )


def downgrade() -> None:
    """Take the table away, if empty."""
    drop_empty("slack_threads")
