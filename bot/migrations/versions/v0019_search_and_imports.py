"""The words that tickets are found by, with the database's own index; what each import changed; proofs by address."""

import json

import sqlalchemy as sql
from alembic import op
from sqlalchemy.dialects import postgresql

from bot.migrations.going_back import drop_empty
from bot.tickets.search_words import document

revision = "0019"
down_revision = "0018"
INDEX = "ticket_words_index"
ADDED = f"INSERT INTO {INDEX}(rowid, words) VALUES (new.id, new.words);"
DELETED = f"INSERT INTO {INDEX}({INDEX}, rowid, words) VALUES ('delete', old.id, old.words);"
TRIGGERS = {"INSERT": ADDED, "DELETE": DELETED, "UPDATE": DELETED + ADDED}
BATCH = 200


def upgrade() -> None:
    """Make the table of bot/tickets/search.py, and fill it with the words of the tickets that there are."""
    light = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "ticket_words",
        sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
        sql.Column(
            "reference",
            sql.String(20),
            sql.ForeignKey("tickets.reference", ondelete="CASCADE"),
            nullable=False,
            unique=True,
        ),
        sql.Column("words", sql.Text() if light else postgresql.TSVECTOR(), nullable=False),
    )
    if light:
        op.execute(
            f"CREATE VIRTUAL TABLE {INDEX} USING fts5"
            "(words, content='ticket_words', content_rowid='id', tokenize='ascii')"
        )
        for event, does in TRIGGERS.items():
            op.execute(f"CREATE TRIGGER {INDEX}_{event.lower()} AFTER {event} ON ticket_words BEGIN {does} END")
    else:
        op.execute(f"CREATE INDEX {INDEX} ON ticket_words USING gin (words)")
    _fill(light)
    op.create_index("ix_proofs_email", "proofs", ["email"])
    op.create_table(
        "imports",
        sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
        sql.Column("at", sql.DateTime, nullable=False),
    )
    op.create_table(
        "import_changes",
        sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
        sql.Column(
            "import_id",
            sql.Integer,
            sql.ForeignKey("imports.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sql.Column("email", sql.String(254), nullable=False),
        sql.Column("credential", sql.String(200), nullable=False),
        sql.Column("attempt", sql.String(10), nullable=False),
        sql.Column("before", sql.Text, nullable=False),
    )


def downgrade() -> None:
    """Take it away: all of the search can be made again from the tickets; imports only if there are none to undo."""
    drop_empty("import_changes", "imports")
    op.drop_index("ix_proofs_email", "proofs")
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TABLE {INDEX}")
    op.drop_table("ticket_words")


def _fill(light: bool) -> None:
    connection = op.get_bind()
    known = connection.execute(sql.text("SELECT reference FROM tickets ORDER BY reference")).scalars().all()
    for begin in range(0, len(known), BATCH):
        rows = [{"r": one, "w": _stored(document(_parts(connection, one)), light)} for one in known[begin : begin + BATCH]]
        value = ":w" if light else "CAST(:w AS tsvector)"
        connection.execute(sql.text(f"INSERT INTO ticket_words (reference, words) VALUES (:r, {value})"), rows)


def _parts(connection: sql.engine.Connection, reference: str) -> list[str]:
    """As bot/tickets/search.py had them when this was written."""
    ticket = connection.execute(
        sql.text("SELECT contact, assigned_to, about, details FROM tickets WHERE reference = :r"), {"r": reference}
    ).one()
    events = connection.execute(
        sql.text("SELECT text, who FROM ticket_events WHERE reference = :r ORDER BY id DESC"), {"r": reference}
    ).all()
    try:
        details = json.loads(ticket.details)
    except ValueError:
        details = {}
    told = [one for event in events for one in (event.text, event.who if "@" in event.who else "")]
    said = [text for _, text in details.get("transcript", ())]
    named = [reference, ticket.contact, *details.get("proven", ()), ticket.assigned_to, *details.get("credentials", ())]
    return [*named, ticket.about, *told, *details.get("diagnosis", ()), *said]


def _stored(found: list[str], light: bool) -> str:
    if light:
        return " ".join(found)
    places: dict[str, list[str]] = {}
    for place, word in enumerate(found, 1):
        places.setdefault(word, []).append(str(place))
    return " ".join(f"'{word}':{','.join(at)}" for word, at in places.items())
