"""Codes, wrong tries, proofs and the log of lookups in the database; the caller brings the transaction."""

import datetime
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import IntEnum

import sqlalchemy as sql
from sqlalchemy.engine import Connection, Row

from bot.database import Database, Moment, metadata
from bot.limit import LONGEST_NETWORK

STAFF_PROFILE = "slack_staff"
PROFILE = ("slack", STAFF_PROFILE)  # methods by which a workspace vouches for an address
CONSOLE = "console"  # the channel of codes for signing in there
LONGEST_KEY = 255  # characters of a conversation id, an address, or any other text in the log of lookups

# No foreign key to conversations: deleting a conversation must not reset a limit or end the log, and Slack's have none.
one_time_codes = sql.Table(
    "one_time_codes",
    metadata,
    sql.Column("id", sql.String(36), primary_key=True),
    sql.Column("conversation_id", sql.String(LONGEST_KEY), nullable=False),
    sql.Column("channel", sql.String(16), nullable=False),
    sql.Column("email", sql.String(LONGEST_KEY), nullable=False),
    sql.Column("code_hash", sql.String(64), nullable=False),
    sql.Column("created_at", Moment, nullable=False, index=True),
    sql.Column("expires_at", Moment, nullable=False),
    sql.Column("tries", sql.Integer, nullable=False),
    sql.Column("used_at", Moment, nullable=True),
    sql.Column("cancelled_at", Moment, nullable=True),
    sql.Column("network", sql.String(LONGEST_NETWORK), nullable=False, server_default=""),
    sql.Index("ix_one_time_codes_email", "email", "created_at"),
    sql.Index("ix_one_time_codes_conversation_id", "conversation_id", "created_at"),
    sql.Index("ix_one_time_codes_network", "network", "created_at"),
)
wrong_tries = sql.Table(
    "wrong_tries",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("email", sql.String(LONGEST_KEY), nullable=False),
    sql.Column("at", Moment, nullable=False, index=True),
    sql.Column("channel", sql.String(16), nullable=False, server_default="site"),
    sql.Column("network", sql.String(LONGEST_NETWORK), nullable=False, server_default=""),
    sql.Index("ix_wrong_tries_email", "email", "at"),
)
proofs = sql.Table(
    "proofs",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("conversation_id", sql.String(LONGEST_KEY), nullable=False, index=True),
    sql.Column("email", sql.String(LONGEST_KEY), nullable=False, index=True),
    sql.Column("method", sql.String(16), nullable=False),
    sql.Column("proven_at", Moment, nullable=False),
    sql.Column("expires_at", Moment, nullable=False, index=True),
    sql.Column("token", sql.String(64), nullable=True, unique=True),  # the fingerprint of an identity token
)
lookups = sql.Table(
    "lookups",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("at", Moment, nullable=False, index=True),
    sql.Column("conversation_id", sql.String(LONGEST_KEY), nullable=False),
    sql.Column("channel", sql.String(16), nullable=False),
    sql.Column("asker", sql.String(LONGEST_KEY), nullable=False),
    sql.Column("subject", sql.String(LONGEST_KEY), nullable=False, index=True),
    sql.Column("rights", sql.String(16), nullable=False),
    sql.Column("outcome", sql.String(40), nullable=False),
    sql.Index("ix_lookups_asker", "asker", "at"),
)


class Lock(IntEnum):
    """What processes lock; always taken in this order, so that no two wait for each other."""

    CONVERSATION = 7_262_002  # any numbers, as long as every process asks PostgreSQL for the same
    ADDRESS = 7_262_003
    NETWORK = 7_262_005
    TOKEN = 7_262_004


@contextmanager
def locked(database: Database, conversation_id: str) -> Iterator[Connection]:
    """A transaction during which no other changes what this conversation proves; on SQLite, nothing at all."""
    with database.transaction() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        take_lock(connection, Lock.CONVERSATION, conversation_id)
        yield connection


def take_lock(connection: Connection, kind: Lock, key: str) -> None:
    """Wait until no other transaction has this lock; it ends with the transaction."""
    if connection.dialect.name == "sqlite":
        return  # BEGIN IMMEDIATE has taken them all
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big", signed=True)
    connection.execute(sql.select(sql.func.pg_advisory_xact_lock(int(kind), number)))


def add_code(
    connection: Connection,
    code_id: str,
    asked: Mapping[str, str],
    email: str,
    code_hash: str,
    now: datetime.datetime,
    expires_at: datetime.datetime,
) -> None:
    """Keep a code in place of the conversation's former one; `asked` is conversation_id, channel and network."""
    cancel_codes(connection, asked["conversation_id"], now)
    values = {**asked, "email": email, "code_hash": code_hash, "created_at": now, "expires_at": expires_at}
    connection.execute(one_time_codes.insert().values(id=code_id, tries=0, **values))


def cancel_codes(connection: Connection, conversation_id: str, now: datetime.datetime) -> None:
    """Make the conversation's open code useless; the row stays, because the limits count it."""
    c = one_time_codes.c
    mine = (c.conversation_id == conversation_id) & c.used_at.is_(None) & c.cancelled_at.is_(None)
    connection.execute(one_time_codes.update().where(mine).values(cancelled_at=now))


def open_code(connection: Connection, conversation_id: str) -> Row | None:
    """The conversation's code that is neither used nor cancelled; it may be too old or out of tries."""
    c = one_time_codes.c
    mine = (c.conversation_id == conversation_id) & c.used_at.is_(None) & c.cancelled_at.is_(None)
    return connection.execute(one_time_codes.select().where(mine).order_by(c.created_at.desc()).limit(1)).first()


