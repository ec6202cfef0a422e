"""What the team's desk knows of a ticket: priority, tags, until when it sleeps, where it goes on, when an answer is due."""

import datetime

import sqlalchemy as sql
from alembic import op

revision = "0017"
down_revision = "0016"
DESK_COLUMNS = ("priority", "tags", "snoozed_until", "merged_into", "since", "due_at")
INDEXED = ("tags", "snoozed_until", "merged_into")
FIRST_TARGET = datetime.timedelta(days=2)  # until a ticket that is there is touched again


def upgrade() -> None:
    """Add the columns; what waits has done so since it was last touched."""
    op.add_column("tickets", sql.Column("priority", sql.Integer, nullable=False, server_default="0"))
    op.add_column("tickets", sql.Column("tags", sql.String(400), nullable=False, server_default=""))
    op.add_column("tickets", sql.Column("snoozed_until", sql.DateTime, nullable=True))
    op.add_column("tickets", sql.Column("merged_into", sql.String(20), nullable=False, server_default=""))
    op.add_column("tickets", sql.Column("since", sql.DateTime, nullable=True))
    op.add_column("tickets", sql.Column("due_at", sql.DateTime, nullable=True))
    for name in INDEXED:
        op.create_index(f"ix_tickets_{name}", "tickets", [name])
    names = {name: sql.column(name, sql.DateTime) for name in ("updated_at", "since", "due_at")}
    tickets = sql.table("tickets", sql.column("reference", sql.String), sql.column("state", sql.String), *names.values())
    connection = op.get_bind()
    for row in connection.execute(sql.select(tickets)).all():
        due = row.updated_at + FIRST_TARGET if row.state in ("new", "assigned", "reopened") else None
        this = tickets.update().where(tickets.c.reference == row.reference)
        connection.execute(this.values(since=row.updated_at, due_at=due))


def downgrade() -> None:
    """Take them away."""
    for name in INDEXED:
        op.drop_index(f"ix_tickets_{name}", "tickets")
    for name in reversed(DESK_COLUMNS):
        op.drop_column("tickets", name)
