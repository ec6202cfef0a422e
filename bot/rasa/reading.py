"""Reads long messages beside the others, and lets short ones go first: Rasa has one loop, which reads one at a time.

A long message is read in a thread of its own. Between the components of the pipeline, and before its dialogue goes on
in the loop, it stands back for as long as a short message is at work, up to a limit.
"""

import asyncio
import contextvars
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Dict, Iterator, Optional

from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor

from bot.rasa.patches import before_each_node

LONG_TEXT = 120  # characters; what is shorter takes less than the way to another thread and back
SWITCH_SECONDS = 0.001  # a fifth of Python's own: for so long a short message waits for a long one to let go
LONGEST_STANDING_BACK = 2.0  # seconds, of one message in all
_pool = ThreadPoolExecutor(1, "long-messages", initializer=sys.setswitchinterval, initargs=(SWITCH_SECONDS,))


class ShortMessages:
    """How many short messages are at work, for the long ones to wait until none is."""

    def __init__(self) -> None:
        """None is at work."""
        self._changed, self._count = threading.Condition(), 0

    def one_at_most(self) -> bool:
        """Whether no other is at work than the one that asks."""
        return self._count <= 1

    @contextmanager
    def counted(self, message: UserMessage) -> Iterator[None]:
        """Count a message while the block lasts, if it is short."""
        if is_long(message):
            yield
            return
        self._add(1)
        try:
            yield
        finally:
            self._add(-1)

    def wait(self, seconds: float) -> None:
        """Until none is at work, or the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: not self._count, max(seconds, 0.0))

    def _add(self, number: int) -> None:
        with self._changed:
            self._count += number
            self._changed.notify_all()


def is_long(message: UserMessage) -> bool:
    """Whether a message has to be read, and takes long."""
    return not message.parse_data and len(message.text or "") > LONG_TEXT


async def read_apart(message: UserMessage, processor: Optional[MessageProcessor], short: ShortMessages) -> None:
    """Put into a long message what Rasa understands of it, so that its loop needs not; a short one stays as it is.

    Args:
        message: as it came in.
        processor: of the model; without one the message stays as it is.
        short: those that go first.
    """
    if processor is None or not is_long(message):
        return

    def read() -> Dict[str, Any]:
        latest = time.monotonic() + LONGEST_STANDING_BACK

        def stand_back() -> None:
            short.wait(latest - time.monotonic())

        before_each_node.set(stand_back)
        understood: Dict[str, Any] = asyncio.run(processor.parse_message(message))
        stand_back()
        return understood

    context = contextvars.copy_context()  # of the request that it belongs to
    message.parse_data = await asyncio.get_running_loop().run_in_executor(_pool, context.run, read)
