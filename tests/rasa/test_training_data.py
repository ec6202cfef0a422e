"""Examples that are told twice are kept once, whatever Rasa compares them by."""

import pytest
from rasa.engine.training.hooks import TrainingHook
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.rasa import patches


@pytest.fixture(params=[False, True], ids=["Rasa's own", "ours"])
def trained_by(request, monkeypatch):
    for owner, name in ((Message, "__hash__"), (TrainingHook, "on_before_node"), (TrainingHook, "on_after_node")):
        monkeypatch.setattr(owner, name, getattr(owner, name))  # as it is now, to be put back
    assert patches.apply_to_training(patches.WRITTEN_FOR if request.param else "4.0") is request.param


@pytest.mark.usefixtures("trained_by")
def test_only_the_same_example_of_the_same_intent_is_kept_once():
    def told(intent, **more):
        return Message(data={"text": "is it there yet?", "intent": intent, **more})

    after = {"metadata": {"intent": {"after": ["record_shown"]}}}
    examples = [told("watch"), told("watch"), told("check_issuance_status"), told("watch", **after)]
    assert len(TrainingData(examples).training_examples) == 3
