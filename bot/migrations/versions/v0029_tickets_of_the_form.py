"""Tickets of the form say that they came by it; they were kept as if they had come by the chat."""

from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Tell them by their keys, which the form has given all of them."""
    op.execute("UPDATE tickets SET channel = 'form' WHERE channel = 'site' AND key LIKE 'form %'")
    op.execute(
        "UPDATE ticket_events SET via = 'form' WHERE via = 'site' AND (key LIKE 'form %' OR "
        "what = 'opened' AND reference IN (SELECT reference FROM tickets WHERE channel = 'form'))"
    )


def downgrade() -> None:
    """As versions before know it."""
    op.execute("UPDATE tickets SET channel = 'site' WHERE channel = 'form'")
    op.execute("UPDATE ticket_events SET via = 'site' WHERE via = 'form'")
