"""Training completions and issued badges."""

import sqlalchemy as sql
from alembic import op

from bot.migrations.going_back import drop_empty

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "completions",
        sql.Column("email", sql.String(254), primary_key=True),
        sql.Column("credential", sql.String(200), primary_key=True),
        sql.Column("attempt", sql.String(10), primary_key=True),
        sql.Column("title", sql.String(200), nullable=False),
        sql.Column("percent", sql.Integer, nullable=True),
        sql.Column("completed_on", sql.Date, nullable=True),
        sql.Column("result", sql.String(6), nullable=False),
        sql.Column("name", sql.String(200), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "badges",
        sql.Column("id", sql.String(64), primary_key=True),
        sql.Column("email", sql.String(254), nullable=False, index=True),
        sql.Column("credential", sql.String(200), nullable=False),
        sql.Column("title", sql.String(200), nullable=False),
        sql.Column("state", sql.String(8), nullable=False),
        sql.Column("issued_on", sql.Date, nullable=False),
        sql.Column("expires_on", sql.Date, nullable=True),
        sql.Column("url", sql.String(500), nullable=False),
        sql.Column("name", sql.String(200), nullable=False),
        sql.Column("issuer", sql.String(200), nullable=False),
    )


def downgrade() -> None:
    """Take both tables away, if empty."""
    drop_empty("badges", "completions")
