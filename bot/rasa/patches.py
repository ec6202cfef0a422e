"""Pieces of Rasa that are replaced while it runs or trains, for speed alone; each does what Rasa's own does.

They rest on how one version of Rasa is written, so with another version Rasa's own pieces stay.
"""

import logging
from contextlib import nullcontext
from contextvars import ContextVar
from graphlib import TopologicalSorter
from itertools import chain
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple

import rasa
import rasa.core.processor
from jsonschema import ValidationError
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage import local_model_storage
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.storage import ModelMetadata, ModelStorage
from rasa.engine.training.hooks import TrainingHook
from rasa.graph_components.providers.domain_provider import DomainProvider
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.nlu.training_data.util import check_duplicate_synonym
from tarsafe import TarSafe

from bot.rasa.shortcuts import ask_once_whether_empty, copy_trackers, keep_connections, log_without_copies
from bot.telemetry.traces import span, traced

WRITTEN_FOR = "3.6.21"
GZIP_LEVEL = 6
Steps = List[Tuple[str, GraphNode, Tuple[str, ...]]]
log = logging.getLogger(__name__)
before_each_node: ContextVar[Callable[[], None]] = ContextVar("before_each_node", default=lambda: None)


def apply(version: str = rasa.__version__) -> bool:
    """Replace those of the server; False, with a warning, where Rasa is of another version. Safe to call again."""
    shortcuts = (copy_trackers, ask_once_whether_empty, log_without_copies, keep_connections)
    return _replace(version, check_schema_once, use_ordered_runner, read_domain_once, *shortcuts)


def apply_to_training(version: str = rasa.__version__) -> bool:
    """The same for those of training."""
    return _replace(version, leave_out_fingerprints, merge_without_copies, pack_at_usual_level)


def _replace(version: str, *pieces: Callable[[], None]) -> bool:
    if version != WRITTEN_FOR:
        log.warning("Rasa is %s, the replacements in bot/rasa/patches.py are for %s: left alone", version, WRITTEN_FOR)
        return False
    for piece in pieces:
        piece()
    return True


class OrderedGraphRunner(DaskGraphRunner):
    """Runs the prediction graph without working out its order anew for every message.

    Rasa's own runner hands the graph to dask each time, which sorts it, builds a scheduler's state and gives the nodes
    one by one to an executor that runs them at once: about a millisecond for a chain of five nodes
    (rasa/engine/runner/dask.py). The nodes are called here as they are called there, in an order that is found once.
    Before each of them, `before_each_node` is called: whoever has time to spare lets others go first there. Where there
    is a collector of traces, each is a span.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take what Rasa's runner takes."""
        super().__init__(*args, **kwargs)
        self._steps: Dict[Tuple[str, ...], Steps] = {}

    def run(self, inputs: Optional[Dict[str, Any]] = None, targets: Optional[List[str]] = None) -> Dict[str, Any]:
        """Run what the targets need.

        Args:
            inputs: values by the name of the placeholder that stands for them in the graph.
            targets: names of nodes; empty means all targets of the graph.

        Returns:
            Each target's output.

        Raises:
            GraphRunError: a node failed with a RuntimeError, as with Rasa's runner.
        """
        wanted = tuple(targets or self._graph_schema.target_names)
        if wanted not in self._steps:
            self._steps[wanted] = self._ordered(wanted)
        found: Dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
        step_begins, observed, nothing = before_each_node.get(), traced(), nullcontext()
        try:
            for name, node, needs in self._steps[wanted]:
                step_begins()
                with span(name.rpartition(".")[2]) if observed else nothing:
                    found[name] = node(*(found.get(need, need) for need in needs))
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error
        return {name: found[name][1] for name in wanted}

    def _ordered(self, targets: Tuple[str, ...]) -> Steps:
        nodes = self._graph_schema.minimal_graph_schema(list(targets)).nodes
        order = TopologicalSorter({name: node.needs.values() for name, node in nodes.items()}).static_order()
        return [
            (name, self._instantiated_nodes[name], tuple(nodes[name].needs.values())) for name in order if name in nodes
        ]


def use_ordered_runner() -> None:
    """Let every model that is loaded from now on be run by it; safe to call again."""
    rasa.core.processor.DaskGraphRunner = OrderedGraphRunner


