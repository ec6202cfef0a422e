"""Rasa component: tokens from the spaCy pipeline."""

from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.text import language


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class SpacyRuleTokenizer(Tokenizer):
    """Splits text as spaCy's English rules do; needs no downloaded spaCy model."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Rasa's own tokenizer options."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "+", "token_pattern": None}

    @staticmethod
    def required_packages() -> List[str]:
        """What must be installed."""
        return ["spacy"]

    def __init__(self, config: Dict[str, Any]) -> None:
        """Build the pipeline once."""
        super().__init__(config)
        self._language = language.build()

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SpacyRuleTokenizer":
        """Called by Rasa."""
        return cls(config)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the examples as they are: what is trained here learns from texts and vectors, not from tokens."""
        return training_data

    def tokenize(self, message: Message, attribute: str) -> List[Token]:
        """Tokens of one attribute of a message."""
        doc = self._language.make_doc(message.get(attribute))
        tokens = [Token(t.text, t.idx) for t in doc if t.text.strip()]
        return self._apply_token_pattern(tokens)
