"""How well the trained model answers questions it was never trained on."""

import json
from pathlib import Path

import pytest

from bot.evaluation.accuracy import judge, summary
from bot.evaluation.difference import dropped
from bot.evaluation.examples import questions, training, training_in_context
from bot.evaluation.floors import FLOORS_FILE, reached, read_floors
from bot.nlu.decision import Choice, Decision
from bot.nlu.standalone import newest_model

KEPT = Path("tests/data/validation-report.json")
FLOORS = read_floors(Path("tests/data") / FLOORS_FILE)


@pytest.fixture(scope="module")
def reports(understanding):
    return {name: report(understanding, name) for name in FLOORS}


def report(understanding, name):
    rows = questions(Path(f"tests/data/{name}.jsonl"))
    return summary(judge(row, understanding.decide(row["text"], row.get("context"))[0]) for row in rows)


@pytest.mark.parametrize(("name", "group"), [(name, group) for name in FLOORS for group in FLOORS[name]])
def test_each_group_reaches_its_floor(reports, name, group):
    found = reached(reports[name]["groups"][group])
    for measure, floor in FLOORS[name][group].items():
        assert found[measure] >= floor, f"{measure}: {found[measure]:.1%}"


def test_no_group_drops_against_the_report_that_was_kept(reports):
    """After a change for the better: `python -m bot evaluate tests/data/validation.jsonl --json KEPT`."""
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    assert dropped(kept, reports["validation"], tolerance=0.035) == []  # one question of the smallest group is 3%


def test_an_answer_too_many_is_told():
    choices = tuple(Choice(label, 0.9) for label in ("faq/what_is_credly", "faq/credential_expiry"))
    both = Decision("faq+faq", choices[0].label, 0.9, questions=choices)
    one, two = ([choice.label for choice in choices[:count]] for count in (1, 2))
    rows = [{"text": "a", "expect": one}, {"text": "b", "expect": two, "all": True}, {"text": "c", "expect": two}]
    shares = summary(judge(row, both) for row in rows)["overall"]
    assert shares["right"] == 1.0 and shares["extra"] == pytest.approx(2 / 3, abs=1e-3)


@pytest.mark.parametrize("name", ["validation", "test", "unseen"])
def test_no_evaluation_question_is_a_training_example(name):
    trained = {text.lower().strip(" .?!") for text, _ in training(Path("data/nlu"))}
    asked = questions(Path(f"tests/data/{name}.jsonl"))
    assert not [row["text"] for row in asked if row["text"].lower().strip(" .?!") in trained]


def test_no_reply_but_the_shortest_is_a_training_example_after_the_same():
    trained = {(words(text), name) for text, _, after in training_in_context(Path("data/nlu")) for name in after}
    asked = questions(Path("tests/data/replies.jsonl"))
    known = [
        row["text"] for row in asked for name in row["context"]["contexts"] if (words(row["text"]), name) in trained
    ]
    assert [text for text in known if len(text.split()) > 3] == []  # "any news" is what everybody says
    assert len(known) <= 0.1 * len(asked)


def words(text):
    return text.lower().strip(" .?!")


def test_every_label_has_enough_examples_and_every_faq_an_answer(understanding):
    counts = {}
    for _, label in training(Path("data/nlu")):
        counts[label] = counts.get(label, 0) + 1
    faqs = [label for label in counts if label.startswith("faq/")]
    assert len(faqs) == 22
    for label in faqs:
        metadata = understanding.responses[f"utter_{label}"][0]["metadata"]
        assert metadata["question"] and len(metadata["title"]) <= 75
        assert counts[label] >= 45, label
    assert counts["check_issuance_status"] >= 60 and counts["escalate"] >= 60
    assert all(counts[name] >= 25 for name in ("greet", "goodbye", "thank", "bot_challenge", "help"))
    assert sum(count for label, count in counts.items() if label.startswith("out_of_scope")) >= 300


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        (text, set(label.split("+")))
        for text, label in training(Path("data/nlu"))
        if "+" in label
    ],
)  # fmt: skip
def test_the_examples_of_two_questions_are_found_as_two(understanding, text, labels):
    decided, _ = understanding.decide(text)
    assert {q.label.split("/")[0] for q in decided.questions} == labels


def test_the_model_stays_small_enough_to_be_handed_on():
    assert newest_model().stat().st_size < 60e6
