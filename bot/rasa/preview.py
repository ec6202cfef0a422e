"""A draft's model for the chat beside the editor: its conversations are kept for minutes, and nothing in them acts.

They are in memory, or in the Redis of REDIS_URL, as the next message may come to another Rasa server.
"""

import asyncio
import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Optional

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore, RedisTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig
from redis import Redis

from bot.rasa.lock_store import LOCK_ANSWER_SECONDS
from bot.rasa.models import load_beside

MOST_DRAFTS = 2  # models that are held at once; each takes some 100 MB
UNUSED_SECONDS = 600.0
PREVIEW = "preview:"  # what the names of its conversations begin with: those of people never do
ARCHIVE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,150}\.tar\.gz")
ACTS = "utter_preview_acts"
log = logging.getLogger(__name__)
# Actions that only say what stands in the content. Any other may look up, send or write, and is not done.
ONLY_TELL = frozenset(
    {
        "action_acknowledge",
        "action_affirm",
        "action_already_did",
        "action_ambiguous",
        "action_answer_questions",
        "action_ask_more",
        "action_clarify",
        "action_decline",
        "action_deny",
        "action_fact",
        "action_hold",
        "action_misunderstood",
        "action_not_helped",
        "action_other_language",
        "action_other_one",
        "action_process",
        "action_show_all",
        "action_small_talk",
    }
)


class SharedPreviews(RedisTrackerStore):
    """Rasa's own store in Redis, from which a conversation goes when nothing was said in it for ten minutes."""

    def __init__(self, domain: Domain, redis_url: str) -> None:
        """Connect lazily to the setting REDIS_URL."""
        super().__init__(domain, record_exp=int(UNUSED_SECONDS), key_prefix="preview")
        wait = {"socket_timeout": LOCK_ANSWER_SECONDS, "socket_connect_timeout": LOCK_ANSWER_SECONDS}
        self.red = Redis.from_url(redis_url, decode_responses=True, **wait)


class UnknownDraft(Exception):
    """There is no such model, or it cannot be loaded."""


class PreviewActions(EndpointConfig):
    """Stands where the action server is reached: what acts is answered with a sentence instead."""

    def __init__(self, actions: Optional[EndpointConfig]) -> None:
        """`actions` is the action server; None where there is none."""
        super().__init__("preview")
        self._actions = actions
        if actions is not None:
            self.headers = actions.headers  # what is put there for the one counts for the other

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        """What the action server says; of an action that acts, that it is not done here."""
        name = str((kwargs.get("json") or {}).get("next_action") or "")
        if name in ONLY_TELL and self._actions is not None:
            return await self._actions.request(*args, **kwargs)
        silent = not name.startswith("action_") or name.startswith(("action_ask_", "action_leave_"))
        return {"events": [], "responses": [] if silent else [{"response": ACTS}]}


@dataclass
class _Draft:
    archive: Path
    processor: MessageProcessor
    unused: asyncio.TimerHandle


class Drafts:
    """The models of drafts that somebody tries: loaded at the first message, unloaded when unused."""

    def __init__(self, models: Path, redis_url: str = "") -> None:
        """`models` is the folder with their files, `redis_url` where conversations are kept; "" for in memory."""
        self._models, self._redis_url, self._guard = models, redis_url, asyncio.Lock()
        self._held: Dict[str, _Draft] = {}
        self.unused_seconds = UNUSED_SECONDS

    async def answer(self, name: str, message: UserMessage, agent: Agent) -> None:
        """Answer a message with a draft's model; the replies are in its output channel.

        Args:
            name: of the file, within the folder.
            message: as at the door; its conversation goes under a name of its own.
            agent: whose action server says what only tells.

        Raises:
            UnknownDraft: there is no such model, or it cannot be loaded.
        """
        message.sender_id = PREVIEW + message.sender_id
        processor = await self._processor(name, agent)
        async with processor.lock_store.lock(message.sender_id):
            await processor.handle_message(message)

    def held(self) -> Dict[str, Path]:
        """The files of the models that are loaded, by their names."""
        return {name: draft.archive for name, draft in self._held.items()}

    async def _processor(self, name: str, agent: Agent) -> MessageProcessor:
        archive = self._file(name)
        async with self._guard:
            draft = self._held.pop(name, None)
            if draft is None:
                while len(self._held) >= MOST_DRAFTS:
                    self._drop(next(iter(self._held)))
                processor = await self._load(archive, agent)
            else:
                draft.unused.cancel()
                processor = draft.processor
            timer = asyncio.get_running_loop().call_later(self.unused_seconds, self._drop, name)
            self._held[name] = _Draft(archive=archive, processor=processor, unused=timer)  # the last one used is last
        return processor

    async def _load(self, archive: Path, agent: Agent) -> MessageProcessor:
        def load() -> MessageProcessor:
            actions = PreviewActions(agent.action_endpoint)
            processor = load_beside(archive, self._trackers(agent.domain), InMemoryLockStore(), actions)
            processor.tracker_store.domain = processor.domain
            return processor

        try:
            return await asyncio.get_running_loop().run_in_executor(None, load)
        except Exception as error:  # whatever the archive is
            raise UnknownDraft(f"the model cannot be loaded ({type(error).__name__})") from error

    def _trackers(self, domain: Optional[Domain]) -> TrackerStore:
        if not self._redis_url:
            return InMemoryTrackerStore(domain)
        return FailSafeTrackerStore(SharedPreviews(domain, self._redis_url), _forgotten)

    def _drop(self, name: str) -> None:
        draft = self._held.pop(name, None)
        if draft is not None:
            draft.unused.cancel()

    def _file(self, name: str) -> Path:
        file = self._models / name
        if not ARCHIVE.fullmatch(name) or file.is_symlink() or not file.is_file():
            raise UnknownDraft("there is no such model; try the draft first")
        return file


def _forgotten(error: Exception) -> None:
    log.warning("Redis does not answer (%s): a chat with a draft forgets what was said before", type(error).__name__)
