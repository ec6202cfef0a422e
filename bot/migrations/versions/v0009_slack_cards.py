"""Where in Slack the message about a ticket stands, so that it is changed in place."""

import sqlalchemy as sql
from alembic import op

from bot.migrations.going_back import drop_empty

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "slack_cards",
        sql.Column("key", sql.String(40), primary_key=True),
        sql.Column("channel", sql.String(32), nullable=False),
        sql.Column("ts", sql.String(32), nullable=False),
        sql.Column("version", sql.String(32), nullable=False),
    )


def downgrade() -> None:
    """Take the table away, if empty."""
    drop_empty("slack_cards")