def check_schema_once() -> None:
    """Let Rasa check its own JSON schema of action results once, not at each call of the action server.

    `RemoteAction` checks every result with `jsonschema.validate`, which checks the schema itself against its
    meta-schema first: 30 to 40 ms for a constant of Rasa's (rasa/core/actions/action.py). The results are checked as
    before.
    """
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema)

    def check(action: RemoteAction, result: Dict[str, Any]) -> bool:
        """Raises ValidationError when the action server broke the contract."""
        problem = next(validator.iter_errors(result), None)
        if problem is not None:
            raise ValidationError(f"The action server's answer has the wrong form: {problem.message}")
        return True

    RemoteAction._validate_action_result = check


def read_domain_once() -> None:
    """Let a model that is loaded have its domain from its metadata alone, not from a file with the same domain as well.

    Rasa parses that file in Python and checks it against a schema: a third of the time that loading takes
    (rasa/graph_components/providers/domain_provider.py).
    """
    LocalModelStorage.from_model_archive = classmethod(_with_domain)
    DomainProvider.load = classmethod(_of_metadata)


def _with_domain(cls: Any, storage_path: Path, model_archive_path: Any) -> Tuple[LocalModelStorage, ModelMetadata]:
    storage, metadata = _from_archive(cls, storage_path, model_archive_path)
    storage.domain_of_metadata = metadata.domain
    return storage, metadata


def _of_metadata(
    cls: Any, /, config: Any, model_storage: ModelStorage, resource: Any, execution_context: Any, **kwargs: Any
) -> DomainProvider:
    domain = getattr(model_storage, "domain_of_metadata", None)
    if domain is None:
        provider: DomainProvider = _load_provider(cls, config, model_storage, resource, execution_context, **kwargs)
        return provider
    return cls(model_storage, resource, domain)


_from_archive = LocalModelStorage.from_model_archive.__func__
_load_provider = DomainProvider.load.__func__


def leave_out_fingerprints() -> None:
    """Compute no digest of all examples and features after each component: a third of the time of training.

    Rasa looks its cache up by them (rasa/engine/training/hooks.py), which `RASA_MAX_CACHE_SIZE=0` leaves empty and
    `--force` passes by. Examples that are told twice are still found: by their text, then compared as a whole.
    """
    TrainingHook.on_before_node = _no_data
    TrainingHook.on_after_node = _no_data
    Message.__hash__ = _hash_of_text


def merge_without_copies() -> None:
    """Let examples that come from several places be put together as they are, not copied each time.

    Rasa puts the same 17,000 examples together again and again before it trains
    (rasa/shared/importers/importer.py), and nobody changes what came from a file.
    """
    TrainingData.merge = _merged


def _merged(one: TrainingData, *others: Optional[TrainingData]) -> TrainingData:
    parts = [one, *filter(None, others)]
    synonyms = one.entity_synonyms.copy()
    responses = one.responses.copy()
    for part in parts[1:]:
        for text, synonym in part.entity_synonyms.items():
            check_duplicate_synonym(synonyms, text, synonym, "merging training data")
        synonyms.update(part.entity_synonyms)
        responses.update(part.responses)
    return TrainingData(
        list(chain.from_iterable(part.training_examples for part in parts)),
        synonyms,
        list(chain.from_iterable(part.regex_features for part in parts)),
        list(chain.from_iterable(part.lookup_tables for part in parts)),
        responses,
    )


class UsualArchive(TarSafe):
    """Packs at gzip's usual level instead of its slowest, which makes next to nothing smaller of numbers."""

    @classmethod
    def gzopen(cls, *args: Any, compresslevel: int = GZIP_LEVEL, **kwargs: Any) -> Any:
        """As tarfile's."""
        return super().gzopen(*args, compresslevel=compresslevel, **kwargs)


def pack_at_usual_level() -> None:
    """Let a trained model be packed in a third of the time."""
    local_model_storage.TarSafe = UsualArchive


def _no_data(*args: Any, **kwargs: Any) -> Dict[str, Any]:
    return {}


def _hash_of_text(message: Message) -> int:
    return hash(message.get(TEXT))
