"""While a long message is read, Rasa's loop goes on with others."""

import asyncio
import threading

import pytest
from rasa.core.channels.channel import UserMessage

from bot.rasa.reading import LONG_TEXT, read_apart

UNDERSTOOD = {"intent": {"name": "faq", "confidence": 0.9}}


class Agent:
    """Reads a message only once the loop has done something else."""

    def __init__(self):
        self.processor, self.read, self.loop_went_on = self, [], threading.Event()

    async def parse_message(self, message):
        assert self.loop_went_on.wait(10)
        self.read.append(message.text)
        return UNDERSTOOD


async def both(agent, message):
    reading = asyncio.create_task(read_apart(message, agent.processor))
    await asyncio.sleep(0)
    agent.loop_went_on.set()
    await reading


def test_the_loop_goes_on_while_a_long_message_is_read():
    agent, message = Agent(), UserMessage("a" * (LONG_TEXT + 1), metadata={"context": {}})
    asyncio.run(both(agent, message))
    assert message.parse_data == UNDERSTOOD and agent.read == [message.text]


@pytest.mark.parametrize(
    "message", [UserMessage("what is credly"), UserMessage("/faq/x" + "x" * 200, parse_data=UNDERSTOOD)]
)
def test_what_is_short_or_understood_is_left_alone(message):
    before, agent = message.parse_data, Agent()
    asyncio.run(both(agent, message))
    assert message.parse_data == before and agent.read == []


def test_a_server_without_a_model_does_not_fail():
    asyncio.run(read_apart(UserMessage("a" * 500), None))
