"""Rasa component: credential names, e-mail addresses and dates, found by spaCy rules."""

from pathlib import Path
from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.text import language
from bot.nlu.text.catalogue import CATALOGUE_FILE, read_catalogue


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class CatalogueEntityExtractor(GraphComponent, EntityExtractorMixin):
    """Finds what the catalogue names; training only copies the catalogue into the model."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """`catalogue`: path of the catalogue file, relative to where training runs; empty for none."""
        return {"catalogue": "data/catalogue.yml"}

    @staticmethod
    def required_packages() -> List[str]:
        """What must be installed."""
        return ["spacy", "dateparser"]

    def __init__(self, config: Dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        """Start without credentials; `load` or `train` bring them."""
        self._config, self._storage, self._resource = config, storage, resource
        self._language = language.build()

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "CatalogueEntityExtractor":
        """Called by Rasa before training."""
        return cls(config, model_storage, resource)

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> str | None:
        """The catalogue's text, so that an edit there retrains."""
        path = Path(config.get("catalogue") or "")
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def train(self, training_data: TrainingData) -> Resource:
        """Keep a copy of the catalogue with the model."""
        import json

        path = self._config.get("catalogue")
        entries = read_catalogue(Path(path)) if path else []
        self._language = language.build(entries)
        with self._storage.write_to(self._resource) as directory:
            (directory / CATALOGUE_FILE).write_text(json.dumps(entries), encoding="utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "CatalogueEntityExtractor":
        """Called by Rasa when a model is loaded."""
        import json

        extractor = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as directory:
            entries = json.loads((directory / CATALOGUE_FILE).read_text(encoding="utf-8"))
        extractor._language = language.build(entries)
        language.resolve_date("today")  # loads what reads dates, a third of a second that the first message would wait
        return extractor

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Training examples keep the entities an editor marked."""
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the entities found to each message, in Rasa's format."""
        for message in messages:
            if text := message.get(TEXT):
                found = self.add_extractor_name([_as_rasa(e) for e in self._language(text).ents])
                message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages


def _as_rasa(entity: Any) -> Dict[str, Any]:
    value: Any = entity.ent_id_ or entity.text
    if entity.label_ == language.DATE:
        day = language.resolve_date(entity.text)
        value = day.isoformat() if day else entity.text
    return {
        "entity": entity.label_,
        "value": value,
        "start": entity.start_char,
        "end": entity.end_char,
        "confidence_entity": 1.0,
    }
