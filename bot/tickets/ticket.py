"""A ticket: what the certification team gets about a learner's case, and the rules of its life. No I/O."""

import datetime
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from enum import Enum

from bot.attachments.attachment import Attachment
from bot.errors import AlreadyClaimed, EmptyText, TextTooLong
from bot.tickets.title import title

LEARNER, SYSTEM = "learner", "system"
LONGEST_WORDING = 10_000  # characters of one reply


_SHORT = re.compile(r"(?i)CRT-([0-9]{4})-([0-9]{1,4})")


def with_zeros(reference: str) -> str:
    """A reference that somebody wrote without its zeros, as it is kept: CRT-2026-42 is CRT-2026-00042."""
    short = _SHORT.fullmatch(reference)
    return f"CRT-{short[1]}-{short[2]:0>5}" if short else reference


class State(str, Enum):
    """Where a ticket stands; WAITING is for the learner's answer."""

    NEW = "new"
    ASSIGNED = "assigned"
    WAITING = "waiting"
    RESOLVED = "resolved"
    REOPENED = "reopened"


class HandoverReason(str, Enum):
    """Why the assistant handed the case over."""

    REQUESTED = "requested"
    NOT_UNDERSTOOD = "not_understood"
    OVERDUE = "overdue"
    NEAR_MISS = "near_miss"
    NO_ASSISTANT = "no_assistant"


class Action(str, Enum):
    """What will probably help, in Credly."""

    ISSUE = "issue"
    RESEND = "resend"
    REPLACE_ADDRESS = "replace_address"
    MERGE_PROFILES = "merge_profiles"
    CORRECT_NAME = "correct_name"
    NONE = ""


class What(str, Enum):
    """What happened to a ticket."""

    OPENED = "opened"
    ASSIGNED = "assigned"
    RELEASED = "released"
    REPLIED = "replied"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    REMINDED = "reminded"
    WITHDRAWN = "withdrawn"  # by the learner
    NOTE = "note"
    HANDED_ON = "handed_on"  # to a colleague, whom the text names
    PRIORITISED = "prioritised"
    TAGGED = "tagged"
    SNOOZED = "snoozed"  # until the day that the text names; "" where it is back
    MERGED = "merged"  # with the ticket that the text names
    ASKED_AGAIN = "asked_again"  # the learner, who has not answered
    CLOSED = "closed"  # by itself, as the learner has not answered
    GIVEN_UP = "given_up"  # a mail about the ticket: our mail server did not take it
    BOUNCED = "bounced"  # a mail about the ticket: another server sent it back


class Priority(int, Enum):
    """How soon a ticket wants an answer."""

    LOW = -1
    NORMAL = 0
    HIGH = 1


BESIDES = (What.REMINDED, What.ASKED_AGAIN, What.PRIORITISED, What.TAGGED, What.SNOOZED)  # change nothing of the matter


@dataclass(frozen=True)
class Line:
    """One line of the transcript; `role` is "user", "bot" or "staff"."""

    role: str
    text: str


@dataclass(frozen=True)
class TicketRequest:
    """What a ticket is made of. The same `key` is the same request, however often it comes.

    `channel` is where it came from: "site" (the chat there), "form" or "slack".

    `proven` are the addresses that the conversation has proven; empty says that the contact is not proven.
    `diagnosis` are the sentences that the learner was told, in Markdown, `stages` the stages behind them. `topic` is
    the label of a question that the FAQ does not answer. `separate`: it is a ticket of its own although the
    conversation has an open one. `network` stands for where the request came from, "" where that is not known. `files`
    are the ids of those that came with it; what the conversation has beside them comes along.
    """

    key: str
    conversation_id: str
    channel: str
    contact: str = field(repr=False)
    about: str = field(repr=False)
    reason: HandoverReason = HandoverReason.REQUESTED
    proven: tuple[str, ...] = field(default=(), repr=False)
    diagnosis: tuple[str, ...] = field(default=(), repr=False)
    stages: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()
    faqs: tuple[str, ...] = ()
    transcript: tuple[Line, ...] = field(default=(), repr=False)
    topic: str = ""
    several_profiles: bool = False
    separate: bool = False
    network: str = field(default="", repr=False)
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ticket:
    """A ticket as it stands.

    `since` is when it came to wait for whom it waits for, `due_at` when the team's answer is due, None where it is not
    the team's turn. `merged_into` is the ticket in which this one goes on, `others` are contacts of those merged
    into it.
    """

    reference: str
    state: State
    contact: str = field(repr=False)
    about: str = field(repr=False)
    reason: HandoverReason
    suggested_action: Action
    conversation_id: str
    channel: str
    created_at: datetime.datetime
    updated_at: datetime.datetime
    assigned_to: str = ""
    proven: tuple[str, ...] = field(default=(), repr=False)
    diagnosis: tuple[str, ...] = field(default=(), repr=False)
    credentials: tuple[str, ...] = ()
    faqs: tuple[str, ...] = ()
    transcript: tuple[Line, ...] = field(default=(), repr=False)
    team_thread: str = ""
    learner_thread: str = ""
    priority: Priority = Priority.NORMAL
    tags: tuple[str, ...] = ()
    snoozed_until: datetime.datetime | None = None
    merged_into: str = ""
    others: tuple[str, ...] = field(default=(), repr=False)
    since: datetime.datetime | None = None
    due_at: datetime.datetime | None = None

    @property
    def open(self) -> bool:
        """Whether anybody still has something to do."""
        return self.state is not State.RESOLVED

    @property
    def waits_for_team(self) -> bool:
        """Whether it is the team's turn."""
        return self.open and self.state is not State.WAITING

    @property
    def title(self) -> str:
        """The matter in a few words."""
        return title(self.about, self.credentials)

    @property
    def version(self) -> str:
        """Names how it stands, for `news`: a form sends back what its reader saw."""
        return self.updated_at.isoformat()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Those of the learner, as far as the ticket knows."""
        return tuple(dict.fromkeys([self.contact, *self.proven, *self.others]))

    @property
    def contact_proven(self) -> bool:
        """Whether the contact address is one that the conversation has proven."""
        return self.contact in self.proven

    def claimed(self, by: str) -> "Ticket":
        """Somebody takes it; raises AlreadyClaimed when another has it."""
        if self.assigned_to and self.assigned_to != by:
            raise AlreadyClaimed(self.reference, self.assigned_to)
        state = State.ASSIGNED if self.state in (State.NEW, State.REOPENED) else self.state
        return replace(self, assigned_to=by, state=state)

    def released(self) -> "Ticket":
        """It is anybody's again."""
        return replace(self, assigned_to="", state=State.NEW if self.state is State.ASSIGNED else self.state)

    def replied(self, by: str) -> "Ticket":
        """The team has written to the learner; who answers an unassigned ticket has it."""
        return replace(self, state=State.WAITING, assigned_to=self.assigned_to or by)

    def answered(self) -> "Ticket":
        """The learner has written; a resolved ticket is open again."""
        if self.state is State.RESOLVED:
            return self.reopened()
        if self.state is not State.WAITING:
            return replace(self, snoozed_until=None)
        return replace(self, snoozed_until=None, state=State.ASSIGNED if self.assigned_to else State.NEW)

    def woken(self) -> "Ticket":
        """The day has come until which it was snoozed: it is the team's turn."""
        return replace(self.answered(), snoozed_until=None) if self.open else replace(self, snoozed_until=None)

    def not_reached(self) -> "Ticket":
        """The learner did not get what the team wrote: the team has to look again."""
        return self.answered()

    def resolved(self) -> "Ticket":
        """Done."""
        return replace(self, state=State.RESOLVED, snoozed_until=None)

    def reopened(self) -> "Ticket":
        """Not done after all; a ticket that is open stays as it is."""
        return self if self.open else replace(self, state=State.REOPENED)


