"""Rasa component: sentence features from a sentence-transformers model, run by ONNX Runtime."""

from pathlib import Path
from typing import Any, Dict, List

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.components.spelling import SPELT
from bot.nlu.encoding import encoder, export
from bot.nlu.plan import Plan
from bot.nlu.text.language import CREDENTIAL

PLANNED = "planned"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceTransformerFeaturizer(DenseFeaturizer, GraphComponent):
    """One dense vector a message; parts of the message that may be questions of their own are encoded with it."""

    @classmethod
    def required_components(cls) -> List[type]:
        """A tokenizer must stand before it."""
        return [Tokenizer]

    @staticmethod
    def required_packages() -> List[str]:
        """What must be installed."""
        return ["sentence_transformers", "onnxruntime"]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """`model`: name or path (empty: the bundled one); `int8` weights; `threads` a message."""
        return {**DenseFeaturizer.get_default_config(), "model": "", "int8": True, "threads": 2}

    def __init__(self, config: Dict[str, Any], name: str, storage: ModelStorage, resource: Resource) -> None:
        """Start without an encoder; `train` or `load` bring it."""
        super().__init__(name, config)
        self._storage, self._resource = storage, resource
        self._encoder: encoder.Encoder | None = None

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SentenceTransformerFeaturizer":
        """Called by Rasa before training."""
        return cls(config, execution_context.node_name, model_storage, resource)

    @classmethod
    def validate_config(cls, config: Dict[str, Any]) -> None:
        """Refuse a thread count that ONNX Runtime would take as "all cores"."""
        if not isinstance(config.get("threads", 1), int) or config.get("threads", 1) < 1:
            raise InvalidConfigException("SentenceTransformerFeaturizer: `threads` must be a whole number from 1.")

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> str | None:
        """The encoder's name, so that a folder is the same however it is written."""
        return _model_name(config)

    def train(self, training_data: TrainingData) -> Resource:
        """Export the encoder into the model."""
        with self._storage.write_to(self._resource) as directory:
            export.export(_model_name(self._config), directory, int8=self._config["int8"])
            self._encoder = encoder.Encoder(directory, self._config["threads"])
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "SentenceTransformerFeaturizer":
        """Called by Rasa when a model is loaded."""
        featurizer = cls(config, execution_context.node_name, model_storage, resource)
        with model_storage.read_from(resource) as directory:
            featurizer._encoder = encoder.Encoder(directory, config["threads"])
        return featurizer

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Features for all examples, in batches."""
        examples = [m for m in training_data.training_examples if m.get(TEXT)]
        vectors = self._loaded().encode([m.get(TEXT) for m in examples])
        for message, vector in zip(examples, vectors):
            self._add(message, vector)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Features of a message and of its possible parts, all in one call of the encoder."""
        for message in messages:
            if typed := message.get(TEXT):
                context = (message.get("metadata") or {}).get("context")
                named = any(one["entity"] == CREDENTIAL for one in message.get(ENTITIES) or [])
                plan = Plan.of(message.get(SPELT) or typed, context, typed, names_credential=named)
                vectors = plan.encode(self._loaded())
                message.set(PLANNED, (plan, vectors, self._loaded().size))
                self._add(message, vectors[0])
        return messages

    def _loaded(self) -> encoder.Encoder:
        if self._encoder is None:
            raise RuntimeError("The featurizer was used before it was trained or loaded.")
        return self._encoder

    def _add(self, message: Message, vector: np.ndarray) -> None:
        row = vector.reshape(1, -1)
        message.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, self._identifier))


def _model_name(config: Dict[str, Any]) -> str:
    name = config.get("model") or ""
    return str(Path(name).resolve()) if name and Path(name).is_dir() else name
