import asyncio
import copy
import logging

import pytest
import rasa.core.processor
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    BotUttered,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import TextSlot
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.utils.endpoints import EndpointConfig

from bot.rasa import shortcuts


@pytest.fixture
def as_rasa_has_it(monkeypatch):
    """What the test replaces is put back; copies are Python's own, whatever ran in this process before."""
    for owner, name in ((DialogueStateTracker, "copy"), (EndpointConfig, "session"), (rasa.core.processor, "copy")):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    monkeypatch.setattr(rasa.core.processor, "copy", copy)


def conversation(*more):
    slots = [TextSlot(name, mappings=[{}], initial_value=value) for name, value in (("about", None), ("contact", "x"))]
    tracker = DialogueStateTracker("anybody", slots)
    begin = [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]
    tracker.update_with_events([*begin, UserUttered("hello", {"name": "greet"}), *more], None)
    return tracker


@pytest.mark.parametrize(
    "more",
    [
        [],
        [ActionExecuted("utter_greet"), BotUttered("Hello!"), ActionExecuted("action_listen")],
        [ActiveLoop("ticket_form"), SlotSet("requested_slot", "about"), SlotSet("about", "my badge")],
        [ActiveLoop("ticket_form"), ActionExecutionRejected("ticket_form")],
        [ActiveLoop("ticket_form"), ActiveLoop(None), SlotSet("contact", None)],
    ],
)
def test_a_copied_conversation_is_what_doing_its_events_again_makes(as_rasa_has_it, more):
    shortcuts.copy_trackers()
    tracker = conversation(*(one for one in more if getattr(one, "key", "") != "requested_slot"))
    copied, done_again = tracker.copy(), tracker.travel_back_in_time(float("inf"))
    assert copied.current_state(EventVerbosity.ALL) == done_again.current_state(EventVerbosity.ALL)
    set_already = [{name: slot.has_been_set for name, slot in one.slots.items()} for one in (copied, done_again)]
    assert set_already[0] == set_already[1]
    assert copied.is_active_loop_rejected == done_again.is_active_loop_rejected


def test_what_happens_to_a_copy_does_not_happen_to_the_conversation(as_rasa_has_it):
    shortcuts.copy_trackers()
    tracker = conversation(ActiveLoop("ticket_form"))
    before = tracker.current_state(EventVerbosity.ALL)
    tracker.copy().update_with_events([SlotSet("about", "a badge"), ActionExecutionRejected("ticket_form")], None)
    assert tracker.current_state(EventVerbosity.ALL) == before
    assert not tracker.is_active_loop_rejected


class Server:
    """Answers every request with {}, and counts connections."""

    def __init__(self):
        self.connections, self.heads = 0, []

    async def start(self, port=0):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        return self._server.sockets[0].getsockname()[1]

    async def stop(self):
        self._server.close()
        for writer in self._writers:
            writer.close()
        await self._server.wait_closed()

    _writers = ()

    async def _serve(self, reader, writer):
        self.connections += 1
        self._writers = (*self._writers, writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.heads.append(head.decode().lower())
                await reader.readexactly(int(self.heads[-1].split("content-length:")[1].split("\r\n")[0]))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
        except asyncio.IncompleteReadError:
            pass


def test_actions_share_a_connection_and_outlive_the_server_at_its_other_end(as_rasa_has_it):
    shortcuts.keep_connections()

    async def call():
        server = Server()
        port = await server.start()
        endpoint = EndpointConfig(f"http://127.0.0.1:{port}/webhook", headers={"Authorization": "Bearer of-rasa"})
        assert [await endpoint.request(json={"number": number}) for number in range(3)] == [{}, {}, {}]
        assert server.connections == 1
        assert all("authorization: bearer of-rasa" in head for head in server.heads)
        await server.stop()
        again = Server()
        await again.start(port)
        assert await endpoint.request(json={}) == {}
        await shortcuts.close_connections()
        assert await endpoint.request(json={}) == {}  # a server that goes on opens another
        await shortcuts.close_connections()
        await again.stop()

    asyncio.run(call())


@pytest.mark.parametrize(("level", "copies"), [(logging.DEBUG, True), (logging.INFO, False)])
def test_events_are_copied_for_the_log_only_where_they_are_written(as_rasa_has_it, caplog, level, copies):
    with caplog.at_level(level, logger="rasa"):
        shortcuts.log_without_copies()
    events = [SlotSet("about", "a badge")]
    assert (rasa.core.processor.copy.deepcopy(events) is not events) == copies
