"""How soon the team answers, said wherever it is asked: with what is set or was measured, where anything is."""

from collections.abc import Mapping
from dataclasses import asdict

from actions.services import services

WHEN_ANSWERED = "utter_process/when_answered"
# By what is known of it.
INSTEAD = {
    ("within",): "utter_when_answered_within",
    ("hours",): "utter_when_answered_hours",
    ("within", "hours"): "utter_when_answered_within_hours",
}


def worded(utterance: str, values: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    """The utterance to say instead, and its values; the same for all that does not depend on it."""
    if utterance != WHEN_ANSWERED:
        return utterance, values
    known = {name: words for name, words in asdict(services().answer_times.expected()).items() if words}
    return INSTEAD.get(tuple(known), WHEN_ANSWERED), known
