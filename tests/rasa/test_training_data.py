"""Examples that are told twice are kept once, whatever Rasa compares them by."""

import tarfile

import pytest
from rasa.engine.storage import local_model_storage
from rasa.engine.training.hooks import TrainingHook
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.rasa import patches


@pytest.fixture(params=[False, True], ids=["Rasa's own", "ours"])
def trained_by(request, monkeypatch):
    replaced = [(Message, "__hash__"), (TrainingHook, "on_before_node"), (TrainingHook, "on_after_node")]
    for owner, name in (*replaced, (TrainingData, "merge"), (local_model_storage, "TarSafe")):
        monkeypatch.setattr(owner, name, getattr(owner, name))  # as it is now, to be put back
    assert patches.apply_to_training(patches.WRITTEN_FOR if request.param else "4.0") is request.param


@pytest.mark.usefixtures("trained_by")
def test_only_the_same_example_of_the_same_intent_is_kept_once():
    def told(intent, **more):
        return Message(data={"text": "is it there yet?", "intent": intent, **more})

    after = {"metadata": {"intent": {"after": ["record_shown"]}}}
    examples = [told("watch"), told("watch"), told("check_issuance_status"), told("watch", **after)]
    assert len(TrainingData(examples).training_examples) == 3


@pytest.mark.usefixtures("trained_by")
def test_what_comes_from_several_places_is_put_together_once_and_the_places_stay_as_they_are():
    def told(text):
        return Message(data={"text": text, "intent": "watch"})

    one = TrainingData([told("a"), told("b")], {"cert": "certification"}, responses={"utter_faq/x": [{"text": "X"}]})
    other = TrainingData([told("b"), told("c")], {"micro": "micro-credential"}, [{"name": "day", "pattern": "mon"}])
    merged = one.merge(other, None)
    assert sorted(example.get("text") for example in merged.training_examples) == ["a", "b", "c"]
    assert merged.entity_synonyms == {"cert": "certification", "micro": "micro-credential"}
    assert merged.regex_features == [{"name": "day", "pattern": "mon"}] and set(merged.responses) == {"utter_faq/x"}
    assert [len(part.training_examples) for part in (one, other)] == [2, 2] and one.entity_synonyms.keys() == {"cert"}


@pytest.mark.usefixtures("trained_by")
def test_a_packed_model_can_be_read_again(tmp_path):
    (tmp_path / "numbers").write_bytes(bytes(range(256)) * 1000)
    with local_model_storage.TarSafe.open(tmp_path / "model.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "numbers", arcname="numbers")
    with tarfile.open(tmp_path / "model.tar.gz") as archive:
        assert archive.extractfile("numbers").read() == (tmp_path / "numbers").read_bytes()
