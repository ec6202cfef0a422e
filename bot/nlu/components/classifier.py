"""Rasa component around the scorer and the decision: fills `intent`, `intent_ranking` and `response_selector`."""

from dataclasses import asdict
from typing import Any, Dict, List, Optional

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

from bot.nlu import examples, last_training
from bot.nlu.components.featurizer import PLANNED
from bot.nlu.decision import OUT_OF_SCOPE, Thresholds, intent_of
from bot.nlu.described import Described
from bot.nlu.parse_data import feature_matrix, parse_data
from bot.nlu.plan import decide
from bot.nlu.scoring.kept import Taught
from bot.nlu.scoring.replies import ReplyScorer
from bot.nlu.scoring.scorer import Scorer, ScorerOptions
from bot.nlu.text import foreign


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
        told = [_told(m) for m in found]
        at_large = examples.at_large(told)
        vectors = feature_matrix([found[place] for place in at_large])
        labels = [told[place].label for place in at_large]
        outside = sorted({label for label in labels if intent_of(label) == OUT_OF_SCOPE})
        keep, number = last_training.begin()
        self._scorer = Scorer(ScorerOptions.of(self._config["scorer"]))
        self._scorer.fit(
            [told[place].text for place in at_large], vectors, labels, outside, keep and keep / last_training.SCORER
        )
        del vectors
        self._responses = training_data.responses
        self._replies = ReplyScorer()
        places, learnt = examples.in_context(told)
        if learnt:
            vectors = feature_matrix([found[place] for place in places])
            said, meant, after = zip(*((one.text, one.label, one.after) for one in learnt))
            self._replies.fit(said, vectors, meant, after, keep and keep / last_training.REPLIES)
        with self._storage.write_to(self._resource) as directory:
            self._scorer.save(directory)
            self._replies.save(directory)
            described = Described(self._responses, asdict(self._thresholds), number, examples.digest(told))
            described.save(directory)
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
            classifier._responses = Described.load(directory).responses
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


def _told(message: Message) -> Taught:
    """An example without Rasa: its text, label and contexts (`metadata: {after: [...]}` of its intent)."""
    about = (message.get("metadata") or {}).get("intent")
    return Taught(message.get(TEXT), message.get(INTENT_RESPONSE_KEY) or message.get(INTENT), examples.contexts(about))