def used_code(connection: Connection, conversation_id: str, since: datetime.datetime) -> Row | None:
    """The code that the conversation has used last, not before a moment."""
    c = one_time_codes.c
    mine = (c.conversation_id == conversation_id) & (c.used_at >= since)
    return connection.execute(one_time_codes.select().where(mine).order_by(c.used_at.desc()).limit(1)).first()


def count_try(connection: Connection, code_id: str, most: int, now: datetime.datetime) -> bool:
    """Count one try, before anything is compared; False when the code allows none, whoever asks and at what time."""
    c = one_time_codes.c
    usable = (c.id == code_id) & (c.tries < most) & c.used_at.is_(None) & c.cancelled_at.is_(None)
    change = one_time_codes.update().where(usable & (c.expires_at > now)).values(tries=c.tries + 1)
    return connection.execute(change).rowcount == 1


def use_code(connection: Connection, code_id: str, now: datetime.datetime) -> bool:
    """Consume a code; False when it was consumed or cancelled before."""
    c = one_time_codes.c
    unused = (c.id == code_id) & c.used_at.is_(None) & c.cancelled_at.is_(None)
    return connection.execute(one_time_codes.update().where(unused).values(used_at=now)).rowcount == 1


def add_wrong_try(connection: Connection, code: Row, now: datetime.datetime) -> int:
    """Count a try against the address of a code as if it were wrong; returns its number, to take it back."""
    values = {"email": code.email, "channel": code.channel, "network": code.network, "at": now}
    return connection.execute(wrong_tries.insert().values(**values)).inserted_primary_key[0]


def take_back(connection: Connection, wrong_try: int) -> None:
    """The try was right after all."""
    connection.execute(wrong_tries.delete().where(wrong_tries.c.id == wrong_try))


def keep_proof(
    connection: Connection,
    conversation_id: str,
    email: str,
    method: str,
    now: datetime.datetime,
    expires_at: datetime.datetime,
    token: str | None,
) -> None:
    """Keep that a conversation has proven an address, from now on; the same proof given again is renewed."""
    same = {"conversation_id": conversation_id, "email": email, "method": method, "token": token}
    times = {"proven_at": now, "expires_at": expires_at}
    renewal = proofs.update().where(*(proofs.c[name] == value for name, value in same.items())).values(**times)
    if not connection.execute(renewal).rowcount:
        connection.execute(proofs.insert().values(**same, **times))


def token_owner(connection: Connection, token: str) -> str | None:
    """The conversation that has shown an identity token, though its proof may have lapsed."""
    return connection.execute(sql.select(proofs.c.conversation_id).where(proofs.c.token == token)).scalar()


def move_token(connection: Connection, token: str, conversation_id: str) -> None:
    """Give what an identity token proves to another conversation; the former one has it no more."""
    connection.execute(proofs.update().where(proofs.c.token == token).values(conversation_id=conversation_id))


def proofs_of(connection: Connection, conversation_id: str) -> list[Row]:
    """A conversation's proofs, newest first, the lapsed ones too."""
    mine = proofs.select().where(proofs.c.conversation_id == conversation_id)
    return list(connection.execute(mine.order_by(proofs.c.proven_at.desc(), proofs.c.id.desc())))


def end_proofs(
    connection: Connection,
    conversation_id: str,
    now: datetime.datetime,
    methods: Sequence[str] = (),
    but: tuple[str, str] = ("", ""),
) -> None:
    """Let a conversation's proofs lapse; the rows stay, so that a used token remains used.

    Args:
        methods: only proofs by these; empty for all.
        but: the address and method of a proof that stays.
    """
    c = proofs.c
    mine = (c.conversation_id == conversation_id) & (c.expires_at > now) & ~((c.email == but[0]) & (c.method == but[1]))
    these = mine & c.method.in_(list(methods)) if methods else mine
    connection.execute(proofs.update().where(these).values(expires_at=now))


def end_staff(connection: Connection, email: str, now: datetime.datetime) -> None:
    """Somebody is in the staff's user group no more, whichever conversation has it."""
    these = (proofs.c.email == email) & (proofs.c.method == STAFF_PROFILE) & (proofs.c.expires_at > now)
    connection.execute(proofs.update().where(these).values(expires_at=now))


def is_proven_by(connection: Connection, email: str, method: str, now: datetime.datetime) -> bool:
    """Whether some conversation has proven an address by a method."""
    these = (proofs.c.email == email) & (proofs.c.method == method) & (proofs.c.expires_at > now)
    return connection.execute(sql.select(proofs.c.id).where(these).limit(1)).first() is not None


def add_lookup(connection: Connection, at: datetime.datetime, texts: dict[str, str]) -> None:
    """Append to the log of lookups; whatever the texts are, they fit."""
    fitting = {name: text.replace("\0", "")[: lookups.c[name].type.length] for name, text in texts.items()}
    connection.execute(lookups.insert().values(at=at, **fitting))


def delete_before(
    connection: Connection, moment: datetime.datetime, uncounted: datetime.datetime, batch: int = 1000
) -> int:
    """Delete up to `batch` rows of each table older than a moment, but none that the limits still count."""
    deleted = 0
    for column, limit in (
        (one_time_codes.c.created_at, min(moment, uncounted)),
        (wrong_tries.c.at, min(moment, uncounted)),
        (proofs.c.expires_at, min(moment, uncounted)),
        (lookups.c.at, moment),
    ):
        oldest = sql.select(column.table.c.id).where(column < limit).limit(batch)
        deleted += connection.execute(column.table.delete().where(column.table.c.id.in_(oldest))).rowcount
    return deleted
