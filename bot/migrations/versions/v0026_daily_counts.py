"""Counts by day, and triggers that note which conversation or ticket has to be counted anew.

Triggers, so that a process of the version before notes it too while an upgrade goes on. What is there already is noted
by the first who counts (bot/insight/daily_counts.py).
"""

import sqlalchemy as sql
from alembic import op

revision = "0026"
down_revision = "0025"
COMMENTED = sql.text("comment IS NOT NULL")
OF_THE_FORM = "{row}.reason = 'no_assistant'"
CONVERSATION = "{row}.conversation_id"
TICKET = "CASE WHEN {row}.conversation_id = '' THEN {row}.reference ELSE {row}.conversation_id END"
# By name: the table, what happens to it, when that counts, and who has to be counted anew.
TRIGGERS = {
    "counts_due_said": ("messages", "INSERT", "", CONVERSATION),
    "counts_due_changed": ("messages", "UPDATE OF utterance, helpful", "", CONVERSATION),
    "counts_due_unsaid": ("messages", "DELETE", "", CONVERSATION),
    "counts_due_gone": ("conversations", "DELETE", "", "{row}.id"),
    "counts_due_filed": ("tickets", "INSERT", OF_THE_FORM, TICKET),
    "counts_due_unfiled": ("tickets", "DELETE", "", "{row}.reference"),
    "counts_due_unfiled_form": ("tickets", "DELETE", OF_THE_FORM, TICKET),
    "counts_due_reopened": ("ticket_events", "INSERT", "{row}.what IN ('reopened', 'answered')", "{row}.reference"),
}


def upgrade() -> None:
    """Make the tables of bot/insight/daily_counts.py, the triggers, and indexes of what is shown with the counts."""
    op.create_table(
        "subject_counts",
        sql.Column("subject", sql.String(255), primary_key=True),
        sql.Column("begun", sql.Date, nullable=False),
        sql.Column("open", sql.Boolean, nullable=False),
        sql.Column("counts", sql.Text, nullable=False),
    )
    op.create_index("ix_subject_counts_open", "subject_counts", ["open", "begun"])
    op.create_table(
        "daily_counts",
        sql.Column("what", sql.String(12), primary_key=True),
        sql.Column("name", sql.String(120), primary_key=True),
        sql.Column("begun", sql.Date, primary_key=True),
        sql.Column("day", sql.Date, primary_key=True),
        sql.Column("number", sql.Integer, nullable=False),
    )
    op.create_table(
        "counts_due",
        sql.Column("number", sql.Integer, primary_key=True, autoincrement=True),
        sql.Column("subject", sql.String(255), nullable=False),
    )
    op.create_table("counts_basis", sql.Column("basis", sql.String(80), primary_key=True))
    for name, (table, event, counts, subject) in TRIGGERS.items():
        op.execute(_trigger(name, table, event, counts, subject))
    op.create_index("ix_messages_utterance", "messages", ["utterance", "number"])
    op.create_index(
        "ix_messages_comment", "messages", ["created_at"], sqlite_where=COMMENTED, postgresql_where=COMMENTED
    )


def downgrade() -> None:
    """Take it away: all of it can be counted again."""
    op.drop_index("ix_messages_comment", "messages")
    op.drop_index("ix_messages_utterance", "messages")
    for name, (table, *_) in TRIGGERS.items():
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER {name}")
        else:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
    for table in ("counts_basis", "counts_due", "daily_counts", "subject_counts"):
        op.drop_table(table)


def _trigger(name: str, table: str, event: str, counts: str, subject: str) -> str:
    row = "OLD" if event == "DELETE" else "NEW"
    when = f" WHEN ({counts.format(row=row)})" if counts else ""
    noted = f"INSERT INTO counts_due (subject) VALUES ({subject.format(row=row)});"
    if op.get_bind().dialect.name == "sqlite":
        return f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW{when} BEGIN {noted} END"
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {noted} RETURN NULL; END $$;"
        f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW{when} EXECUTE FUNCTION {name}()"
    )
