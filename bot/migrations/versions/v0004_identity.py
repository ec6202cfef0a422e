"""One-time codes, wrong tries, proofs and the log of lookups."""

import sqlalchemy as sql
from alembic import op

from bot.migrations.going_back import drop_empty

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables of bot/identity."""
    op.create_table(
        "one_time_codes",
        sql.Column("id", sql.String(36), primary_key=True),
        sql.Column("conversation_id", sql.String(255), nullable=False),
        sql.Column("channel", sql.String(16), nullable=False),
        sql.Column("email", sql.String(255), nullable=False),
        sql.Column("code_hash", sql.String(64), nullable=False),
        sql.Column("created_at", sql.DateTime, nullable=False, index=True),
        sql.Column("expires_at", sql.DateTime, nullable=False),
        sql.Column("tries", sql.Integer, nullable=False),
        sql.Column("used_at", sql.DateTime, nullable=True),
        sql.Column("cancelled_at", sql.DateTime, nullable=True),
        sql.Index("ix_one_time_codes_email", "email", "created_at"),
        sql.Index("ix_one_time_codes_conversation_id", "conversation_id", "created_at"),
    )
    op.create_table(
        "wrong_tries",
        sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
        sql.Column("email", sql.String(255), nullable=False),
        sql.Column("at", sql.DateTime, nullable=False, index=True),
        sql.Index("ix_wrong_tries_email", "email", "at"),
    )
    op.create_table(
        "proofs",
        sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
        sql.Column("conversation_id", sql.String(255), nullable=False, index=True),
        sql.Column("email", sql.String(255), nullable=False),
        sql.Column("method", sql.String(16), nullable=False),
        sql.Column("proven_at", sql.DateTime, nullable=False),
        sql.Column("expires_at", sql.DateTime, nullable=False, index=True),
        sql.Column("token", sql.String(64), nullable=True, unique=True),
    )
    op.create_table(
        "lookups",
        sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
        sql.Column("at", sql.DateTime, nullable=False, index=True),
        sql.Column("conversation_id", sql.String(255), nullable=False),
        sql.Column("channel", sql.String(16), nullable=False),
        sql.Column("asker", sql.String(255), nullable=False),
        sql.Column("subject", sql.String(255), nullable=False, index=True),
        sql.Column("rights", sql.String(16), nullable=False),
        sql.Column("outcome", sql.String(40), nullable=False),
    )


def downgrade() -> None:
    """Take the tables away, if empty."""
    drop_empty("lookups", "proofs", "wrong_tries", "one_time_codes")
