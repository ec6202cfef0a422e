"""Which messages were answered together, and who is answering now, so that all processes agree on both."""

import sqlalchemy as sql
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the columns, and let no message be kept twice."""
    with op.batch_alter_table("conversations") as table:
        table.add_column(sql.Column("answering", sql.String(36), nullable=True))
        table.add_column(sql.Column("answering_until", sql.DateTime, nullable=True))
    with op.batch_alter_table("messages") as table:
        table.add_column(sql.Column("payload", sql.String(200), nullable=False, server_default=""))
        table.add_column(sql.Column("turn", sql.String(36), nullable=True))
        table.add_column(sql.Column("attempts", sql.Integer, nullable=False, server_default="0"))
    op.create_index("ix_messages_client_id", "messages", ["conversation_id", "client_id"], unique=True)


def downgrade() -> None:
    """The messages stay; column by column, because SQLite would make the tables anew and delete what refers to them."""
    op.drop_index("ix_messages_client_id", "messages")
    for column in ("attempts", "turn", "payload"):
        op.drop_column("messages", column)
    for column in ("answering_until", "answering"):
        op.drop_column("conversations", column)
