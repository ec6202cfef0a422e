"""Reads domain and stories without Rasa's warning that retrieval intents are there twice.

Rasa adds the retrieval intents of data/nlu/ to the domain itself and warns when domain.yml names them too; where it
does not, it warns that the stories, which are read before that, use unknown intents (rasa 3.6, rasa/shared/importers).
"""

from typing import Any, List, Optional, Sequence, Union

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers import utils
from rasa.shared.importers.rasa import RasaFileImporter


class RetrievalIntentImporter(RasaFileImporter):
    """Stories may use the retrieval intents that config.yml lists; domain.yml does not list them again."""

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
