"""How well the trained model answers questions it was never trained on."""

from pathlib import Path

import pytest

from bot.evaluation.accuracy import judge, summary
from bot.evaluation.examples import questions, training

FLOORS = {
    "faq": {"right": 0.75, "right or offered": 0.84},
    "two_questions": {"right": 0.72},
    "near_miss": {"not wrong": 0.88},
    "unrelated": {"not wrong": 0.93},
    "social": {"right": 0.88},
    "action": {"right": 0.76},
}


@pytest.fixture(scope="module")
def report(understanding):
    rows = questions(Path("tests/data/validation.jsonl"))
    return summary(judge(row, understanding.decide(row["text"])[0]) for row in rows)


@pytest.mark.parametrize("group", FLOORS)
def test_each_group_reaches_its_floor(report, group):
    shares = report["groups"][group]
    reached = {
        "right": shares["right"],
        "right or offered": shares["right"] + shares["offered"],
        "not wrong": 1 - shares["wrong"],
    }
    for measure, floor in FLOORS[group].items():
        assert reached[measure] >= floor, f"{measure}: {reached[measure]:.1%}"


@pytest.mark.parametrize("name", ["validation", "test"])
def test_no_evaluation_question_is_a_training_example(name):
    trained = {text.lower().strip(" .?!") for text, label in training(Path("data/nlu")) if label.startswith("faq")}
    asked = questions(Path(f"tests/data/{name}.jsonl"))
    assert not [row["text"] for row in asked if row["text"].lower().strip(" .?!") in trained]


def test_every_faq_has_enough_examples_and_an_answer(understanding):
    counts = {}
    for _, label in training(Path("data/nlu")):
        counts[label] = counts.get(label, 0) + 1
    faqs = [label for label in counts if label.startswith("faq/")]
    assert len(faqs) == 22
    for label in faqs:
        metadata = understanding.responses[f"utter_{label}"][0]["metadata"]
        assert metadata["question"] and len(metadata["title"]) <= 75
        assert counts[label] >= 40, label
