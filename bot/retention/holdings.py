"""Every table, and how its rows belong to a person. A table that is not declared here fails a test."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sql

from bot.attachments.records import attachments, attachments_elsewhere
from bot.conversations.store import conversations, messages
from bot.desk.store import canned_answers, ticket_viewers
from bot.heartbeats import heartbeats
from bot.identity.store import lookups, one_time_codes, proofs, wrong_tries
from bot.insight.daily_counts import counts_basis, counts_due, daily_counts, subject_counts
from bot.issuance.import_history import import_changes, imports
from bot.issuance.store import badges, completions
from bot.outbox.store import outbox
from bot.retention.near import holds_one_of, near, one_of
from bot.retention.traces import ERASED, Traces
from bot.slack.store import slack_cards, slack_events, slack_places, slack_said, slack_threads
from bot.studio.store import content_changes, content_drafts, content_publications, content_trials
from bot.tickets.mail_store import MailState, incoming_mails
from bot.tickets.mail_tables import inboxes, ticket_mails
from bot.tickets.search import ticket_words
from bot.tickets.store import last_numbers, ticket_events, tickets
from bot.watching.store import watches


@dataclass(frozen=True)
class Belongings:
    """What is one person's: ids of their conversations and of single messages elsewhere, their tickets, their places.

    `looked_up` are conversations of others in which the person's record was shown.
    """

    traces: Traces
    conversations: frozenset[str] = frozenset()
    looked_up: frozenset[str] = frozenset()
    messages: frozenset[str] = frozenset()
    tickets: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Holding:
    """A table with personal data.

    A row is the person's by the first of `address`, `conversation`, `ticket` and `message` (columns) that is theirs, or
    where `theirs` says so; then it is deleted, or set to `emptied`. In other rows `texts` lose the person's address,
    and columns of `acted`, which name somebody who did something, get the value given. `theirs_near` is the condition
    for the database that no row lacks which `theirs` may say so of.
    """

    name: str
    table: sql.Table
    address: str = ""
    conversation: str = ""
    ticket: str = ""
    message: str = ""
    theirs: Callable[[Mapping[str, Any], Belongings], bool] | None = None
    theirs_near: Callable[[Belongings], Any] | None = None
    emptied: Mapping[str, Any] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    acted: Mapping[str, Any] = field(default_factory=dict)

    def is_theirs(self, row: Mapping[str, Any], person: Belongings) -> bool:
        """Whether a row belongs to the person."""
        return (
            bool(self.address and person.traces.is_address(row[self.address]))
            or bool(self.conversation and row[self.conversation] in person.conversations)
            or bool(self.ticket and row[self.ticket] in person.tickets)
            or bool(self.message and row[self.message] in person.messages)
            or bool(self.theirs and self.theirs(row, person))
        )

    def concerning(self, person: Belongings) -> Any:
        """The condition of the rows that are the person's or name them; of some others, too."""
        column = self.table.c
        addresses = [column[name] for name in (self.address, *self.texts, *self.acted) if name]
        ids = (
            (self.conversation, person.conversations),
            (self.ticket, person.tickets),
            (self.message, person.messages),
        )
        return sql.or_(
            sql.false(),
            *(near(one, person.traces) for one in addresses),
            *(one_of(column[name], values) for name, values in ids if name),
            *([self.theirs_near(person)] if self.theirs_near else []),
        )

    def changes(self, row: Mapping[str, Any], person: Belongings) -> dict[str, Any]:
        """What to change in a row of somebody else; empty for nothing."""
        named = {name: value for name, value in self.acted.items() if person.traces.is_address(row[name])}
        told = {name: person.traces.without(row[name]) for name in self.texts if person.traces.in_value(row[name])}
        return {**named, **{name: value for name, value in told.items() if value != row[name]}}


def _letter_is_theirs(row: Mapping[str, Any], person: Belongings) -> bool:
    """A letter to the person, answered to the person, or about their tickets, whoever it goes to."""
    if any(reference in row["payload"] for reference in person.tickets):
        return True
    said = json.loads(row["payload"] or "{}")
    addressed = f"{said.get('to', '')} , {said.get('reply_to', '')}"
    return said.get("arguments", {}).get("channel") in person.channels or person.traces.in_value(addressed)


def _letters_near(person: Belongings) -> Any:
    return near(outbox.c.payload, person.traces) | holds_one_of(outbox.c.payload, person.tickets | person.channels)


