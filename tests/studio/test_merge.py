"""What becomes of what two people have changed, what differs, and the patch of it."""

import copy
import subprocess

import pytest

from bot.studio.content import Content, changed_files
from bot.studio.items import Change, Item, ItemKind
from bot.studio.merge import Conflict, difference, merged, patch
from tests.studio.folder import AFFIRM, ANSWER, CODE, GREETING, LEVEL_1, SHARING, made, write

RESPONSE = [
    {"text": "One", "buttons": [{"title": "a", "payload": "/a"}], "metadata": {"kind": "answer", "title": "T"}},
    {"channel": "slack", "text": "Two"},
]
CREDENTIAL = {"id": "level_1", "title": "Level 1", "names": ["level 1", "l1"]}


def examples(before, ours, theirs):
    return merged(Change(SHARING, before, ours), theirs)


def response(ours, theirs, before=RESPONSE):
    return merged(Change(ANSWER, before, ours), theirs)


def with_text(place, text):
    value = copy.deepcopy(RESPONSE)
    value[place]["text"] = text
    return value


@pytest.mark.parametrize(
    ("before", "ours", "theirs", "result"),
    [
        (["a", "b"], ["a", "b", "c"], ["a", "b", "d"], ["a", "b", "c", "d"]),
        (["a", "b"], ["a"], ["a", "b", "d"], ["a", "d"]),
        (["a", "b"], ["a", "b", "c"], ["b"], ["b", "c"]),
        (["a", "b"], ["x", "a", "b"], ["a", "y", "b"], ["x", "a", "y", "b"]),
        (["a", "b"], ["a", "x", "b"], ["b", "c"], ["b", "c", "x"]),
        (["a"], ["a", "c"], ["a", "c", "d"], ["a", "c", "d"]),
        (["a", "b"], ["b"], ["a"], None),
        (None, ["a", "b"], ["b", "c"], ["a", "b", "c"]),
        (["a"], ["a"], None, None),
        (["a"], None, ["a"], None),
        (["a"], None, None, None),
    ],
)
def test_of_examples_all_that_was_added_or_taken_away_holds(before, ours, theirs, result):
    assert examples(before, ours, theirs) == result


@pytest.mark.parametrize(("ours", "theirs"), [(None, ["a", "b", "c"]), (["a", "b", "c"], None)])
def test_examples_of_a_label_that_somebody_took_out_meanwhile_are_a_conflict(ours, theirs):
    with pytest.raises(Conflict) as conflict:
        examples(["a", "b"], ours, theirs)
    assert conflict.value.item == SHARING and conflict.value.before == ["a", "b"]
    assert conflict.value.ours == ours and conflict.value.theirs == theirs


def test_of_a_response_each_side_keeps_what_it_changed():
    theirs = with_text(1, "Other")
    theirs[0]["metadata"]["title"] = "Title"
    ours = with_text(0, "New")
    ours[0]["metadata"]["related"] = ["x"]
    assert response(ours, theirs) == [
        {
            "text": "New",
            "buttons": [{"title": "a", "payload": "/a"}],
            "metadata": {"kind": "answer", "title": "Title", "related": ["x"]},
        },
        {"channel": "slack", "text": "Other"},
    ]


def test_a_variant_that_one_side_adds_or_takes_away_stays_so():
    assert response(RESPONSE[:1], with_text(0, "New")) == with_text(0, "New")[:1]
    assert response(RESPONSE, with_text(0, "New"), RESPONSE[:1]) == with_text(0, "New")
    assert response(with_text(0, "Same"), with_text(0, "Same")) == with_text(0, "Same")


