"""Rasa component around the scorer and the decision: fills `intent`, `intent_ranking` and `response_selector`."""

import json
from dataclasses import asdict
from typing import Any, Dict, List, Optional

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from threadpoolctl import threadpool_limits

from bot.nlu.components.featurizer import PLANNED
from bot.nlu.decision import FAQ, JOINT, OUT_OF_SCOPE, Thresholds, intent_of
from bot.nlu.parse_data import feature_matrix, parse_data
from bot.nlu.plan import decide
from bot.nlu.scoring.replies import NEW, ReplyScorer
from bot.nlu.scoring.scorer import Scorer, ScorerOptions
from bot.nlu.text import foreign

SOMETHING_NEW = "something_new"
# How many examples of each label stand for "something new" in every context, by intent.
AT_LARGE = {FAQ: 50, OUT_OF_SCOPE: 12, "greet": 15, "help": 15, "bot_challenge": 15, "goodbye": 15, "thank": 15}
CLASSIFIER_FILE = "classifier.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class FaqClassifier(GraphComponent, IntentClassifier):
    """Intents and, for retrieval intents, the response key, with out-of-scope detection."""

    @classmethod
    def required_components(cls) -> List[type]:
        """A featurizer must stand before it."""
        return [Featurizer]

    @staticmethod
    def required_packages() -> List[str]:
        """What must be installed."""
        return ["sklearn", "scipy"]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Scorer options and the decision's thresholds, each documented at its class."""
        return {"scorer": asdict(ScorerOptions()), "thresholds": asdict(Thresholds())}

    def __init__(self, config: Dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        """Start untrained."""
        self._config, self._storage, self._resource = config, storage, resource
        self._thresholds = Thresholds(**{**asdict(Thresholds()), **(config.get("thresholds") or {})})
        self._scorer: Optional[Scorer] = None
        self._replies = ReplyScorer()
        self._responses: Dict[str, Any] = {}

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "FaqClassifier":
        """Called by Rasa before training."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Train on every example of an intent that is learnt; two questions (`faq+faq`) and languages are found."""
        found = [m for m in training_data.training_examples if m.get(INTENT) and m.get(TEXT)]
        single = [m for m in found if JOINT not in m.get(INTENT) and m.get(INTENT) != foreign.OTHER_LANGUAGE]
        examples = [m for m in single if not _after(m)]
        labels = [m.get(INTENT_RESPONSE_KEY) or m.get(INTENT) for m in examples]
        vectors = feature_matrix(examples)
        self._scorer = Scorer(ScorerOptions.of(self._config["scorer"]))
        outside = sorted({label for label in labels if intent_of(label) == OUT_OF_SCOPE})
        self._scorer.fit([m.get(TEXT) for m in examples], vectors, labels, outside)
        self._responses = training_data.responses
        self._replies = _trained_replies(
            [m for m in single if _after(m)], [m.get(TEXT) for m in examples], vectors, labels
        )
        with self._storage.write_to(self._resource) as directory:
            self._scorer.save(directory)
            self._replies.save(directory)
            (directory / CLASSIFIER_FILE).write_text(
                json.dumps({"responses": self._responses, "thresholds": asdict(self._thresholds)}),
                encoding="utf-8",
            )
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "FaqClassifier":
        """Called by Rasa when a model is loaded."""
        # One message needs no more than one core here, and idle BLAS threads spin on the others meanwhile.
        threadpool_limits(1, user_api="blas")
        foreign.prepare()
        classifier = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as directory:
            classifier._scorer = Scorer.load(directory)
            classifier._replies = ReplyScorer.load(directory)
            classifier._responses = json.loads((directory / CLASSIFIER_FILE).read_text("utf-8"))["responses"]
        return classifier

    def process(self, messages: List[Message]) -> List[Message]:
        """Decide each message and write the result in Rasa's format."""
        for message in messages:
            prepared = message.get(PLANNED)
            if prepared is None or self._scorer is None:
                continue
            plan, vectors, size = prepared
            decided, scores = decide(plan, vectors, size, self._scorer, self._thresholds, self._replies)
            for key, value in parse_data(decided, scores, self._responses).items():
                message.set(key, value, add_to_output=True)
        return messages


def _after(message: Message) -> List[str]:
    """What must have stood before an example (`metadata: {after: [...]}` of its intent); [] for examples at large."""
    about = (message.get("metadata") or {}).get("intent") or {}
    return list(about.get("after") or []) if isinstance(about, dict) else []


def _trained_replies(
    examples: List[Message], at_large: List[str], vectors: np.ndarray, labels: List[str]
) -> ReplyScorer:
    """Pairs of context and message, with some examples at large of each label that stand for something new."""
    replies = ReplyScorer()
    if not examples:
        return replies
    chosen = [row for row, count in enumerate(_counted(labels)) if count < AT_LARGE.get(intent_of(labels[row]), 0)]
    texts = [m.get(TEXT) for m in examples] + [at_large[row] for row in chosen]
    meant = [m.get(INTENT_RESPONSE_KEY) or m.get(INTENT) for m in examples]
    means = [NEW if label == SOMETHING_NEW else label for label in meant] + [NEW] * len(chosen)
    rows = np.vstack([feature_matrix(examples), vectors[chosen]])
    replies.fit(texts, rows, means, [_after(m) for m in examples] + [[] for _ in chosen])
    return replies


def _counted(labels: List[str]) -> List[int]:
    """How often each label has stood before in the list."""
    seen: Dict[str, int] = {}
    counts = []
    for label in labels:
        counts.append(seen.get(label, 0))
        seen[label] = counts[-1] + 1
    return counts
