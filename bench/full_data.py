"""Fills a database as months of use would: conversations, tickets and all that hangs on them, in bulk."""

import csv
import datetime
import hashlib
import io
import json
import random
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from bench.ticket_search import COMMON, vacuum
from bot.attachments.records import attachments
from bot.content.responses import responses
from bot.conversations.store import conversations, messages
from bot.database import Database, tracker_url
from bot.identity.store import lookups, one_time_codes, proofs
from bot.issuance.store import badges, completions
from bot.outbox.store import outbox
from bot.retention.tracker_events import tracker_rows
from bot.tickets.mail_store import incoming_mails
from bot.tickets.mail_tables import ticket_mails
from bot.tickets.search import as_stored, ticket_words
from bot.tickets.search_words import document
from bot.tickets.store import last_numbers, ticket_events, tickets
from bot.watching.store import watches

SPREAD_DAYS = 88  # what is older is deleted (RETENTION_DAYS)
A_PAGE = 50  # rows: where a page of the nearly empty database is as full, it is the tables that are compared
WAITING_MAILS = 25
STAFF_ADDRESSES = ("anna@example.com", "ben@example.com", "charlie@example.com")
RARE = [f"{first}{second}" for second in range(1500) for first in ("Lind", "Öztür")]
WORDS_SAID = [
    *COMMON,
    "please",
    "since",
    "week",
    "course",
    "still",
    "when",
    "see",
    "certificate",
    "issued",
    "claim",
    "link",
    "account",
    "address",
    "new",
    "old",
    "work",
    "company",
    "linkedin",
    "signature",
    "export",
    "print",
]
BATCH = 10_000
# What is asked and answered in a conversation: roles and utterances; "user" says some words.
FAQ = ("utter_faq/sharing_options", "utter_faq/credential_expiry", "utter_faq/missing_digital_credential")
TALKS: tuple[tuple[int, tuple[str, ...]], ...] = (  # how many in a hundred, and what is said
    (46, ("utter_greet", "user", FAQ[0], "user", FAQ[1])),
    (14, ("utter_greet", "user", FAQ[2], "user", "utter_fact/credential_benefits_evidence", "user", "utter_thank")),
    (8, ("utter_greet", "user", "utter_ask_which", "user", FAQ[1])),
    (6, ("utter_greet", "user", "utter_out_of_scope/exam_price", "user", "utter_out_of_scope/other_near")),
    (4, ("utter_greet", "user", "utter_ask_rephrase", "user", FAQ[0])),
    (12, ("utter_greet", "user", "utter_address_ask", "user", "utter_code_sent", "user", "utter_stage_issuing_window")),
    (
        10,
        (
            "utter_greet",
            "user",
            "utter_ticket_begins",
            "user",
            "utter_ticket_ask_contact",
            "user",
            "utter_ticket_opened",
        ),
    ),
)
TURNS_MORE = ("user", FAQ[0])  # until there are as many messages as are wanted


@dataclass(frozen=True)
class FullSize:
    """How many of each; the rest follows from these."""

    messages: int
    conversations: int
    tickets: int
    open_tickets: int


def fill(database_url: str, size: FullSize, now: datetime.datetime, seed: int = 1) -> None:
    """Fill an empty database with a schema, and Rasa's record beside it."""
    database, tracker = Database(database_url), Database(tracker_url(database_url))
    tracker_rows.metadata.create_all(tracker.engine)
    Filling(size, now, random.Random(seed)).write(database, tracker)
    for one in (database, tracker):
        vacuum(one)
        one.engine.dispose()


