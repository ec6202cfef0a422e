"""Who answers what: messages that arrive while another is being answered wait, and get one reply together.

The database decides, so that it does not matter which process a request came to, and that a message sent twice is
answered once.
"""

import datetime
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

import sqlalchemy as sql
from sqlalchemy.engine import Connection, Row

from bot.clock import Clock, is_held
from bot.content.responses import is_answered
from bot.conversations.message import UserInput
from bot.conversations.renewal import Renewal
from bot.conversations.store import Message, conversations, message_of, messages, row_of
from bot.database import Database
from bot.errors import NoConversation, TooManyMessages, UnknownButton

TURN_LEASE = datetime.timedelta(seconds=6)  # of a turn that is not renewed: then its process has died
TURN_RENEWAL_SECONDS = 1.5  # between two renewals
STILL_WANTED = datetime.timedelta(minutes=10)  # what went unanswered for longer is not brought up again
MOST_UNANSWERED = 8
LONGEST_JOINED = 4000  # characters of one turn

# Built once: to build a statement, and to see that it is one already compiled, takes longer than to run it.
_THIS_ALONE = conversations.select().where(conversations.c.id == sql.bindparam("this")).with_for_update(key_share=True)
_ITS_MESSAGES = messages.select().where(messages.c.conversation_id == sql.bindparam("this")).order_by(messages.c.number)
_MESSAGE = messages.select().where(messages.c.number == sql.bindparam("this"))
_KEEP = messages.insert()
_LEASE = (
    conversations.update()
    .where(conversations.c.id == sql.bindparam("this"))
    .values(answering=sql.bindparam("turn"), answering_until=sql.bindparam("until"))
)
_THESE = messages.c.number.in_(sql.bindparam("these", expanding=True))
_ATTEMPT = messages.update().where(_THESE).values(attempts=messages.c.attempts + 1)
_ANSWERED = messages.update().where(_THESE).values(turn=sql.bindparam("by"))
_RELEASE = (
    conversations.update()
    .where((conversations.c.id == sql.bindparam("this")) & (conversations.c.answering == sql.bindparam("by")))
    .values(answering=None, answering_until=None)
)


@dataclass(frozen=True)
class Turn:
    """Messages to be answered now, by the one who holds this: typed texts, joined, or one pressed button."""

    id: str
    conversation_id: str
    channel: str
    before: list[Message]
    said: UserInput
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Waiting:
    """The message is kept; somebody else is answering. `attempts` is how often it was tried before."""

    number: int
    attempts: int


@dataclass(frozen=True)
class Answered:
    """The replies to a message."""

    replies: list[Message] = field(default_factory=list)


