"""The model that Rasa answers with follows what is live: loaded beside the old one, exchanged between two messages."""

import asyncio
import gc
import logging
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, Optional

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.http_interpreter import RasaNLUHttpInterpreter
from rasa.core.lock_store import LockStore
from rasa.core.nlg import NaturalLanguageGenerator, TemplatedNaturalLanguageGenerator
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import TrackerStore
from rasa.model import get_latest_model
from rasa.utils.endpoints import EndpointConfig

from bot.live import Follower, InvalidLive, Live

INSTALLED_MODELS = Path("models")
FIRST_TEXT = "hello"  # read before a model is used: what is set up at a first message is not left to a person's
EXCHANGE_SECONDS = 60.0
# While a model is loaded, the loop gets Python back so soon after a wait; a message gives it away dozens of times.
GIVE_WAY_SECONDS = 0.0001
log = logging.getLogger(__name__)
_loading = threading.Lock()


def load_beside(
    archive: Path,
    tracker_store: TrackerStore,
    lock_store: LockStore,
    action_endpoint: Optional[EndpointConfig],
    generator: Optional[NaturalLanguageGenerator] = None,
    http_interpreter: Optional[RasaNLUHttpInterpreter] = None,
) -> MessageProcessor:
    """A processor with a model of its own, for a thread beside the one that answers; one is loaded at a time.

    Args:
        archive: the file of the model.
        tracker_store: where its conversations are.
        lock_store: lets one message of a conversation wait for the other.
        action_endpoint: where its actions are.
        generator: what makes its sentences; None for those of its domain.
        http_interpreter: what understands messages instead of the model, if anything.

    Raises:
        Whatever the model cannot be loaded, or cannot read a message, for.
    """
    with _loading, _giving_way():
        processor = MessageProcessor(
            model_path=str(archive),
            tracker_store=tracker_store,
            lock_store=lock_store,
            action_endpoint=action_endpoint,
            generator=generator,
            http_interpreter=http_interpreter,
        )
        processor.nlg = generator or TemplatedNaturalLanguageGenerator(processor.domain.responses)
        asyncio.run(processor.parse_message(UserMessage(FIRST_TEXT)))
    return processor


@contextmanager
def _giving_way() -> Iterator[None]:
    """Loading stands back behind messages: they get Python back at once, and no collection of garbage stops all."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(GIVE_WAY_SECONDS)
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        sys.setswitchinterval(interval)


def archive_of(processor: Optional[MessageProcessor]) -> Optional[Path]:
    """The file of a loaded model."""
    if processor is None:
        return None
    path = Path(processor.model_path)
    return path / processor.model_filename if path.is_dir() else path


class Models:
    """Keeps Rasa's agent on the model that is live."""

    def __init__(self, agent: Agent, content: Path, loop: asyncio.AbstractEventLoop) -> None:
        """Nothing is looked at yet.

        Args:
            agent: of the server.
            content: the setting CONTENT_PATH.
            loop: that messages are answered on.
        """
        self._agent, self._loop = agent, loop
        self._publication = 0
        began_with = archive_of(agent.processor)
        own = began_with is not None and content.resolve() not in began_with.resolve().parents
        self._installed = began_with if own else None
        self._loaded = began_with
        self._follower = Follower(content, self._take)

    def follow(self) -> None:
        """Take over what is live from now on, in a thread, as long as the server lives."""
        gc.freeze()  # what is there at the start stays: no later collection looks through it
        threading.Thread(target=self._begin, name="models begin", daemon=True).start()

    def stop(self) -> None:
        """Take over nothing more."""
        self._follower.stop()

    def health(self) -> Dict[str, Any]:
        """The publication whose model answers, the model, and why it is not what should be live, if so."""
        told: Dict[str, Any] = {"publication": self._publication, "model": self._loaded.name if self._loaded else ""}
        return {**told, "problem": self._follower.problem} if self._follower.problem else told

    def look(self) -> None:
        """Take over what is new; for the thread, and for tests. It waits for the loop, so it never runs on that."""
        self._follower.look()

    def _begin(self) -> None:
        self.look()
        if self._agent.processor is None:  # the model that it was to start with is broken
            try:
                self._use(self._of_installation())
            except Exception as error:  # noqa: BLE001  the server goes on, and is asked for its health
                log.error("no model can be loaded: %s", type(error).__name__)
        self._follower.follow("models")

    def _take(self, new: Live) -> None:
        archive = new.model or self._of_installation()
        if not archive.is_file():
            raise InvalidLive(f"its model {archive.name} is not there")
        try:
            self._use(archive)
        except Exception as error:  # whatever the archive is
            raise InvalidLive(f"its model {archive.name} cannot be loaded ({type(error).__name__})") from error
        self._publication = new.publication

    def _of_installation(self) -> Path:
        if self._installed and self._installed.is_file():
            return self._installed
        newest = get_latest_model(str(INSTALLED_MODELS))
        if newest is None:
            raise InvalidLive("there is no model in models/; `make train` makes one")
        return Path(newest)

    def _use(self, archive: Path) -> None:
        if self._loaded is not None and self._agent.processor and archive.resolve() == self._loaded.resolve():
            return
        agent = self._agent
        own = None if isinstance(agent.nlg, TemplatedNaturalLanguageGenerator) else agent.nlg
        processor = load_beside(
            archive, agent.tracker_store, agent.lock_store, agent.action_endpoint, own, agent.http_interpreter
        )
        asyncio.run_coroutine_threadsafe(self._exchange(processor), self._loop).result(EXCHANGE_SECONDS)
        self._loaded = archive
        log.info("the model %s answers now", archive.name)

    async def _exchange(self, processor: MessageProcessor) -> None:
        """On the loop: no message is begun meanwhile, and one in hand keeps its processor."""
        agent = self._agent
        agent.processor, agent.domain, agent.nlg = processor, processor.domain, processor.nlg
        agent.tracker_store.domain = processor.domain


async def answer_with(agent: Agent, processor: MessageProcessor, message: UserMessage) -> None:
    """Answer a message with the model that it was begun with, one message of a conversation after the other."""
    async with agent.lock_store.lock(message.sender_id):
        await processor.handle_message(message)
