"""A ticket: what the certification team gets about a learner's case, and the rules of its life. No I/O."""

import datetime
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from enum import Enum

from bot.errors import AlreadyClaimed, EmptyText, TextTooLong
from bot.tickets.title import title

LEARNER, SYSTEM = "learner", "system"
LONGEST_WORDING = 10_000  # characters of one reply


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


@dataclass(frozen=True)
class Line:
    """One line of the transcript; `role` is "user", "bot" or "staff"."""

    role: str
    text: str


@dataclass(frozen=True)
class TicketRequest:
    """What a ticket is made of. The same `key` is the same request, however often it comes.

    `proven` are the addresses that the conversation has proven; empty says that the contact is not proven.
    `diagnosis` are the sentences that the learner was told, in Markdown, `stages` the stages behind them. `topic` is
    the label of a question that the FAQ does not answer. `separate`: it is a ticket of its own although the
    conversation has an open one.
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


@dataclass(frozen=True)
class Ticket:
    """A ticket as it stands."""

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

    @property
    def open(self) -> bool:
        """Whether anybody still has something to do."""
        return self.state is not State.RESOLVED

    @property
    def title(self) -> str:
        """The matter in a few words."""
        return title(self.about, self.credentials)

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
            return self
        return replace(self, state=State.ASSIGNED if self.assigned_to else State.NEW)

    def resolved(self) -> "Ticket":
        """Done."""
        return replace(self, state=State.RESOLVED)

    def reopened(self) -> "Ticket":
        """Not done after all; a ticket that is open stays as it is."""
        return self if self.open else replace(self, state=State.REOPENED)


@dataclass(frozen=True)
class TicketEvent:
    """One line of a ticket's history. `who` is a staff address, "learner" or "system"; `via` the way it came."""

    at: datetime.datetime
    who: str = field(repr=False)
    what: What
    text: str = field(default="", repr=False)
    via: str = ""


@dataclass(frozen=True)
class TicketFilter:
    """Which tickets to list; empty means all. `oldest_first` is by the last change, else the newest comes first."""

    states: Collection[State] = ()
    assigned_to: str | None = None
    text: str = ""
    oldest_first: bool = True


_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # of the direction of what follows
_BY_STAGE = {
    "overdue": Action.ISSUE,
    "exam_passed": Action.ISSUE,
    "waiting_to_be_claimed": Action.RESEND,
    "declined": Action.RESEND,
}
_HELD = {"accepted", "expires_soon", "waiting_to_be_claimed"}
_BY_TOPIC = {"name_correction": Action.CORRECT_NAME}


def suggest(request: TicketRequest) -> Action:
    """What will probably help, from what is known; NONE where nothing tells."""
    topic = request.topic.split("/", 1)[-1]
    if topic in _BY_TOPIC:
        return _BY_TOPIC[topic]
    if request.proven and request.contact not in request.proven and set(request.stages) & _HELD:
        return Action.REPLACE_ADDRESS  # reads mail elsewhere than where the badges are
    by_stage = [_BY_STAGE[stage] for stage in request.stages if stage in _BY_STAGE]
    if by_stage:
        return by_stage[0]
    return Action.MERGE_PROFILES if request.several_profiles else Action.NONE


def readable(text: str) -> str:
    """A text without the characters that cannot be seen and could hide or turn around others; lines stay."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c in "\n\t" or (unicodedata.category(c) != "Cc" and c not in _TURNING))


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
