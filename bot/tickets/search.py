"""Full-text search of tickets by the database's own means: FTS5 on SQLite, tsvector on PostgreSQL.

`ticket_words` holds the words of each ticket. On SQLite triggers of the migration keep the index `ticket_words_index`
beside it, whatever changes or deletes a row; on PostgreSQL `words` is a tsvector with an index of its own.
"""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sql
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection
from sqlalchemy.types import UserDefinedType

from bot.database import metadata
from bot.tickets.search_words import document, phrases

WORDS_INDEX = "ticket_words_index"
FEW_HITS = 500  # up to so many it goes from the hits to their tickets, else from the tickets to the hits
SAMPLED, OFTEN_OF_SAMPLED = 200, 20  # of the newest tickets: words that so many have are looked for in each ticket
INDEX_TABLES = frozenset({WORDS_INDEX, *(f"{WORDS_INDEX}_{part}" for part in ("data", "idx", "docsize", "config"))})

ticket_words = sql.Table(
    "ticket_words",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("reference", sql.ForeignKey("tickets.reference", ondelete="CASCADE"), nullable=False, unique=True),
    sql.Column("words", sql.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
)


class TextQuery(UserDefinedType):
    """PostgreSQL's tsquery, which SQLAlchemy does not know."""

    cache_ok = True

    def get_col_spec(self, **options: Any) -> str:
        """Its name in SQL."""
        return "TSQUERY"


def keep_words(connection: Connection, reference: str, parts: list[str]) -> None:
    """Keep what a ticket is found by, the most telling parts first, in the transaction that changes the ticket."""
    value = as_stored(document(parts), connection.dialect.name)
    mine = ticket_words.c.reference == reference
    kept = connection.execute(sql.select(ticket_words.c.id).where(mine)).scalar()
    if kept is None:
        connection.execute(ticket_words.insert().values(reference=reference, words=value))
    elif not connection.execute(sql.select(ticket_words.c.id).where(mine & (ticket_words.c.words == value))).first():
        connection.execute(ticket_words.update().where(mine).values(words=value))


def parts_of(ticket: Any, events: Any, files: Sequence[str] = ()) -> list[str]:
    """All texts of a ticket, from the rows of its tables: of more than is searched, the conversation before it last.

    Args:
        ticket: its row.
        events: its history.
        files: the names of its files.
    """
    details = json.loads(ticket.details)
    told = [one for event in reversed(events) for one in (event.text, event.who if "@" in event.who else "")]
    said = [text for _, text in details["transcript"]]
    named = [ticket.reference, ticket.contact, *details["proven"], ticket.assigned_to, *details["credentials"]]
    return [*named, ticket.about, *files, *told, *details["diagnosis"], *said]


def as_stored(found: list[str], dialect: str) -> str:
    """The words as the column takes them: for PostgreSQL as it writes a tsvector itself, which splits nothing anew."""
    if dialect == "sqlite":
        return " ".join(found)
    places: dict[str, list[str]] = {}
    for place, word in enumerate(found, 1):
        places.setdefault(word, []).append(str(place))
    return " ".join(f"'{word}':{','.join(at)}" for word, at in places.items())


def matching(connection: Connection, reference: sql.Column, query: str) -> Any:
    """The condition that a ticket has every word of a query, or words that begin so.

    Args:
        connection: where it is to be asked; it is asked at once how many have the words.
        reference: the column that holds the ticket's reference.
        query: as typed; one without any letter or digit finds nothing, an empty one everything.
    """
    sought = phrases(query)
    if not sought:
        return sql.false() if query.strip() else sql.true()
    found = sql.select(ticket_words.c.reference)
    if connection.dialect.name == "sqlite":
        index = sql.table(WORDS_INDEX, sql.column("rowid"), sql.column(WORDS_INDEX))
        wanted = " ".join(f'"{" ".join(phrase)}" *' for phrase in sought)
        hits = sql.select(index.c.rowid).where(index.c[WORDS_INDEX].op("MATCH")(wanted))
        few = connection.execute(hits.limit(FEW_HITS + 1)).scalars().all()
        if len(few) <= FEW_HITS:
            return reference.in_(found.where(ticket_words.c.id.in_(few)))
        own = sql.select(ticket_words.c.id).where(ticket_words.c.reference == reference).scalar_subquery()
        return own.in_(sql.select(hits.cte("hits").c.rowid))
    wanted = " & ".join("(" + " <-> ".join(f"'{word}'" for word in phrase) + ":*)" for phrase in sought)
    meant = sql.cast(wanted, TextQuery)
    newest = sql.select(ticket_words.c.words).order_by(ticket_words.c.id.desc()).limit(SAMPLED).subquery("newest")
    sample = sql.select(sql.func.count()).where(newest.c.words.op("@@")(meant))
    if connection.execute(sample).scalar_one() >= OFTEN_OF_SAMPLED:
        mine = sql.select(ticket_words.c.id).where(ticket_words.c.reference == reference)
        # The offset keeps PostgreSQL from beginning with the index, in which words like these have all tickets.
        return sql.exists(mine.where(ticket_words.c.words.op("@@")(meant)).offset(0))
    found = found.where(ticket_words.c.words.op("@@")(meant))
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # however rare they are, it expects one in fifty
    few = connection.execute(found.limit(FEW_HITS + 1)).scalars().all()
    connection.exec_driver_sql("SET LOCAL enable_seqscan = on")
    return reference.in_(few if len(few) <= FEW_HITS else sql.select(found.cte("hits").c.reference))


def forget_deleted(connection: Connection) -> None:
    """Let the index give up the words of deleted rows, which SQLite keeps until it next merges."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"INSERT INTO {WORDS_INDEX}({WORDS_INDEX}) VALUES ('optimize')")  # noqa: S608  a name of ours
