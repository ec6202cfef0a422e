"""Rasa component: puts a message's words right for all that read it; its text stays as it was typed."""

from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.text.spelling import Spelling

SPELT = "spelt"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SpellingCorrector(GraphComponent):
    """Learns the words of all examples; leave it out of the pipeline for data that has none of our words."""

    @staticmethod
    def required_packages() -> List[str]:
        """What must be installed."""
        return ["symspellpy"]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Nothing can be set."""
        return {}

    def __init__(self, storage: ModelStorage, resource: Resource) -> None:
        """Start without words; `train` or `load` bring them."""
        self._storage, self._resource = storage, resource
        self._spelling: Spelling | None = None

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SpellingCorrector":
        """Called by Rasa before training."""
        return cls(model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Keep the words of the examples with the model."""
        self._spelling = Spelling.learnt(m.get(TEXT) for m in training_data.training_examples if m.get(TEXT))
        with self._storage.write_to(self._resource) as directory:
            self._spelling.save(directory)
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "SpellingCorrector":
        """Called by Rasa when a model is loaded."""
        corrector = cls(model_storage, resource)
        with model_storage.read_from(resource) as directory:
            corrector._spelling = Spelling.load(directory)
        return corrector

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Training examples stay as they are written."""
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Add to each message what it is read as."""
        for message in messages:
            if message.get(TEXT) and self._spelling is not None:
                message.set(SPELT, self._spelling.corrected(message.get(TEXT)).text)
        return messages
