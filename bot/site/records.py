"""What of a conversation may still be read: its record only while the proof holds under which it was shown."""

import datetime
from collections.abc import Sequence
from dataclasses import replace

from bot.content.kinds import ResponseKind, kind_of
from bot.content.responses import render
from bot.conversations.store import Message
from bot.identity.proof import Held

HIDDEN = "utter_record_hidden"


def readable(
    messages: Sequence[Message], held: Sequence[Held], now: datetime.datetime, lifetime: datetime.timedelta
) -> list[Message]:
    """The messages, those of the record replaced by one sentence each time they may be read no more.

    The cookie of a conversation lives longer than a proof, and a computer may be shared. What was said of the record
    without any proof of that moment (news that somebody waits for) is readable for as long as a proof would hold.

    Args:
        messages: of one conversation, oldest first.
        held: all proofs of the conversation, also those that are over.
        now: the time.
        lifetime: how long a proof holds.
    """
    shown: list[Message] = []
    for message in messages:
        if _open(message, held, now, lifetime):
            shown.append(message)
        elif not shown or shown[-1].utterance != HIDDEN:
            shown.append(replace(message, text=render(HIDDEN, {}), utterance=HIDDEN, buttons=(), suggestions=()))
    return shown


def is_of_record(message: Message) -> bool:
    """Whether a message tells something of a learner's record."""
    return kind_of(message.utterance) is ResponseKind.RECORD


def _open(message: Message, held: Sequence[Held], now: datetime.datetime, lifetime: datetime.timedelta) -> bool:
    if not is_of_record(message):
        return True
    return message.created_at is not None and still_open(message.created_at, held, now, lifetime)


def still_open(
    shown: datetime.datetime, held: Sequence[Held], now: datetime.datetime, lifetime: datetime.timedelta
) -> bool:
    """Whether what was shown at a moment may still be seen: see `readable`."""
    then = [proof for proof in held if proof.since <= shown < proof.until]
    return all(proof.until > now for proof in then) if then else shown + lifetime > now
