"""What the server answers with while a publication is taken over, with small models in place of Rasa's."""

import asyncio
import gc
import json
import os
import sys
import threading
from types import SimpleNamespace

import pytest
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import InMemoryLockStore

from bot.live import LIVE_FILE
from bot.rasa import models
from bot.rasa.models import InHand, Models, answer_with


class Processor:
    """Answers with the name of its model, once it is let."""

    def __init__(self, archive, domain=None):
        self.model_path, self.domain = archive, SimpleNamespace(responses={"utter_greet": [{"text": archive.name}]})
        self.nlg, self.let, self.answered = None, asyncio.Event(), []
        self.let.set()

    async def handle_message(self, message):
        await self.let.wait()
        self.answered.append(message.text)


class Agent:
    """What of Rasa's agent depends on the model, and what does not."""

    def __init__(self, archive):
        self.processor = Processor(archive) if archive else None
        self.domain, self.nlg = None, None
        self.tracker_store = SimpleNamespace(domain=None)
        self.lock_store, self.action_endpoint, self.http_interpreter = InMemoryLockStore(), object(), None


class Server:
    """Models on a loop of their own; `loads` are the archives that were loaded."""

    def __init__(self, folder, monkeypatch):
        self.content, self.loads, self.broken = folder / "content", [], set()
        (self.content / "models").mkdir(parents=True)
        self.installed = folder / "installed.tar.gz"
        self.installed.write_bytes(b"")
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        monkeypatch.setattr(models, "load_beside", self._load)

    def start(self, archive):
        self.agent = Agent(archive)
        self.models = Models(self.agent, self.content, self.loop)
        return self.models

    def publish(self, publication, model):
        if model:
            (self.content / "models" / model).write_bytes(b"")
        said = {"publication": publication, "root": "", "model": f"models/{model}" if model else ""}
        (self.content / "live.new").write_text(json.dumps(said), encoding="utf-8")
        os.replace(self.content / "live.new", self.content / LIVE_FILE)

    def on_loop(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def _load(self, archive, tracker_store, lock_store, actions, *more):
        assert (tracker_store, lock_store, actions) == (
            self.agent.tracker_store,
            self.agent.lock_store,
            self.agent.action_endpoint,
        )
        self.loads.append(archive.name)
        if archive.name in self.broken:
            raise ValueError("no model")
        return Processor(archive)


@pytest.fixture()
def server(tmp_path, monkeypatch):
    running = Server(tmp_path, monkeypatch)
    yield running
    running.loop.call_soon_threadsafe(running.loop.stop)
    running.thread.join()
    running.loop.close()


def test_a_publication_is_answered_with_and_a_roll_back_too(server):
    followed = server.start(server.installed)
    server.publish(1, "first.tar.gz")
    followed.look()
    assert followed.health() == {"publication": 1, "model": "first.tar.gz"}
    new = server.agent.processor
    assert (server.agent.domain, server.agent.nlg) == (new.domain, new.nlg)
    assert server.agent.tracker_store.domain is new.domain
    followed.look()
    server.publish(2, "")
    followed.look()
    assert followed.health() == {"publication": 2, "model": "installed.tar.gz"}
    assert server.loads == ["first.tar.gz", "installed.tar.gz"]


def test_the_model_that_the_server_began_with_is_not_loaded_again(server):
    server.publish(1, "first.tar.gz")
    followed = server.start(server.content / "models" / "first.tar.gz")
    followed.look()
    assert followed.health() == {"publication": 1, "model": "first.tar.gz"} and server.loads == []


def test_a_message_in_hand_ends_with_the_model_that_it_began_with(server):
    followed = server.start(server.installed)
    old = server.agent.processor

    async def begin():
        old.let.clear()
        return asyncio.create_task(answer_with(server.agent, old, UserMessage("hello", None, "c1")))

    talk = server.on_loop(begin())
    server.publish(1, "first.tar.gz")
    followed.look()
    assert server.agent.processor is not old and not talk.done()

    async def end():
        old.let.set()
        await talk

    server.on_loop(end())
    assert old.answered == ["hello"] and server.agent.processor.answered == []


@pytest.mark.parametrize("spoil", ["broken", "gone"])
def test_a_model_that_cannot_be_loaded_leaves_the_old_one_and_is_told(server, spoil):
    followed = server.start(server.installed)
    old = server.agent.processor
    server.publish(1, "first.tar.gz")
    if spoil == "gone":
        (server.content / "models/first.tar.gz").unlink()
    server.broken.add("first.tar.gz")
    followed.look()
    assert server.agent.processor is old
    told = followed.health()
    assert (told["publication"], told["model"]) == (0, "installed.tar.gz") and "first.tar.gz" in told["problem"]
    server.publish(2, "second.tar.gz")
    followed.look()
    assert followed.health() == {"publication": 2, "model": "second.tar.gz"}


def test_a_broken_model_is_not_loaded_again_at_each_look(server):
    followed = server.start(server.installed)
    server.publish(1, "first.tar.gz")
    server.broken.add("first.tar.gz")
    for _ in range(5):
        followed.look()
    assert server.loads == ["first.tar.gz"]


def test_a_server_that_began_without_a_model_takes_the_installed_one(server, monkeypatch):
    followed = server.start(None)
    monkeypatch.setattr(models, "get_latest_model", lambda folder: str(server.installed))
    server.publish(1, "first.tar.gz")
    server.broken.add("first.tar.gz")
    followed._begin()
    followed.stop()
    assert server.agent.processor.model_path == server.installed and followed.health()["problem"]


def test_loading_stands_still_while_a_message_is_in_hand_but_not_for_ever(monkeypatch):
    hand, steps = InHand(), []
    monkeypatch.setattr(models, "in_hand", hand)
    monkeypatch.setattr(models, "LONGEST_PAUSE_OF_LOADING", 600.0)
    with hand:
        loading = threading.Thread(target=lambda: (hand.pause(), steps.append("went on")), daemon=True)
        loading.start()
        loading.join(0.1)
        assert steps == []
    loading.join(60)
    assert steps == ["went on"]
    monkeypatch.setattr(models, "LONGEST_PAUSE_OF_LOADING", 0.01)
    with hand:
        hand.pause()  # nobody ends the message: it goes on all the same


def test_while_loading_no_garbage_is_collected_and_afterwards_all_is_as_before(monkeypatch):
    seen = {}

    class Loaded(Processor):
        def __init__(self, model_path, **kwargs):
            seen.update(collecting=gc.isenabled(), profiler=sys.getprofile())
            raise ValueError("no model")

    monkeypatch.setattr(models, "MessageProcessor", Loaded)
    with pytest.raises(ValueError, match="no model"):
        models.load_beside(None, None, None, None)
    assert seen["collecting"] is False and seen["profiler"] == models.in_hand.pause
    assert gc.isenabled() and sys.getprofile() is None
