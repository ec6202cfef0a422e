"""The content studio: drafts with their changes, trials, publications."""

import sqlalchemy as sql
from alembic import op

from bot.migrations.going_back import drop_empty

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Make the tables of bot/studio/store.py."""
    op.create_table(
        "content_drafts",
        sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
        sql.Column("title", sql.String(120), nullable=False),
        sql.Column("author", sql.String(255), nullable=False),
        sql.Column("created_at", sql.DateTime, nullable=False),
        sql.Column("updated_at", sql.DateTime, nullable=False),
        sql.Column("state", sql.String(16), nullable=False, index=True),
        sql.Column("revision", sql.Integer, nullable=False),
        sql.Column("brings_in", sql.String(64), nullable=False),
    )
    op.create_table(
        "content_changes",
        sql.Column(
            "draft_id", sql.Integer, sql.ForeignKey("content_drafts.id", ondelete="CASCADE"), primary_key=True
        ),
        sql.Column("item", sql.String(255), primary_key=True),
        sql.Column("change", sql.Text, nullable=False),
        sql.Column("by", sql.String(255), nullable=False),
        sql.Column("at", sql.DateTime, nullable=False),
        sql.Column("version", sql.Integer, nullable=False),
        sql.Column("authors", sql.Text, nullable=False),
        sql.Column("undone", sql.Boolean, nullable=False),
    )
    op.create_table(
        "content_trials",
        sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
        sql.Column(
            "draft_id", sql.Integer, sql.ForeignKey("content_drafts.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sql.Column("digest", sql.String(64), nullable=False),
        sql.Column("by", sql.String(255), nullable=False),
        sql.Column("asked_at", sql.DateTime, nullable=False),
        sql.Column("state", sql.String(16), nullable=False, index=True),
        sql.Column("share", sql.Float, nullable=False),
        sql.Column("words", sql.Text, nullable=False),
        sql.Column("result", sql.Text, nullable=False),
        sql.Column("model", sql.String(255), nullable=False),
        sql.Column("worker", sql.String(100), nullable=False),
        sql.Column("begun_at", sql.DateTime, nullable=True),
        sql.Column("touched_at", sql.DateTime, nullable=True),
        sql.Column("ended_at", sql.DateTime, nullable=True),
    )
    op.create_table(
        "content_publications",
        sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
        sql.Column("at", sql.DateTime, nullable=False),
        sql.Column("by", sql.String(255), nullable=False),
        sql.Column("approved_by", sql.String(255), nullable=False),
        sql.Column("message", sql.Text, nullable=False),
        sql.Column("override", sql.Text, nullable=False),
        sql.Column("floors_fallen", sql.Text, nullable=False),
        sql.Column("reason", sql.Text, nullable=False),
        sql.Column("draft_id", sql.Integer, nullable=False, index=True),
        sql.Column("authors", sql.Text, nullable=False),
        sql.Column("state", sql.String(16), nullable=False, index=True),
        sql.Column("commit_id", sql.String(64), nullable=False),
        sql.Column("model", sql.String(255), nullable=False),
        sql.Column("root", sql.String(255), nullable=False),
        sql.Column("back_to", sql.Integer, nullable=True),
        sql.Column("digest", sql.String(64), nullable=False),
        sql.Column("follows", sql.Integer, nullable=False),
        sql.Column("installed", sql.String(64), nullable=False),
        sql.Column("holder", sql.String(100), nullable=False),
        sql.Column("touched_at", sql.DateTime, nullable=True),
    )


def downgrade() -> None:
    """Take them away, if empty."""
    drop_empty("content_publications", "content_trials", "content_changes", "content_drafts")