class Turns:
    """Keeps what people say, and gives each message to exactly one request to answer."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Use a database whose schema exists."""
        self._database, self._clock = database, clock
        self._renewal = Renewal(self._renew, TURN_RENEWAL_SECONDS)

    def accept(
        self, conversation_id: str, said: UserInput, offered: Callable[[list[Message]], dict[str, str]]
    ) -> tuple[Waiting, Turn | Answered | None]:
        """Keep a message unless it is kept already, and begin a turn if nobody is answering.

        Args:
            conversation_id: whose message.
            said: the message.
            offered: finds the payloads of a history that may be pressed, with their titles.

        Raises:
            NoConversation, UnknownButton (it was not offered), TooManyMessages: it is not kept.
        """
        with self._alone(conversation_id) as (connection, conversation):
            rows = _rows(connection, conversation_id)
            kept = _find(rows, said) or self._keep(connection, conversation_id, rows, said, offered)
            rows = rows if kept in rows else [*rows, kept]
            step = self._step(connection, conversation, rows, kept)
            return Waiting(kept.number, kept.attempts), step

    def proceed(self, conversation_id: str, number: int) -> Turn | Answered | None:
        """Begin a turn if nobody is answering; the replies if the message has been answered, None to wait."""
        with self._alone(conversation_id) as (connection, conversation):
            rows = _rows(connection, conversation_id)
            kept = next(row for row in rows if row.number == number)
            return self._step(connection, conversation, rows, kept)

    def look(self, conversation_id: str, waiting: Waiting) -> str:
        """How a waiting message stands, without making anybody wait: "answered", "failed", "free" or "busy"."""
        found = sql.select(messages.c.turn, messages.c.attempts, conversations.c.answering_until).join_from(
            messages, conversations
        )
        one = found.where((messages.c.number == waiting.number) & (conversations.c.id == conversation_id))
        with self._database.transaction() as connection:
            row = connection.execute(one).first()
        if row is None or row.turn:
            return "answered"
        if is_held(row.answering_until, self._clock(), TURN_LEASE):
            return "busy"
        return "failed" if row.attempts > waiting.attempts else "free"

    def end(self, turn: Turn, replies: Sequence[Message]) -> bool:
        """Keep the replies; False when the turn had gone to somebody else meanwhile."""
        with self._database.transaction() as connection:
            if not _release(connection, turn):  # first: from here on nobody else begins a turn until all of it is kept
                return False
            rows = [{**row_of(turn.conversation_id, reply), "turn": turn.id} for reply in replies]
            if rows:
                connection.execute(_KEEP, rows)
            connection.execute(_ANSWERED, {"these": turn.numbers, "by": turn.id})
        return True

    def in_hand(self, turn: Turn) -> AbstractContextManager[None]:
        """While the block goes on nobody else gets the turn, unless this process dies or stands still."""
        return self._renewal.of(turn.id)

    def _renew(self, turn_ids: Collection[str]) -> None:
        held = conversations.c.answering.in_(list(turn_ids))
        until = self._clock() + TURN_LEASE
        with self._database.transaction() as connection:
            connection.execute(conversations.update().where(held).values(answering_until=until))

    def give_up(self, turn: Turn) -> None:
        """The assistant did not answer: the messages stay, for another try."""
        with self._database.transaction() as connection:
            _release(connection, turn)

    @contextmanager
    def _alone(self, conversation_id: str) -> Iterator[tuple[Connection, Row]]:
        """A transaction during which nobody else accepts, begins or ends a turn of this conversation."""
        with self._database.transaction() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            conversation = connection.execute(_THIS_ALONE, {"this": conversation_id}).first()
            if conversation is None:
                raise NoConversation
            yield connection, conversation

    def _keep(
        self,
        connection: Connection,
        conversation_id: str,
        rows: list[Row],
        said: UserInput,
        offered: Callable[[list[Message]], dict[str, str]],
    ) -> Row:
        title = offered([message_of(row) for row in rows]).get(said.payload) if said.payload else said.text
        if title is None:
            raise UnknownButton
        if len(self._unanswered(rows)) >= MOST_UNANSWERED:
            raise TooManyMessages
        new = Message.new("user", title, client_id=said.client_id, now=self._clock())
        values = {**row_of(conversation_id, new), "payload": said.payload}
        number = connection.execute(_KEEP, values).inserted_primary_key[0]
        return connection.execute(_MESSAGE, {"this": number}).one()

    def _step(self, connection: Connection, conversation: Row, rows: list[Row], kept: Row) -> Turn | Answered | None:
        if kept.turn:
            return Answered([message_of(row) for row in rows if row.turn == kept.turn and row.role == "bot"])
        now = self._clock()
        if is_held(conversation.answering_until, now, TURN_LEASE):
            return None
        wanted = self._unanswered(rows)
        batch = _batch(wanted if kept in wanted else [kept])
        numbers = tuple(row.number for row in batch)
        turn_id = str(uuid.uuid4())
        connection.execute(_LEASE, {"this": conversation.id, "turn": turn_id, "until": now + TURN_LEASE})
        connection.execute(_ATTEMPT, {"these": numbers})
        before = [message_of(row) for row in rows if row.number not in numbers]
        return Turn(
            id=turn_id,
            conversation_id=conversation.id,
            channel=conversation.channel,
            before=before,
            said=_joined(batch),
            numbers=numbers,
        )

    def _unanswered(self, rows: list[Row]) -> list[Row]:
        since = self._clock() - STILL_WANTED
        return [r for r in rows if r.role == "user" and not r.turn and r.created_at and r.created_at > since]


def _rows(connection: Connection, conversation_id: str) -> list[Row]:
    return list(connection.execute(_ITS_MESSAGES, {"this": conversation_id}))


def _find(rows: list[Row], said: UserInput) -> Row | None:
    """The message if it stands there already: by its id, or by its words as the last ones, still unanswered."""
    if said.client_id:
        return next((row for row in rows if row.client_id == said.client_id), None)
    last = rows[-1] if rows else None
    if last is None or last.role != "user" or last.turn or last.payload != said.payload:
        return None
    return last if said.payload or last.text == said.text else None


def _batch(wanted: list[Row]) -> list[Row]:
    """The next turn: a pressed button by itself, or all typed texts up to the next button."""
    batch: list[Row] = []
    for row in wanted:
        length = sum(len(one.text) for one in [*batch, row])
        if batch and (row.payload or batch[0].payload or length > LONGEST_JOINED):
            break
        batch.append(row)
    return batch


def _joined(batch: list[Row]) -> UserInput:
    """A button whose answer was taken out since it was offered counts as its words."""
    payload = batch[0].payload
    if payload and is_answered(payload):
        return UserInput(payload=payload)
    return UserInput(text="\n".join(dict.fromkeys(row.text for row in batch)))


def _release(connection: Connection, turn: Turn) -> bool:
    """Let the next turn begin once the transaction ends; False when this one had gone to somebody else meanwhile."""
    return bool(connection.execute(_RELEASE, {"this": turn.conversation_id, "by": turn.id}).rowcount)
