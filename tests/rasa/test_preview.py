"""Trying a draft in the chat beside the editor: what is said, what is held, and that nothing acts."""

import asyncio
import gc
import json
import os
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.utils.endpoints import EndpointConfig
from redis import Redis

from bench.publishing import ANSWER, with_answers
from bot.rasa import patches, preview
from bot.rasa.channel import Collector
from bot.rasa.preview import ACTS, ONLY_TELL, Drafts, PreviewActions, UnknownDraft
from tests.servers.redis import RedisServer

NOT_DONE = "Here nothing is looked up."


class Actions(EndpointConfig):
    """An action server that keeps what it was asked."""

    def __init__(self):
        super().__init__("http://actions")
        self.asked = []

    async def request(self, *args, **kwargs):
        self.asked.append(kwargs["json"]["next_action"])
        return {"events": [], "responses": [{"response": "utter_deny"}]}


@pytest.fixture()
def held(tmp_path, monkeypatch):
    """Drafts of small processors that answer with the conversation's name, and what was loaded."""
    loaded = []

    class Processor:
        def __init__(self, archive):
            self.domain, self.lock_store = None, InMemoryLockStore()
            self.tracker_store = SimpleNamespace(domain=None)
            loaded.append(archive.name)
            if archive.name.startswith("broken"):
                raise ValueError("no model")

        async def handle_message(self, message):
            message.output_channel.replies.append(message.sender_id)

    monkeypatch.setattr(preview, "load_beside", lambda archive, *more: Processor(archive))
    for name in ("one", "two", "three", "broken"):
        (tmp_path / f"{name}.tar.gz").write_bytes(b"")
    return Drafts(tmp_path), loaded


def say(drafts, model, conversation="c1"):
    message = UserMessage("hello", Collector("site"), conversation)
    agent = SimpleNamespace(action_endpoint=None, domain=None)
    return drafts.answer(model, message, agent), message.output_channel.replies


def test_a_preview_is_no_conversation_of_people(held):
    drafts, _ = held
    answering, replies = say(drafts, "one.tar.gz")
    asyncio.run(answering)
    assert replies == ["preview:c1"]


def test_two_drafts_are_held_and_the_one_unused_longest_goes(held):
    drafts, loaded = held

    async def talk():
        for name in ("one", "two", "one", "three", "one", "two"):
            await say(drafts, f"{name}.tar.gz")[0]

    asyncio.run(talk())
    assert loaded == ["one.tar.gz", "two.tar.gz", "three.tar.gz", "two.tar.gz"]
    assert list(drafts.held()) == ["one.tar.gz", "two.tar.gz"]


def test_what_is_unused_is_unloaded(held):
    drafts, loaded = held
    drafts.unused_seconds = 0.01

    async def talk():
        await say(drafts, "one.tar.gz")[0]
        while drafts.held():
            await asyncio.sleep(0.005)
        await say(drafts, "one.tar.gz")[0]

    asyncio.run(asyncio.wait_for(talk(), 60))
    assert loaded == ["one.tar.gz", "one.tar.gz"]


def test_two_first_messages_at_once_load_a_model_once(held):
    drafts, loaded = held

    async def talk():
        await asyncio.gather(*(say(drafts, "one.tar.gz", f"c{number}")[0] for number in range(3)))

    asyncio.run(talk())
    assert loaded == ["one.tar.gz"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "none.tar.gz",
        "../models/one.tar.gz",
        "/etc/passwd",
        "one.tar.gz/../one.tar.gz",
        ".tar.gz",
        "one",
        "link.tar.gz",
        "one.tar.gz\0",
        "one.tar.gz\n",
        "broken.tar.gz",
    ],
)
def test_only_a_models_own_name_is_taken(held, tmp_path, name):
    os.symlink(tmp_path / "one.tar.gz", tmp_path / "link.tar.gz")
    with pytest.raises(UnknownDraft):
        asyncio.run(say(held[0], name)[0])


@pytest.mark.parametrize(
    "name", ["action_check_issuance_status", "action_open_ticket", "action_new_one", "action_watch"]
)
def test_what_may_act_is_not_asked_for_and_said(name):
    actions = Actions()
    answer = asyncio.run(PreviewActions(actions).request(json={"next_action": name}, method="post"))
    assert answer == {"events": [], "responses": [{"response": ACTS}]} and actions.asked == []


@pytest.mark.parametrize(
    "name", ["validate_issuance_form", "action_ask_ticket_form_contact", "action_leave_ticket_form"]
)
def test_forms_neither_check_nor_ask_anything_outside(name):
    actions = Actions()
    answer = asyncio.run(PreviewActions(actions).request(json={"next_action": name}, method="post"))
    assert answer == {"events": [], "responses": []} and actions.asked == []


def test_what_only_tells_never_writes():
    """By the services that they use: whether an address is proven, and the catalogue, are only read."""
    sources = " ".join(Path(f"actions/{name}.py").read_text() for name in ("answers", "follow_ups"))
    reads = {"identity.proven", "identity.is_staff", "catalogue.match", "catalogue.kind"}
    assert set(re.findall(r"services\(\)\.([\w.]+)", sources)) == reads
    assert all(f'"{name}"' in sources for name in ONLY_TELL)


def test_a_draft_is_answered_with_its_own_words_and_looks_nothing_up(tmp_path):
    patches.apply()
    newest = max(Path("models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    texts = {ANSWER: "A place for badges.", ACTS: NOT_DONE}
    with_answers(newest, tmp_path / "draft.tar.gz", texts, compression=0)
    drafts, actions = Drafts(tmp_path), Actions()
    agent = Agent(action_endpoint=actions)
    said = []

    async def talk():
        for text in ("what is credly", "has my badge been issued?", "please write to the team", "someone@example.com"):
            message = UserMessage(text, Collector("site"), "c1", metadata={"context": {}})
            await drafts.answer("draft.tar.gz", message, agent)
            said.append([reply["text"] for reply in message.output_channel.replies])
        return await agent.tracker_store.keys()

    kept = list(asyncio.run(talk()))
    assert said[:3] == [["A place for badges."], [NOT_DONE], [NOT_DONE]]
    assert kept == [] and set(actions.asked) <= ONLY_TELL
    assert gc.isenabled() and json.dumps(said)


def test_the_next_message_may_come_to_another_server(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(preview, "LOCK_ANSWER_SECONDS", 60.0)  # other work keeps it from its answer, for a moment
    server = RedisServer(tmp_path)
    one, other = (Drafts(tmp_path, server.url)._trackers(Domain.empty()) for _ in range(2))

    async def talk():
        tracker = await one.get_or_create_tracker("preview:c1")
        tracker.update(UserUttered("has my badge been issued?"))
        await one.save(tracker)
        return await other.retrieve("preview:c1"), await other.retrieve("preview:c2")

    found, none = asyncio.run(talk())
    assert found.latest_message.text == "has my badge been issued?" and none is None
    with Redis.from_url(server.url) as client:
        assert [0 < client.ttl(name) <= preview.UNUSED_SECONDS for name in client.scan_iter()] == [True]
    server.stop()
    assert asyncio.run(other.retrieve("preview:c1")) is None
    assert "a chat with a draft forgets" in caplog.text