def _mail_is_theirs(row: Mapping[str, Any], person: Belongings) -> bool:
    """A refused mail, which belongs to no ticket, that names the person anywhere."""
    if row["state"] == MailState.KEPT.value:
        return False
    return any(person.traces.in_value(row[name]) for name in ("subject", "text", "rest", "content"))


def _mails_near(person: Belongings) -> Any:
    return incoming_mails.c.state != MailState.KEPT.value  # encoded as they are, nobody but a reader can tell


def _event_is_theirs(row: Mapping[str, Any], person: Belongings) -> bool:
    """An event that mentions the person, or comes from where they are talked to alone."""
    if not row["body"]:
        return False
    event = json.loads(row["body"]).get("event") or {}
    return bool({event.get("channel"), event.get("user")} & person.channels) or person.traces.in_value(row["body"])


def _events_near(person: Belongings) -> Any:
    return near(slack_events.c.body, person.traces) | holds_one_of(slack_events.c.body, person.channels)


ATTACHED = Holding(
    name="attachments",
    table=attachments,
    conversation="conversation_id",
    ticket="reference",
    texts=("name",),
    acted={"who": ERASED},
)
# In an order in which rows can be deleted, and those first that others tell the owner of.
HOLDINGS = (
    Holding(
        name="attachments_elsewhere", table=attachments_elsewhere, conversation="conversation_id", message="message_id"
    ),
    ATTACHED,
    Holding(name="slack_said", table=slack_said, message="id"),
    Holding(
        name="messages",
        table=messages,
        conversation="conversation_id",
        message="id",
        texts=("text", "comment", "buttons"),
    ),
    Holding(name="conversations", table=conversations, conversation="id"),
    Holding(
        name="mails",
        table=incoming_mails,
        address="sender",
        ticket="reference",
        theirs=_mail_is_theirs,
        theirs_near=_mails_near,
        texts=("subject", "text", "rest"),
        acted={"handled_by": ERASED},
    ),
    Holding(name="ticket_viewers", table=ticket_viewers, address="who", ticket="reference"),
    Holding(name="ticket_mails", table=ticket_mails, ticket="reference"),
    Holding(name="slack_threads", table=slack_threads, ticket="reference"),
    Holding(name="ticket_words", table=ticket_words, ticket="reference"),  # of others' tickets they are made anew
    Holding(name="ticket_events", table=ticket_events, ticket="reference", texts=("text",), acted={"who": ERASED}),
    Holding(
        name="tickets",
        table=tickets,
        address="contact",
        ticket="reference",
        texts=("about", "details", "tags"),
        acted={"assigned_to": ""},  # anybody's again
    ),
    Holding(name="canned_answers", table=canned_answers, texts=("title", "text"), acted={"changed_by": ERASED}),
    Holding(name="content_drafts", table=content_drafts, texts=("title",), acted={"author": ERASED}),
    Holding(name="content_changes", table=content_changes, texts=("change", "authors"), acted={"by": ERASED}),
    Holding(name="content_trials", table=content_trials, texts=("result", "words"), acted={"by": ERASED}),
    Holding(
        name="content_publications",
        table=content_publications,
        texts=("message", "override", "reason", "authors"),
        acted={"by": ERASED, "approved_by": ERASED},
    ),
    Holding(name="watches", table=watches, address="email", conversation="conversation_id"),
    Holding(name="codes", table=one_time_codes, address="email", conversation="conversation_id"),
    Holding(name="wrong_tries", table=wrong_tries, address="email"),
    Holding(name="proofs", table=proofs, address="email", conversation="conversation_id"),
    Holding(name="lookups", table=lookups, address="subject", acted={"asker": ERASED}),
    Holding(name="completions", table=completions, address="email"),
    Holding(name="import_changes", table=import_changes, address="email"),
    Holding(name="badges", table=badges, address="email"),
    Holding(name="letters", table=outbox, theirs=_letter_is_theirs, theirs_near=_letters_near, texts=("payload",)),
    Holding(
        name="slack_events",
        table=slack_events,
        theirs=_event_is_theirs,
        theirs_near=_events_near,
        emptied={"body": "", "done_at": slack_events.c.received_at},  # its id stays: Slack may send it again
    ),
    Holding(name="slack_cards", table=slack_cards, ticket="key"),
    Holding(name="slack_places", table=slack_places, conversation="conversation_id"),
)
# Of the counts, what goes by a conversation's or a ticket's id goes with it: erasing settles them.
COUNTS = (subject_counts, daily_counts, counts_due, counts_basis)
NOTHING_PERSONAL = (last_numbers, inboxes, imports, heartbeats, *COUNTS)
