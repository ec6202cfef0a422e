"""The trained assistant within this process: Rasa's own agent and our actions beside it; nothing listens on a port."""

import json
import logging
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rasa.core.agent import Agent
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.core.events import Event
from rasa.utils.endpoints import EndpointConfig
from rasa.utils.log_utils import configure_structlog
from rasa_sdk.executor import ActionExecutor

from bot import bootstrap
from bot.issuance.samples import load_samples
from bot.rasa import patches
from bot.rasa.policy import TaskPolicy, turn_of
from bot.rasa.tasks import TaskTable
from bot.settings import Settings

# Whatever would reach somebody: an outside system, or what is kept in var/.
OUTSIDE_SETTINGS = ("CREDLY_TOKEN", "REDIS_URL", "REPLIES_URL", "SLACK_BOT_TOKEN", "SMTP_URL")


@contextmanager
def private_services() -> Iterator[None]:
    """Within the block, settings that lead to the sample learners in a database of its own, and to nobody outside."""
    before = dict(os.environ)
    with TemporaryDirectory() as folder:
        os.environ.update({name: "" for name in OUTSIDE_SETTINGS})
        os.environ.update(DATABASE_URL=f"sqlite:///{folder}/bot.db", SITE_SECRET_KEY=secrets.token_hex(32))
        os.environ["LOG_LEVEL"] = "ERROR"  # Rasa reads it as well
        configure_structlog(logging.ERROR)
        try:
            services = bootstrap.build(Settings.load())
            load_samples(services.database, services.catalogue.key, services.issuance.today())
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


class ActionsHere(EndpointConfig):
    """An action server that is called instead of asked over the network, with the same JSON both ways."""

    def __init__(self, package: str) -> None:
        """Register the actions of a package, by its name, as `rasa_sdk`'s own server does."""
        super().__init__(url="this process", enable_selective_domain=True)
        self._executor = ActionExecutor()
        self._executor.register_package(package)

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        """Run the action that Rasa asks for."""
        return await self._executor.run(json.loads(json.dumps(kwargs["json"])))


def agent(archive: Path, package: str = "actions") -> Agent:
    """Rasa's agent with a trained model, as quick as in the server; conversations are kept in memory."""
    patches.apply()
    return Agent.load(str(archive), action_endpoint=ActionsHere(package))


class Rules:
    """Names the rule, the form or the line of the table of tasks that is behind an action of TaskPolicy."""

    def __init__(self, table: TaskTable) -> None:
        """Of a trained policy."""
        self._table = table

    @classmethod
    def load(cls, archive: Path) -> "Rules":
        """Of a trained model."""
        with TemporaryDirectory() as folder:
            storage, about = LocalModelStorage.from_model_archive(Path(folder), archive)
            node = next(one for one in about.predict_schema.nodes.values() if one.uses is TaskPolicy)
            if node.resource is None:
                raise LookupError("The model has no trained TaskPolicy.")
            running = ExecutionContext(about.predict_schema, about.model_id)
            config = {**TaskPolicy.get_default_config(), **node.config}
            return cls(TaskPolicy.load(config, storage, node.resource, running).table)

    def behind(self, before: Sequence[Event]) -> str:
        """What makes the policy predict as it does.

        Args:
            before: all events of the conversation until then.

        Returns:
            `rule "..."`, `form ...`, a line of the table as `form: intent`, or "" when nothing applies.
        """
        return self._table.reason(turn_of(before))
