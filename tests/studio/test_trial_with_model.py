"""Texts that are read many at once, and vectors that are kept, with the trained model."""

import json

import numpy as np
import pytest

from bot.evaluation.accuracy import judge
from bot.evaluation.contexts import context_after
from bot.nlu.decision import Decision
from bot.nlu.standalone import newest_model
from bot.studio.answers import AskedMaterial, KeptAnswers, ModelAnswers
from bot.studio.kept_vectors import KeptVectors
from bot.studio.reading import AskedText, Reader, labels_read

TEXTS = [
    AskedText("How do I share my badge on LinkedIn?"),
    AskedText("is it posible to put it on my cv and also how do i make it private"),
    AskedText("where is my badge, i finished in may"),
    AskedText("and when?", context_after("record_shown")),
    AskedText("what's the weather like"),
    AskedText("where is my badge, i finished in may"),
]


@pytest.fixture(scope="module")
def reader(understanding, tmp_path_factory):
    return Reader(understanding, KeptVectors(understanding.encoder, tmp_path_factory.mktemp("kept")))


def test_texts_are_read_at_once_as_they_are_one_by_one(reader, understanding):
    together = [labels_read(one) for one in reader.read(TEXTS)]
    alone = [labels_read(understanding.decide(one.text, one.context)[0]) for one in TEXTS]
    assert together == alone
    assert together[0][0].startswith("faq/") and together[4][0].startswith("out_of_scope")
    assert together[3] == ("ask_record_when",)
    assert [labels_read(reader.read_alone(one)) for one in TEXTS] == alone


def test_kept_vectors_spare_the_encoder_and_give_the_same(understanding, tmp_path, monkeypatch):
    vectors = KeptVectors(understanding.encoder, tmp_path)
    plan = understanding.plan("is it possible to put it on my cv and how do i make it private")
    first = vectors.of(plan)
    vectors.save()
    later = KeptVectors(understanding.encoder, tmp_path)
    monkeypatch.setattr(type(plan), "encode", lambda *_: pytest.fail("it was encoded again"))
    assert np.array_equal(later.of(plan), first)
    monkeypatch.undo()
    assert np.allclose(first, plan.encode(understanding.encoder), atol=1e-3)


def test_what_people_wrote_is_not_among_the_kept(understanding, tmp_path):
    vectors = KeptVectors(understanding.encoder, tmp_path)
    mine, test = understanding.plan("hello, I am Jane Roe"), understanding.plan("what is Credly")
    vectors.of(mine, keep=False)
    vectors.of(test)
    vectors.save()
    later = KeptVectors(understanding.encoder, tmp_path)
    assert later.of_text("what is Credly") is not None and later.of_text("hello, I am Jane Roe") is None


def test_a_broken_file_of_vectors_is_made_anew(understanding, tmp_path):
    vectors = KeptVectors(understanding.encoder, tmp_path)
    plan = understanding.plan("what is Credly")
    vectors.of(plan)
    vectors.save()
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"half a")
    assert KeptVectors(understanding.encoder, tmp_path).of(plan).shape[0] >= 1


def test_answers_come_back_as_they_were_kept(tmp_path):
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "few.jsonl").write_text(json.dumps({"text": "what is Credly", "expect": ["faq/what_is_credly"]}))
    material, archive = AskedMaterial.read(folder), newest_model()
    kept, answers = KeptAnswers(tmp_path / "kept", material), ModelAnswers.none_of(material)
    assert kept.find(archive) is None and not answers.complete
    decided = Decision("faq", "faq/what_is_credly", 0.9)
    answers.judged["few"][0] = judge(material.rows["few"][0], decided)
    answers.labels["x"] = ("faq/what_is_credly",)
    kept.keep(archive, answers)
    assert kept.find(archive) == answers and answers.complete
    (folder / "few.jsonl").write_text(json.dumps({"text": "what's Credly", "expect": ["faq/what_is_credly"]}))
    assert KeptAnswers(tmp_path / "kept", AskedMaterial.read(folder)).find(archive) is None