class Filling:
    """Makes the rows; the same seed makes the same ones."""

    def __init__(self, size: FullSize, now: datetime.datetime, chance: random.Random) -> None:
        """`now` is the end of the time that is filled."""
        self.size, self.chance = size, chance
        self._now = now.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        self._said = [" ".join(chance.choices(WORDS_SAID, k=chance.randint(4, 14))) for _ in range(3000)]
        self._answers = {
            name: str(responses().get(name, [{}])[0].get("text", name)) for _, talk in TALKS for name in talk
        }
        choices = [{"title": f"About {one}", "payload": f"/{one.removeprefix('utter_')}"} for one in FAQ]
        self._buttons = {"utter_ask_which": json.dumps(choices)}

    def write(self, database: Database, tracker: Database) -> None:
        """All tables."""
        with database.transaction() as connection:
            write_rows(connection, conversations, self._conversations())
            write_rows(connection, messages, self._messages())
            write_rows(connection, tickets, self._tickets())
            write_rows(connection, ticket_words, self._words(connection.dialect.name))
            write_rows(connection, ticket_events, self._events())
            write_rows(connection, ticket_mails, self._ticket_mails())
            for table, rows in self._others():
                write_rows(connection, table, rows)
            _go_on_counting(connection)
        with tracker.transaction() as connection:
            write_rows(connection, tracker_rows, self._tracker())
            _go_on_counting(connection, tracker_rows)

    def moment(self, number: int, of: int) -> datetime.datetime:
        """When the so-maniest of so many happened: more on weekdays and by day, none in the future."""
        day, rest = divmod(number * SPREAD_DAYS, of)
        at = self._now - datetime.timedelta(days=SPREAD_DAYS - day, minutes=30) + datetime.timedelta(days=rest / of)
        return at - datetime.timedelta(days=1 if at.weekday() > 4 else 0)

    def name(self, number: int) -> str:
        """The id of a conversation."""
        return str(uuid.UUID(int=(0xC0 << 120) + number))

    def _conversations(self) -> Iterator[dict[str, Any]]:
        for n in range(self.size.conversations):
            channel = "slack" if n % 20 == 0 else "site"
            yield {"id": self.name(n), "channel": channel, "created_at": self.moment(n, self.size.conversations)}

    def _talks(self) -> Iterator[tuple[int, list[str]]]:
        """Each conversation with what is said in it; as many messages as are wanted in all."""
        talks = [talk for share, talk in TALKS for _ in range(share)]
        left = self.size.messages
        for n in range(self.size.conversations):
            said = list(talks[n * 37 % len(talks)])
            wanted = round(left / (self.size.conversations - n))
            while len(said) + 1 < wanted:
                said += TURNS_MORE
            left -= len(said)
            yield n, said

    def _messages(self) -> Iterator[dict[str, Any]]:
        number = 0
        for n, said in self._talks():
            at = self.moment(n, self.size.conversations)
            for place, name in enumerate(said):
                number += 1
                is_user = name == "user"
                yield {
                    "number": number,
                    "id": str(uuid.UUID(int=(0xE0 << 120) + number)),
                    "conversation_id": self.name(n),
                    "role": "user" if is_user else "bot",
                    "text": f"{self._said[number % 3000]} {number}" if is_user else self._answers[name],
                    "utterance": "" if is_user else name,
                    "buttons": self._buttons.get(name, "[]"),
                    "helpful": number % 50 != 0 if name.startswith("utter_faq/") and number % 10 == 0 else None,
                    "created_at": at + datetime.timedelta(seconds=20 * place),
                    "payload": "",
                    "turn": self.name(number),
                    "attempts": 0,
                }

    def _tracker(self) -> Iterator[dict[str, Any]]:
        """One event of Rasa's a message; in truth there are more, of which nothing here reads another column."""
        for number, row in enumerate(self._messages(), 1):
            data = {"event": row["role"], "text": row["text"], "metadata": {"utter_action": row["utterance"]}}
            at = row["created_at"].replace(tzinfo=datetime.timezone.utc).timestamp()
            yield {"id": number, "sender_id": row["conversation_id"], "timestamp": at, "data": json.dumps(data)}

    def reference(self, number: int) -> str:
        """Of a ticket, counted from 0."""
        return f"CRT-{self._now.year}-{number + 1:05d}"

    def contact(self, number: int) -> str:
        """Every learner files three tickets or so in all."""
        return f"learner{number // 3}@example.com"

    def is_open(self, number: int) -> bool:
        """Half of them the newest tickets, the others here and there."""
        open_, size = self.size.open_tickets, self.size.tickets
        return number >= size - open_ // 2 or number * open_ // (2 * size) != (number - 1) * open_ // (2 * size)

    def about(self, number: int) -> str:
        """A word of every ticket, one of fifty tickets, one of hardly any, and others."""
        of_fifty = number * A_PAGE // self.size.tickets != (number - 1) * A_PAGE // self.size.tickets
        named = f"{'Frau Müller ' if of_fifty else ''}{RARE[number % len(RARE)]}"
        return f"My badge is missing {named} {self._said[number % 3000]}"

    def _tickets(self) -> Iterator[dict[str, Any]]:
        size = self.size.tickets
        for n in range(size):
            at, owner = self.moment(n, size), "" if n % 3 == 0 else STAFF_ADDRESSES[n % 3]
            state = ("new" if not owner else "waiting" if n % 2 else "assigned") if self.is_open(n) else "resolved"
            asked = [["user", self._said[n * k % 3000]] for k in (1, 7)]
            said = [line for ask in asked for line in (ask, ["bot", self._answers[FAQ[0]]])]
            proven = [self.contact(n)] if n % 2 else []
            details = {"proven": proven, "diagnosis": [], "credentials": ["badge"], "faqs": [], "transcript": said}
            yield {
                "reference": self.reference(n),
                "year": self._now.year,
                "number": n + 1,
                "key": f"bench {n}",
                "conversation_id": self.name(n * self.size.conversations // size),
                "channel": "site",
                "state": state,
                "contact": self.contact(n),
                "about": self.about(n),
                "reason": ("requested", "overdue", "not_understood", "near_miss", "no_assistant")[n % 5],
                "suggested_action": "",
                "assigned_to": owner,
                "details": json.dumps(details, ensure_ascii=False),
                "team_thread": str(uuid.UUID(int=n)),
                "learner_thread": str(uuid.UUID(int=n + size)),
                "created_at": at,
                "updated_at": min(self._now, at + datetime.timedelta(hours=26)),
                "network": "",
                "priority": 1 if n % 25 == 0 else 0,
                "tags": f" {('claim', 'name', 'resend', 'merge')[n % 4]} " if n % 2 == 0 else "",
                "merged_into": "",
                "since": at,
                "due_at": at + datetime.timedelta(days=1) if state in ("new", "assigned") else None,
            }

    def _words(self, dialect: str) -> Iterator[dict[str, Any]]:
        for n, row in enumerate(self._tickets()):
            said = [text for _, text in json.loads(row["details"])["transcript"]]
            parts = [row["reference"], row["contact"], row["assigned_to"], row["about"], *said]
            yield {"id": n + 1, "reference": row["reference"], "words": as_stored(document(parts), dialect)}

    def _events(self) -> Iterator[dict[str, Any]]:
        number, size = 0, self.size.tickets
        for n in range(size):
            at, whose = self.moment(n, size), STAFF_ADDRESSES[n % 3]
            told = [("opened", "learner", "", 0.0), ("assigned", whose, "", 1.0), ("replied", whose, "reply", 2.0)]
            told += [("answered", "learner", "answer", 20.0)] if n % 3 == 0 else []
            told += [("bounced", "system", "no such mailbox", 3.0)] if n % 500 == 0 else []
            told += [] if self.is_open(n) else [("resolved", whose, "", 26.0)]
            told += [("reopened", whose, "", 27.0), ("resolved", whose, "", 28.0)] if n % 40 == 7 else []
            for what, who, kind, hours in told:
                number += 1
                text = self._said[number % 3000] if kind in ("reply", "answer") else kind
                then = min(self._now, at + datetime.timedelta(hours=hours))
                row = {"id": number, "reference": self.reference(n), "at": then, "who": who, "what": what}
                yield {**row, "text": text, "via": "site", "key": None}

    def _ticket_mails(self) -> Iterator[dict[str, Any]]:
        for n in range(self.size.tickets):
            for to_team in (True, False):
                number = n + (0 if to_team else self.size.tickets)
                yield {"id": str(uuid.UUID(int=number)), "reference": self.reference(n), "to_team": to_team}

    def _others(self) -> Iterator[tuple[sql.Table, Iterable[dict[str, Any]]]]:
        yield outbox, self._letters()
        yield lookups, self._lookups()
        yield proofs, self._proofs()
        yield one_time_codes, self._codes()
        yield attachments, self._attachments()
        yield incoming_mails, self._mails()
        yield watches, self._watches()
        yield completions, self._completions()
        yield badges, self._badges()

    def _letters(self) -> Iterator[dict[str, Any]]:
        """Two mails a ticket, delivered; codes, wiped."""
        for n in range(2 * self.size.tickets):
            at = self.moment(n, 2 * self.size.tickets)
            said = {"to": self.contact(n // 2), "subject": self.reference(n // 2), "text": self._said[n % 3000] * 6}
            secret = n % 4 == 0
            yield {
                "id": str(uuid.UUID(int=n)),
                "kind": "mail",
                "payload": "" if secret else json.dumps(said),
                "created_at": at,
                "due_at": at,
                "give_up_at": at + datetime.timedelta(days=1),
                "tries": 1,
                "delivered_at": at + datetime.timedelta(seconds=1),
                "secret": secret,
            }

    def _looked_up(self) -> int:
        return max(2 * A_PAGE, self.size.conversations // 5)

    def _lookups(self) -> Iterator[dict[str, Any]]:
        size = self._looked_up()
        for n in range(size):
            staff, whom = n % 2 == 0, f"learner{n // 2}@example.com"
            yield {
                "id": n + 1,
                "at": self.moment(n, size),
                "conversation_id": self.name(n),
                "channel": "console" if staff else "site",
                "asker": STAFF_ADDRESSES[n % 3] if staff else whom,
                "subject": whom,
                "rights": "staff" if staff else "own",
                "outcome": "issuing_window",
            }

    def _proofs(self) -> Iterator[dict[str, Any]]:
        size = self._looked_up()
        for n in range(size):
            at = self.moment(n, size)
            conversation, end = self.name(n * self.size.conversations // size), at + datetime.timedelta(minutes=30)
            row = {"id": n + 1, "conversation_id": conversation, "email": f"learner{n // 2}@example.com"}
            yield {**row, "method": "code", "proven_at": at, "expires_at": end, "token": None}

    def _codes(self) -> Iterator[dict[str, Any]]:
        size = self._looked_up()
        for n in range(size):
            at = self.moment(n, size)
            yield {
                "id": str(uuid.UUID(int=n)),
                "conversation_id": self.name(n * self.size.conversations // size),
                "channel": "site",
                "email": f"learner{n // 2}@example.com",
                "code_hash": hashlib.sha256(str(n).encode()).hexdigest(),
                "created_at": at,
                "expires_at": at + datetime.timedelta(minutes=10),
                "tries": 1,
                "used_at": at + datetime.timedelta(minutes=1),
                "network": "",
            }

    def _attachments(self) -> Iterator[dict[str, Any]]:
        size = self.size.tickets // 10
        for n in range(size):
            number = n * 10
            yield {
                "id": uuid.UUID(int=number).hex,
                "name": f"screen {n}.png",
                "kind": "image/png",
                "size": 40_000,
                "sha256": hashlib.sha256(str(n).encode()).hexdigest(),
                "who": "learner",
                "at": self.moment(n, size),
                "network": "",
                "conversation_id": self.name(number * self.size.conversations // self.size.tickets),
                "reference": self.reference(number),
                "event_key": "",
                "message_id": "",
            }

    def _mails(self) -> Iterator[dict[str, Any]]:
        """An answer by mail to one ticket in four; a few that were refused, of which most were seen to."""
        for n in range(self.size.tickets // 4):
            waits = n < WAITING_MAILS
            refused = waits or n % 50 == 0
            content = (
                f"From: {self.contact(n * 4)}\r\nSubject: Re: {self.reference(n * 4)}\r\n\r\n{self._said[n % 3000]}"
            )
            yield {
                "id": n + 1,
                "key": f"mail {n}",
                "reference": None if refused else self.reference(n * 4),
                "state": "refused" if waits else "dismissed" if refused else "kept",
                "reason": "stranger" if refused else "",
                "sender": self.contact(n * 4),
                "subject": f"Re: {self.reference(n * 4)}",
                "text": self._said[n % 3000],
                "rest": "",
                "content": content.encode(),
                "whole": True,
                "received_at": self.moment(n, self.size.tickets // 4),
                "handled_by": "",
            }

    def _watches(self) -> Iterator[dict[str, Any]]:
        size = self.size.conversations // 50
        for n in range(size):
            at, address = self.moment(n, size), f"learner{n}@example.com"
            yield {
                "id": str(uuid.UUID(int=n)),
                "conversation_id": self.name(n),
                "email": address,
                "address_hash": hashlib.sha256(address.encode()).hexdigest(),
                "credential": "c0",
                "title": "C0",
                "stage": "issuing_window",
                "passed_after": at.date(),
                "created_at": at,
                "checked_at": self._now,
            }

    def _completions(self) -> Iterator[dict[str, Any]]:
        day = self._now.date() - datetime.timedelta(days=30)
        for n in range(self.size.tickets):
            for k in range(3):
                yield {
                    "email": f"learner{n}@example.com",
                    "credential": f"c{k}",
                    "attempt": "1",
                    "title": f"C{k}",
                    "percent": 100,
                    "completed_on": day,
                    "result": "",
                    "name": f"L {n}",
                }

    def _badges(self) -> Iterator[dict[str, Any]]:
        day = self._now.date() - datetime.timedelta(days=20)
        for n in range(2 * self.size.tickets):
            yield {
                "id": str(uuid.UUID(int=n)),
                "email": f"learner{n // 2}@example.com",
                "credential": f"c{n % 2}",
                "title": f"C{n % 2}",
                "state": "accepted",
                "issued_on": day,
                "expires_on": None,
                "url": "",
                "name": f"L {n // 2}",
                "issuer": "I",
            }


def write_rows(connection: Connection, table: sql.Table, rows: Iterable[dict[str, Any]]) -> None:
    """Insert many rows by the driver's own means: SQLAlchemy takes ten times as long.

    All rows have the columns of the first; the others of the table get their defaults.
    """
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            _write(connection, table, batch)
            batch = []
    if batch:
        _write(connection, table, batch)


def _write(connection: Connection, table: sql.Table, rows: Sequence[dict[str, Any]]) -> None:
    names = list(rows[0])
    columns = ", ".join(f'"{name}"' for name in names)
    cursor = connection.connection.cursor()
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        values = [[_plain(row[name]) for name in names] for row in rows]
        cursor.executemany(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', values)  # noqa: S608
        return
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerows([_copied(row[name]) for name in names] for row in rows)
    text.seek(0)
    cursor.copy_expert(f"COPY \"{table.name}\" ({columns}) FROM STDIN WITH (FORMAT csv, NULL '\\N')", text)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", "microseconds")
    return value.isoformat() if isinstance(value, datetime.date) else value


def _copied(value: Any) -> Any:
    if value is None:
        return "\\N"
    return f"\\x{value.hex()}" if isinstance(value, bytes) else _plain(value)


def _go_on_counting(connection: Connection, *given: sql.Table) -> None:
    """New rows get numbers after those that were written."""
    year = (
        connection.execute(sql.select(sql.func.max(tickets.c.year), sql.func.max(tickets.c.number))).first()
        if not given
        else None
    )
    if year is not None:
        connection.execute(last_numbers.insert().values(year=year[0], last=year[1]))
    if connection.dialect.name == "sqlite":
        return
    numbered = given or (messages, ticket_words, ticket_events, lookups, proofs, incoming_mails)
    for table in numbered:
        key = list(table.primary_key)[0].name
        most = f"(SELECT max({key}) FROM {table.name})"  # noqa: S608
        connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table.name}', '{key}'), {most})")
