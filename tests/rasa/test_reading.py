"""While a long message is read, Rasa's loop goes on with others, and short ones go first."""

import asyncio
import threading

import pytest
from rasa.core.channels.channel import UserMessage

from bot.rasa.patches import before_each_node
from bot.rasa.reading import LONG_TEXT, ShortMessages, read_apart

UNDERSTOOD = {"intent": {"name": "faq", "confidence": 0.9}}


class Agent:
    """Reads a message only once the loop has done something else."""

    def __init__(self):
        self.processor, self.read, self.loop_went_on = self, [], threading.Event()

    async def parse_message(self, message):
        assert self.loop_went_on.wait(60)
        self.read.append(message.text)
        return UNDERSTOOD


async def both(agent, message):
    reading = asyncio.create_task(read_apart(message, agent.processor, ShortMessages()))
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
    asyncio.run(read_apart(UserMessage("a" * 500), None, ShortMessages()))


class Steps:
    """Reads a message in three steps; while the second of them begins, a short message comes and goes."""

    def __init__(self, short):
        self.processor, self.short, self.order = self, short, []
        self.begun, self.may_end = threading.Event(), threading.Event()

    async def parse_message(self, message):
        for step in ("first", "second", "third"):
            before_each_node.get()()
            self.order.append(step)
            if step == "first":
                self.begun.set()
                assert self.may_end.wait(60)
        return UNDERSTOOD


async def interrupted(agent, short):
    reading = asyncio.create_task(read_apart(UserMessage("a" * (LONG_TEXT + 1)), agent.processor, short))
    await asyncio.get_running_loop().run_in_executor(None, agent.begun.wait, 60)
    with short.counted(UserMessage("what is credly")):
        agent.may_end.set()
        done, _ = await asyncio.wait({reading}, timeout=0.1)
        assert not done
        agent.order.append("short")
    await reading


def test_a_short_message_that_comes_meanwhile_goes_before_what_is_left_of_a_long_one():
    short = ShortMessages()
    agent = Steps(short)
    asyncio.run(interrupted(agent, short))
    assert agent.order == ["first", "short", "second", "third"]


def test_a_long_message_does_not_wait_for_ever(monkeypatch):
    monkeypatch.setattr("bot.rasa.reading.LONGEST_STANDING_BACK", 0.05)
    short, agent = ShortMessages(), Agent()
    agent.loop_went_on.set()
    message = UserMessage("a" * (LONG_TEXT + 1))
    with short.counted(UserMessage("what is credly")):
        asyncio.run(read_apart(message, agent.processor, short))
    assert message.parse_data == UNDERSTOOD


def test_a_long_message_waits_for_no_long_one(monkeypatch):
    monkeypatch.setattr("bot.rasa.reading.LONGEST_STANDING_BACK", 600.0)
    short, agent = ShortMessages(), Steps(None)
    agent.may_end.set()
    with short.counted(UserMessage("b" * 500)):
        asyncio.run(asyncio.wait_for(read_apart(UserMessage("a" * 500), agent, short), 60))
    assert agent.order == ["first", "second", "third"]


def test_a_message_by_itself_is_told_from_several():
    short = ShortMessages()
    with short.counted(UserMessage("hello")):
        assert short.one_at_most()
        with short.counted(UserMessage("hello again")):
            assert not short.one_at_most()
        assert short.one_at_most()
