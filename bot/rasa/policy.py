"""Rasa policy: what follows on a message is looked up in the rules and in the table of tasks (tasks.py)."""

import json
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

import yaml
from rasa.core.featurizers.tracker_featurizers import TrackerFeaturizer
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActionExecutionRejected, ActiveLoop, Event, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from bot.rasa import action_requests
from bot.rasa.tasks import TaskTable, TurnSoFar

TABLE_FILE = "tasks.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class TaskPolicy(RulePolicy):
    """A RulePolicy whose rules within forms come from one table; Rasa wants such a policy where there are forms."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """As RulePolicy's; `table`: path of the table, relative to where training runs."""
        return {
            **RulePolicy.get_default_config(),
            "table": "data/stories/tasks.yml",
            "enable_fallback_prediction": False,
        }

    def __init__(
        self,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        featurizer: Optional[TrackerFeaturizer] = None,
        lookup: Optional[Dict[Any, Any]] = None,
    ) -> None:
        """Start without a table; `train` or `load` bring it."""
        super().__init__(config, model_storage, resource, execution_context, featurizer, lookup)
        self.table = TaskTable({}, {})

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> str | None:
        """The table's text, so that an edit there retrains."""
        path = Path(config.get("table") or "")
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def train(self, training_trackers: List[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        """Take the rules by intent, and the table."""
        resource = super().train(training_trackers, domain, **kwargs)
        rules = [rule for tracker in training_trackers if (rule := _rule(tracker))]
        outside = {intent: actions for intent, actions, _ in rules}
        names = {intent: name for intent, _, name in rules}
        content = yaml.safe_load(Path(self.config["table"]).read_text(encoding="utf-8"))
        with self._model_storage.write_to(self._resource) as directory:
            (directory / TABLE_FILE).write_text(
                json.dumps({"tasks": content["tasks"], "outside": outside, "names": names})
            )
        self.table = TaskTable.of(content, outside, names)
        return resource

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "TaskPolicy":
        """Called by Rasa when a model is loaded."""
        action_requests.sign()
        policy = cls(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as directory:
            stored = json.loads((directory / TABLE_FILE).read_text(encoding="utf-8"))
        policy.table = TaskTable.of(stored, stored["outside"], stored.get("names", {}))
        return policy

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: Optional[Dict[str, Any]] = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """The next action by the table, with certainty."""
        probabilities = self._default_predictions(domain)
        probabilities[domain.index_for_action(self.table.next(turn_of(tracker.applied_events())))] = 1.0
        return self._prediction(probabilities)


def turn_of(events: Sequence[Event]) -> TurnSoFar:
    """What has happened since the person's last message.

    Args:
        events: of the conversation, oldest first.
    """
    intent, task, active, rejected = "", "", "", False
    done: List[str] = []
    for event in events:
        if isinstance(event, UserUttered):
            intent, task, rejected, done = event.intent_name or "", active, False, []
        elif isinstance(event, ActiveLoop):
            active = event.name or ""
        elif isinstance(event, ActionExecutionRejected):
            rejected = True
        elif isinstance(event, ActionExecuted) and event.action_name and event.action_name != ACTION_LISTEN_NAME:
            done.append(event.action_name)
    return TurnSoFar(intent=intent, task=task, active=active, rejected=rejected, done=tuple(done))


def _rule(tracker: TrackerWithCachedStates) -> Optional[Tuple[str, List[str], str]]:
    """Intent, actions and name of a rule of one message that holds everywhere; None for other rules and for stories."""
    if not tracker.is_rule_tracker:
        return None
    said = [event for event in tracker.events if isinstance(event, UserUttered)]
    if len(said) != 1 or any(isinstance(event, ActiveLoop) for event in tracker.events):
        return None
    events = list(tracker.events)
    after = events[events.index(said[0]) + 1 :]
    actions = [one.action_name for one in after if isinstance(one, ActionExecuted) and one.action_name]
    return (
        said[0].intent_name or "",
        [name for name in actions if name not in (ACTION_LISTEN_NAME, "...")],
        tracker.sender_id,
    )
