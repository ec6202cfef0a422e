"""Examples are compared as the scorer compares them, without encoding those that training knows."""

import numpy as np
import pytest

from bot.content.root import content_root
from bot.nlu.last_training import LAST_TRAINING
from bot.studio.checks import Severity, check
from bot.studio.content import Content
from bot.studio.example_vectors import MOST_ENCODED, ExampleVectors
from bot.studio.items import Change, Item, ItemKind
from tests.conftest import need

EXPORT = Item(ItemKind.EXAMPLES, "faq/export_credentials")


@pytest.fixture(scope="module")
def vectors():
    need(LAST_TRAINING.exists(), "What the last full training has kept")
    return ExampleVectors()


def test_what_means_nearly_the_same_under_another_label_is_told_while_it_is_typed(vectors):
    content = Content.read(content_root())
    value = content.value(EXPORT)
    changes = [
        Change(EXPORT, value, [*value, "can I import my badges from other platforms to Credly?", "wrap them as a gift"])
    ]
    found = check(content, changes, likeness=vectors, test_texts=dict, settings_links=(), masked=lambda text: text)
    assert [(one.level, one.field) for one in found] == [
        (Severity.WARNING, "can I import my badges from other platforms to Credly?")
    ]
    assert "faq/import_credentials" in found[0].message


def test_marks_of_entities_do_not_matter_and_each_row_has_length_1(vectors):
    marked, plain, new = vectors(
        ["has [Level 1](credential) been issued", "has Level 1 been issued", "quite new words"]
    )
    assert np.allclose(marked, plain) and np.allclose([np.linalg.norm(plain), np.linalg.norm(new)], 1, atol=1e-3)


def test_many_texts_that_training_does_not_know_keep_nobody_waiting(vectors):
    assert not vectors([f"new words of number {number}" for number in range(MOST_ENCODED + 1)]).any()


def test_where_no_training_has_kept_anything_meaning_is_not_asked(tmp_path):
    assert ExampleVectors(tmp_path, tmp_path)(["anything"]) is None
