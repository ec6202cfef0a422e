"""Reads config, domain and data: the encoder as set, examples once, no warning of retrieval intents that stand twice.

Rasa adds the retrieval intents of data/nlu/ to the domain itself and warns when domain.yml names them too; where it
does not, it warns that the stories, which are read before that, use unknown intents (rasa 3.6, rasa/shared/importers).
"""

from typing import Any, Dict, List, Optional, Sequence, Union

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.importers import utils
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.errors import InvalidSetting
from bot.settings import Settings

FEATURIZER = "SentenceTransformerFeaturizer"


class RetrievalIntentImporter(RasaFileImporter):
    """The setting ENCODER_MODEL counts, and stories may use retrieval intents that config.yml alone lists."""

    def __init__(
        self,
        config_file: Optional[str] = None,
        domain_path: Optional[str] = None,
        training_data_paths: Optional[Union[List[str], str]] = None,
        retrieval_intents: Sequence[str] = (),
    ) -> None:
        """Called by Rasa with its own paths and with what stands beside the importer's name in config.yml."""
        super().__init__(config_file, domain_path, training_data_paths)
        self._retrieval_intents = retrieval_intents
        self._nlu_data: Dict[Optional[str], TrainingData] = {}

    def get_config(self) -> Dict[str, Any]:
        """The config, with the setting ENCODER_MODEL as `model` of the featurizer unless it has its own."""
        config: Dict[str, Any] = super().get_config()
        if not config.get("pipeline"):
            return config
        return {**config, "pipeline": [_with_encoder(part) for part in config["pipeline"]]}

    def get_nlu_data(self, language: Optional[str] = "en") -> TrainingData:
        """The examples; the importers around this one ask for them several times, and copy what they get."""
        if language not in self._nlu_data:
            self._nlu_data[language] = super().get_nlu_data(language)
        return self._nlu_data[language]

    def get_stories(self, exclusion_percentage: Optional[int] = None) -> StoryGraph:
        """Training stories and rules."""
        return utils.story_graph_from_paths(self._story_files, self._complete_domain(), exclusion_percentage)

    def get_conversation_tests(self) -> StoryGraph:
        """Test stories."""
        return utils.story_graph_from_paths(self._conversation_test_files, self._complete_domain())

    def _complete_domain(self) -> Domain:
        intents: List[Any] = [{name: {"is_retrieval_intent": True}} for name in self._retrieval_intents]
        actions = [f"utter_{name}" for name in self._retrieval_intents]
        return self.get_domain().merge(Domain.from_dict({"intents": intents, "actions": actions}))


def _with_encoder(part: Dict[str, Any]) -> Dict[str, Any]:
    if not str(part.get("name")).endswith(FEATURIZER) or part.get("model"):
        return part
    try:
        return {**part, "model": Settings.load().encoder_model}
    except InvalidSetting as error:
        raise InvalidConfigException(str(error)) from error