def test_what_nobody_else_has_changed_is_taken_as_it_is():
    assert response(None, RESPONSE) is None
    assert response(RESPONSE, None) is None
    assert response(with_text(0, "New"), RESPONSE) == with_text(0, "New")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (with_text(0, "New"), with_text(0, "Newer")),
        (RESPONSE[:1], with_text(1, "New")),
        (None, with_text(0, "New")),
        (with_text(0, "New"), None),
        ([*RESPONSE, {"text": "Third"}], with_text(0, "New")),
        (
            [{**RESPONSE[0], "buttons": []}, RESPONSE[1]],
            [{**RESPONSE[0], "buttons": [{"title": "b", "payload": "/b"}]}, RESPONSE[1]],
        ),
    ],
)
def test_two_different_changes_of_the_same_are_a_conflict(ours, theirs):
    with pytest.raises(Conflict):
        response(ours, theirs)


def test_of_several_texts_for_one_place_nobody_can_say_which_is_which():
    before = [{"text": "a"}, {"text": "b"}]
    with pytest.raises(Conflict):
        response([{"text": "A"}, {"text": "b"}], [{"text": "a"}, {"text": "B"}], before)


def test_a_response_that_both_sides_have_added_is_a_conflict_unless_it_is_the_same():
    assert response(RESPONSE, RESPONSE, None) == RESPONSE
    with pytest.raises(Conflict):
        response(with_text(0, "New"), RESPONSE, None)


def test_of_a_credential_keys_merge_and_names_as_sets():
    ours = {**CREDENTIAL, "names": ["level 1", "l1", "lvl 1"], "title": "Level One"}
    theirs = {**CREDENTIAL, "names": ["l1", "first"], "valid_months": 12}
    assert merged(Change(LEVEL_1, CREDENTIAL, ours), theirs) == {
        "id": "level_1",
        "title": "Level One",
        "names": ["l1", "lvl 1", "first"],
        "valid_months": 12,
    }
    with pytest.raises(Conflict):
        merged(Change(LEVEL_1, CREDENTIAL, ours), {**CREDENTIAL, "title": "First level"})


def test_what_differs_is_told_item_by_item_and_leads_from_one_to_the_other(tmp_path):
    before_root, after_root = made(tmp_path / "before"), made(tmp_path / "after")
    new = Item(ItemKind.EXAMPLES, "affirm", "late")
    write(after_root, (GREETING, [{"text": "Hi"}]), (AFFIRM, ["yes"]), (new, ["ok then"]), (CODE, None))
    before, after = Content.read(before_root), Content.read(after_root)
    changes = difference(before, after)
    assert {change.item for change in changes} == {GREETING, AFFIRM, new, CODE}
    assert [change.path for change in changes if change.item == new] == ["data/nlu/context/answers.yml"]
    for path, text in changed_files(before_root, changes).items():
        (before_root / path).write_text(text)
    assert difference(Content.read(before_root), after) == []


@pytest.mark.parametrize("end", ["\n", ""])
def test_git_takes_the_patch(tmp_path, end):
    root = made(tmp_path)
    changes = [Change(GREETING, None, [{"text": "Hi\nthere 😀"}]), Change(SHARING, None, ["-- x", "++ y"])]
    changed = changed_files(root, changes)
    (root / "data/topics.yml").write_text("a: “one”\x0b\u2028two" + end)
    (root / "data/crlf.yml").write_bytes(b"a: 1\r\nb: 2\r\n")
    files = {
        **changed,
        "data/topics.yml": "a: “one”\x0b\u2028three" + end,
        "data/crlf.yml": "a: 1\r\nb: 3\r\n",
        "data/new.yml": "new: 1" + end,
        "data/catalogue.yml": None,
    }
    words = patch(root, files)
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], input=words.encode(), cwd=root, check=True)
    assert {path: (root / path).read_bytes().decode() for path, text in files.items() if text is not None} == {
        path: text for path, text in files.items() if text is not None
    }
    assert not (root / "data/catalogue.yml").exists()


def test_there_is_no_patch_of_what_is_the_same(tmp_path):
    root = made(tmp_path)
    assert patch(root, {"domain.yml": (root / "domain.yml").read_text(), "data/none.yml": None}) == ""
