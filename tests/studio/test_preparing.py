"""What is live is asked before the first trial, so that this one need not."""

import json

from bot.nlu.decision import Decision, intent_of
from bot.studio.answers import AskedMaterial, KeptAnswers
from bot.studio.preparing import prepare


class Vectors:
    def save(self):
        pass


class CountingReader:
    vectors = Vectors()

    def __init__(self):
        self.count = 0

    def read(self, texts, keep=True):
        self.count += len(texts)
        label = "faq/what_is_credly"
        return [Decision(intent=intent_of(label), label=label, confidence=0.9) for _ in texts]


def test_the_answers_of_what_is_live_are_there_before_a_trial_asks(tmp_path):
    tests, model = tmp_path / "tests", tmp_path / "model.tar.gz"
    (tests / "conversations").mkdir(parents=True)
    model.write_bytes(b"live")
    (tests / "few.jsonl").write_text(json.dumps({"text": "what is Credly", "expect": ["faq/what_is_credly"]}))
    talk = {"id": "a1_credly", "turns": [{"user": "what is Credly"}, {"user": "is it free"}]}
    (tests / "conversations" / "a.yml").write_text(json.dumps([talk]))
    reader = CountingReader()
    assert prepare(model, tests, tmp_path / "kept", lambda archive, folder: reader)
    assert reader.count == 1 + 4  # each message by itself, and after what stood before
    found = KeptAnswers(tmp_path / "kept", AskedMaterial.read(tests)).find(model)
    assert found and found.complete and found.judged["few"][0].outcome == "right"
    assert not prepare(model, tests, tmp_path / "kept", lambda archive, folder: reader)
    assert reader.count == 5


def test_without_questions_there_is_nothing_to_prepare(tmp_path):
    assert not prepare(tmp_path / "model", tmp_path / "nowhere", tmp_path / "kept")
