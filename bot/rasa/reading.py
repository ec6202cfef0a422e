"""Reads long messages beside the others: Rasa has one loop, which reads one message after the other."""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Dict, Optional

from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor

LONG_TEXT = 120  # characters; what is shorter takes less than the way to another thread and back
SWITCH_SECONDS = 0.001  # a fifth of Python's own: for so long a short message waits for a long one to let go
_pool = ThreadPoolExecutor(1, "long-messages", initializer=sys.setswitchinterval, initargs=(SWITCH_SECONDS,))


async def read_apart(message: UserMessage, processor: Optional[MessageProcessor]) -> None:
    """Put into a long message what Rasa understands of it, so that its loop needs not; a short one stays as it is.

    Args:
        message: as it came in.
        processor: of the model; without one the message stays as it is.
    """
    if processor is None or message.parse_data or len(message.text or "") <= LONG_TEXT:
        return

    def read() -> Dict[str, Any]:
        return asyncio.run(processor.parse_message(message))

    message.parse_data = await asyncio.get_running_loop().run_in_executor(_pool, read)