@dataclass(frozen=True)
class TicketEvent:
    """One line of a ticket's history. `who` is a staff address, "learner" or "system"; `via` the way it came.

    `key` names what it was made of, such as a mail. `files` came with it; what is read from the database has none.
    """

    at: datetime.datetime
    who: str = field(repr=False)
    what: What
    text: str = field(default="", repr=False)
    via: str = ""
    key: str = ""
    files: tuple[Attachment, ...] = ()


def by_mail(ticket: Ticket, event: TicketEvent) -> bool:
    """Whether the learner wrote it by mail, to be shown where they chat; only if the chat is surely theirs."""
    return event.what is What.ANSWERED and event.via == "mail" and ticket.contact_proven


def news(events: Collection[TicketEvent], seen: str, by: str) -> list[TicketEvent]:
    """What others have done to a ticket since somebody saw it; the collision rule of every face.

    Args:
        events: its history, oldest first.
        seen: the `version` that they saw; "" tells nothing, and nothing is news then.
        by: who saw it; what they did themselves is no news, and neither is what changes nothing of the matter.
    """
    try:
        since = datetime.datetime.fromisoformat(seen)
    except ValueError:
        return []
    if since.tzinfo is None:  # none of ours
        return []
    return [one for one in events if one.at > since and one.who != by and one.what not in BESIDES]


@dataclass(frozen=True)
class TicketFilter:
    """Which tickets to list; empty means all.

    `oldest_first` is by the last change, else the newest comes first; with `due_first` those whose answer is overdue at
    that moment, or that are open though opened before `to_be_resolved`, come before, then those of high priority, then
    what is due next. `snoozed` at the moment `at`: yes, no,
    or None for both. `not_of` leaves out somebody's, and nobody's. `count_to` is how far those on all pages are
    counted, 0 for to the end.
    """

    states: Collection[State] = ()
    assigned_to: str | None = None
    text: str = ""
    oldest_first: bool = True
    due_first: datetime.datetime | None = None
    to_be_resolved: datetime.datetime | None = None
    at: datetime.datetime | None = None
    snoozed: bool | None = None
    not_of: str = ""
    tag: str = ""
    count_to: int = 0


_UNFIT = ("Cc", "Cs")  # control characters, and halves of characters, which no database keeps
_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # of the direction of what follows


def readable(text: str) -> str:
    """A text without the characters that cannot be seen and could hide or turn around others; lines stay."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c in "\n\t" or (unicodedata.category(c) not in _UNFIT and c not in _TURNING))


def wording(text: str) -> str:
    """What somebody wrote, fit to be kept; raises EmptyText or TextTooLong."""
    words = readable(text).strip()
    if not words:
        raise EmptyText
    if len(words) > LONGEST_WORDING:
        raise TextTooLong(LONGEST_WORDING)
    return words


def working_days(since: datetime.datetime, now: datetime.datetime) -> int:
    """Whole days from Monday to Friday between two moments, the first one not counted."""
    days = (since.date() + datetime.timedelta(days=n) for n in range(1, (now.date() - since.date()).days + 1))
    return sum(day.weekday() < 5 for day in days)
