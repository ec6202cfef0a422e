"""From which network codes, tickets and conversations came, by a keyed hash, and which door a wrong code was tried at."""

import sqlalchemy as sql
from alembic import op

revision = "0015"
down_revision = "0014"
COUNTED = ("one_time_codes", "tickets")


def upgrade() -> None:
    """Add the columns; what is there already counts for no network."""
    for table in ("conversations", "wrong_tries", *COUNTED):
        op.add_column(table, sql.Column("network", sql.String(64), nullable=False, server_default=""))
    op.add_column("wrong_tries", sql.Column("channel", sql.String(16), nullable=False, server_default="site"))
    for table in COUNTED:
        op.create_index(f"ix_{table}_network", table, ["network", "created_at"])


def downgrade() -> None:
    """Take them away, column by column, because SQLite would make the tables anew and delete what refers to them."""
    for table in COUNTED:
        op.drop_index(f"ix_{table}_network", table)
    op.drop_column("wrong_tries", "channel")
    for table in ("conversations", "wrong_tries", *COUNTED):
        op.drop_column(table, "network")
