"""The desk's own tables: canned answers, and who of the team looks at which ticket."""

import datetime
from dataclasses import dataclass, field

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from bot.database import Moment, insert_once, metadata

LONGEST_ANSWER_TITLE = 80  # characters
PRESENT = datetime.timedelta(seconds=45)  # after the last sign of life

canned_answers = sql.Table(
    "canned_answers",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("title", sql.String(LONGEST_ANSWER_TITLE), nullable=False, unique=True),
    sql.Column("text", sql.Text, nullable=False),
    sql.Column("changed_by", sql.String(255), nullable=False),
    sql.Column("changed_at", Moment, nullable=False),
)
ticket_viewers = sql.Table(
    "ticket_viewers",
    metadata,
    sql.Column("reference", sql.ForeignKey("tickets.reference", ondelete="CASCADE"), primary_key=True),
    sql.Column("who", sql.String(255), primary_key=True),
    sql.Column("at", Moment, nullable=False, index=True),
    sql.Column("writes", sql.Boolean, nullable=False),
)


@dataclass(frozen=True)
class CannedAnswer:
    """An answer that is given often. `id` is 0 for one that is not kept yet."""

    id: int
    title: str
    text: str
    changed_by: str = field(default="", repr=False)
    version: str = ""  # names how it stands, for who changes it


@dataclass(frozen=True)
class Viewer:
    """Somebody of the team who has a ticket open; `writes`: something stands in the reply."""

    who: str = field(repr=False)
    writes: bool


def all_answers(connection: Connection) -> list[CannedAnswer]:
    """The canned answers by title."""
    rows = connection.execute(canned_answers.select().order_by(sql.func.lower(canned_answers.c.title)))
    return [
        CannedAnswer(
            id=row.id,
            title=row.title,
            text=row.text,
            changed_by=row.changed_by,
            version=row.changed_at.isoformat(),
        )
        for row in rows
    ]


def version_of(connection: Connection, number: int) -> tuple[str, str]:
    """The version of one, and who changed it last; "" twice where it is gone."""
    this = canned_answers.select().where(canned_answers.c.id == number)
    row = connection.execute(this).first()
    return (row.changed_at.isoformat(), row.changed_by) if row else ("", "")


def add_answer(connection: Connection, title: str, text: str, by: str, now: datetime.datetime) -> bool:
    """Keep a new one; False where there is one with this title."""
    values = {"title": title, "text": text, "changed_by": by, "changed_at": now}
    return insert_once(connection, canned_answers, values)


def change_answer(connection: Connection, answer: CannedAnswer, by: str, now: datetime.datetime) -> bool:
    """Change one; False where it is gone or another one has this title."""
    others = (canned_answers.c.title == answer.title) & (canned_answers.c.id != answer.id)
    if connection.execute(sql.select(canned_answers.c.id).where(others)).first():
        return False
    this = canned_answers.update().where(canned_answers.c.id == answer.id)
    values = {"title": answer.title, "text": answer.text, "changed_by": by, "changed_at": now}
    return bool(connection.execute(this.values(values)).rowcount)


def delete_answer(connection: Connection, number: int) -> None:
    """Delete one, if it is there."""
    connection.execute(canned_answers.delete().where(canned_answers.c.id == number))


def look_at(connection: Connection, reference: str, viewer: Viewer, now: datetime.datetime) -> None:
    """Somebody has a ticket open now; those who have not for a while are forgotten."""
    connection.execute(ticket_viewers.delete().where(ticket_viewers.c.at < now - PRESENT))
    values = {"at": now, "writes": viewer.writes}
    if not insert_once(connection, ticket_viewers, {"reference": reference, "who": viewer.who, **values}):
        this = (ticket_viewers.c.reference == reference) & (ticket_viewers.c.who == viewer.who)
        connection.execute(ticket_viewers.update().where(this).values(values))


def viewers(connection: Connection, reference: str, but: str, now: datetime.datetime) -> list[Viewer]:
    """Who else has a ticket open, by address."""
    these = (ticket_viewers.c.reference == reference) & (ticket_viewers.c.who != but)
    recent = these & (ticket_viewers.c.at >= now - PRESENT)
    rows = connection.execute(ticket_viewers.select().where(recent).order_by(ticket_viewers.c.who))
    return [Viewer(row.who, row.writes) for row in rows]
