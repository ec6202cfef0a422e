"""What can be edited, and how it is kept."""

import json

import pytest

from bot.studio.items import Change, InvalidItem, Item, ItemKind, fits, same_value, tidy


@pytest.mark.parametrize(
    "item_id",
    ["response:utter_faq/sharing_options", "examples:affirm@account_offer,code", "credential:level_1", "examples:a+b"],
)
def test_an_id_is_read_back(item_id):
    assert Item.of(item_id).id == item_id


@pytest.mark.parametrize(
    "item_id",
    [
        "",
        "response",
        "response:",
        "story:x",
        "response:../../etc/passwd",
        "response:a/b/c",
        "response:a b",
        "response:x\n",
        "response:utter: {a",
        "examples:affirm@",
        "examples:affirm@a]b",
        "response:utter_x@offer",
        "examples:é",
    ],
)
def test_a_name_that_could_be_read_as_something_else_is_none(item_id):
    with pytest.raises(InvalidItem):
        Item.of(item_id)


def test_a_change_is_the_same_after_json_has_kept_it():
    change = Change(
        Item(ItemKind.RESPONSE, "utter_x"), None, [{"text": "a\n“b” 😀", "metadata": {"kind": "social"}}], "domain.yml"
    )
    assert Change.of_json(json.loads(json.dumps(change.to_json()))) == change


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"item": 7, "before": None, "after": None},
        {"item": "examples:x", "before": None, "after": [1]},
        {"item": "examples:x", "before": None, "after": "a"},
        {"item": "response:x", "before": None, "after": [{"text": [[[[[[[1]]]]]]]}]},
        {"item": "response:x", "before": None, "after": [{"a: b": "c"}]},
        {"item": "response:x", "before": None, "after": [{}]},
        {"item": "credential:x", "before": None, "after": []},
        {"item": "credential:x", "before": None, "after": {"title": 1.5}},
        {"item": "credential:x", "before": None, "after": None, "path": 1},
    ],
)
def test_what_is_no_change_is_refused(kept):
    with pytest.raises(InvalidItem):
        Change.of_json(kept)


def test_examples_are_kept_without_blanks_empty_ones_and_doubles():
    assert tidy(ItemKind.EXAMPLES, [" a ", "", "b", "a", "\t", "b\r\n"]) == ["a", "b"]
    assert tidy(ItemKind.EXAMPLES, [" "]) is None


def test_texts_are_kept_with_plain_line_ends_only():
    assert tidy(ItemKind.RESPONSE, [{"text": "a  \r\nb\rc\n\n"}]) == [{"text": "a\nb\nc"}]


def test_a_number_is_no_yes_and_the_order_of_keys_does_not_count():
    assert same_value({"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert not same_value({"a": 1}, {"a": True})
    assert not same_value(None, [])


def test_what_is_not_there_fits_every_kind():
    assert all(fits(kind, None) for kind in ItemKind)
