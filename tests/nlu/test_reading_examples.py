"""Examples are read as Rasa reads them, without Rasa."""

import json
import tarfile
from pathlib import Path

import pytest
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import examples
from bot.nlu.components.classifier import _told
from bot.nlu.scoring.kept import Taught
from bot.nlu.scoring.replies import NEW
from bot.nlu.standalone import newest_model

FIRST = """
version: "3.1"
nlu:
- intent: faq/expiry
  examples: |
    - does it expire
    - my cert from [2020](date), still valid?
    - my [L2]{"entity": "credential", "value": "level_2"} ran out
    - the [L2](credential:level_2) and [L3][{"entity": "credential", "value": "level_3"}]
    - does it expire
    -   blanks around it   \n    - "quotes" stay: yes
    - see [here] or (there)
- intent: faq+escalate
  examples: |
    - does it expire, and call me
- intent: affirm
  metadata: {after: [team_offered, writing]}
  examples: |
    - yes
    - "does it expire"
- intent: affirm
  metadata:
    after: [writing]
  examples: |
    - yes
- regex: code
  examples: |
    - [0-9]+
responses:
  utter_faq/expiry:
  - text: Two years.
"""
SECOND = """
version: "3.1"
nlu:
- intent: greet
  examples:
  - text: |
      hello
  - text: hi [there](place)
    metadata: {sentiment: neutral}
- intent: faq/expiry
  examples: |
    - does it expire
    - and another
- intent: something_new
  metadata: {after: [writing]}
  examples: |
    - who is credly
- intent: other_language/german
  examples: |
    - guten Tag
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("content")
    (folder / "data/nlu/faq").mkdir(parents=True)
    (folder / "data/nlu/faq/one.yml").write_text(FIRST, encoding="utf-8")
    (folder / "data/nlu/social.yml").write_text(SECOND, encoding="utf-8")
    return folder


def test_texts_labels_contexts_and_order_are_those_of_rasa(root):
    found = load_data(str(root / "data/nlu/faq/one.yml")).merge(load_data(str(root / "data/nlu/social.yml")))
    found = found.merge(TrainingData())  # as Rasa does with the domain's responses, once each example has its own
    told, responses = examples.read(root)
    assert told == [_told(message) for message in found.training_examples]
    assert responses == found.responses


def test_what_needs_a_context_and_what_means_two_things_is_not_learnt_at_large(root):
    told, _ = examples.read(root)
    learnt = [told[place] for place in examples.at_large(told)]
    assert {one.label for one in learnt} == {"faq/expiry", "greet"}
    assert sum(one.text == "does it expire" for one in learnt) == 1


def test_replies_are_learnt_beside_the_first_examples_at_large(root, monkeypatch):
    monkeypatch.setattr(examples, "AT_LARGE", {"faq": 2})
    told, _ = examples.read(root)
    places, learnt = examples.in_context(told)
    assert [told[place].text for place in places] == [one.text for one in learnt]
    assert learnt == [
        Taught("yes", "affirm", ("team_offered", "writing")),
        Taught('"does it expire"', "affirm", ("team_offered", "writing")),
        Taught("yes", "affirm", ("writing",)),
        Taught("who is credly", NEW, ("writing",)),
        Taught("does it expire", NEW),
        Taught("my cert from 2020, still valid?", NEW),
    ]


def test_without_replies_nothing_stands_for_something_new():
    assert examples.in_context([Taught("hello", "greet")]) == ([], [])


def test_the_trained_model_was_made_from_what_is_read_here():
    told, responses = examples.read(Path("."))
    with tarfile.open(newest_model()) as archive:
        file = next(member for member in archive if member.name.endswith("/classifier.json"))
        described = json.load(archive.extractfile(file))
    assert described["examples"] == examples.digest(told)
    assert {name: described["responses"].get(name) for name in responses} == responses
