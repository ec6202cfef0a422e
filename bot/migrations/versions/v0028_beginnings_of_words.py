"""Beginnings of two and of four letters in SQLite's index of ticket words, which begin hundreds of words."""

from alembic import op

revision = "0028"
down_revision = "0027"
INDEX = "ticket_words_index"
BEGINNINGS = ", prefix='2 4'"  # three letters are found by those of four, longer beginnings by the words themselves


def upgrade() -> None:
    """Make the index anew, with them."""
    _anew(BEGINNINGS)


def downgrade() -> None:
    """Make the index anew, without them."""
    _anew("")


def _anew(beginnings: str) -> None:
    """The words stay in their table, which fills the index; its triggers stay, too."""
    if op.get_bind().dialect.name != "sqlite":
        return  # PostgreSQL's index holds the beginnings of all words by itself
    op.execute(f"DROP TABLE {INDEX}")
    op.execute(
        f"CREATE VIRTUAL TABLE {INDEX} USING fts5"
        f"(words, content='ticket_words', content_rowid='id', tokenize='ascii'{beginnings})"
    )
    op.execute(f"INSERT INTO {INDEX}({INDEX}) VALUES ('rebuild')")
