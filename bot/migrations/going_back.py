"""What the ways back have in common: a table goes only when it is empty, so that no step back deletes anything."""

import sqlalchemy as sql
from alembic import op


class WouldLoseData(Exception):
    """Raised by a migration that would have to delete rows to go back; nothing has changed then."""


def drop_empty(*tables: str) -> None:
    """Drop tables, in order; raises WouldLoseData before the first one goes when any of them has rows."""
    connection = op.get_bind()
    rows = {
        name: connection.execute(sql.select(sql.func.count()).select_from(sql.table(name))).scalar() for name in tables
    }
    filled = [f"{name}: {count}" for name, count in rows.items() if count]
    if filled:
        raise WouldLoseData(
            f"Going back would delete rows ({', '.join(filled)}). Restore the backup from before the upgrade instead, "
            "or empty these tables first."
        )
    for name in tables:
        op.drop_table(name)
