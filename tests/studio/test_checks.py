"""What is found in changes before anybody publishes them: each finding where it belongs, and none too many."""

import copy
import re
from pathlib import Path

import numpy as np
import pytest

from bot.studio.checks import Severity, as_words, check, meets
from bot.studio.content import Content
from bot.studio.items import Change, Item, ItemKind
from tests.studio.folder import AFFIRM, ANSWER, CODE, GREETING, LEVEL_1, SHARING, made, write

NEW_ANSWER, NEW_EXAMPLES = Item(ItemKind.RESPONSE, "utter_faq/good"), Item(ItemKind.EXAMPLES, "faq/good")
SIGNATURE = Item(ItemKind.EXAMPLES, "faq/signature")


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    return Content.read(made(tmp_path_factory.mktemp("checked")))


def found(content, *changes, likeness=None, tests=None, links=(), masked=lambda text: text):
    """The findings of changes, each an item with its new value."""
    return check(
        content,
        [Change(item, content.value(item), value) for item, value in changes],
        likeness=likeness,
        test_texts=lambda: tests or {},
        settings_links=links,
        masked=masked,
    )


def told(findings):
    return [(finding.level.value, finding.item, finding.field) for finding in findings]


def greeting(text, **more):
    return [{"text": text, **more, "metadata": {"kind": "social"}}]


def question(**metadata):
    about = {"kind": "answer", "question": "Is it good?", "title": "Good?", **metadata}
    return [{"text": "Yes.", "metadata": about}]


def test_the_content_that_is_there_has_no_errors_when_all_of_it_is_touched(content):
    changes = []
    for item in content.items():
        value = copy.deepcopy(content.value(item))
        if item.kind is ItemKind.RESPONSE:
            value[0]["text"] += " And more."
        changes.append((item, value))
    assert found(content, *changes, links={"share_video"}) == []


def test_the_content_of_the_installation_has_no_errors_when_all_of_it_is_touched():
    content = Content.read(Path("."))
    values = {item: copy.deepcopy(content.value(item)) for item in content.items()}
    for item, value in values.items():
        for variant in value if item.kind is ItemKind.RESPONSE else ():
            variant["text"] += "\n\nAnd more."
    assert found(content, *values.items(), links=set(re.findall(r"link:([a-z_]+)", str(values)))) == []


@pytest.mark.parametrize(
    ("text", "level", "words"),
    [
        ("", "error", "empty"),
        (" \n ", "error", "empty"),
        ("a\x07b", "error", "cannot be shown"),
        ("Hello {name}", "error", "{name} would be shown"),
        ("Hello {", "error", "brace"),
        ("Hello }", "error", "brace"),
        ("{a b}", "error", "would be shown"),
        ("![x](https://example.com/x.png)", "error", "picture"),
        ("a\n\n***\n\nb", "error", "line across"),
        ("[x](javascript:alert(1))", "error", "stay in the text"),
        ("[x](/help)", "error", "begins with https"),
        ("[](https://example.com)", "error", "no words"),
        ("**bold", "error", "not closed"),
        ("[x](https://example.com", "error", "not closed"),
        ("# Big\n\ntext", "warning", "heading"),
        ("    code", "warning", "blanks"),
        ("```\ncode\n```", "warning", "program code"),
        ("<b>bold</b>", "warning", "HTML"),
        ("[x](link:no_such_video)", "error", "No setting has this name"),
        ("[x](link:share_video)", "warning", "No address is set"),
        ("[x](link:Share-Video)", "error", "not written as links"),
        ("x" * 3001, "warning", "Nobody reads"),
        ("[" * 6001, "error", "Shorten"),
        ("[" * 6000, "warning", "Nobody reads"),
    ],
)
def test_a_text_that_would_not_be_shown_as_meant_is_found(content, text, level, words):
    findings = found(content, (GREETING, greeting(text)))
    assert findings and any(words in one.message and one.level.value == level for one in findings), findings
    assert {(one.item, one.field) for one in findings} == {(GREETING, "text")}


@pytest.mark.parametrize(
    "text",
    [
        "**Bold**, *italic*, `code` and [words](https://example.com/a_b).",
        "- one\n- two\n\n1. three\n2. four\n\n> quoted",
        "Write to [us](mailto:team@example.com), 2 * 3 = 6, a_b, 5 < 6 & 7 > 6",
        "Or.[\n\n  How to](link:share_video \"\")",
    ],
)  # fmt: skip
def test_a_text_that_all_faces_show_is_fine(content, text):
    assert found(content, (GREETING, greeting(text)), links={"share_video"}) == []


def test_what_is_filled_in_may_move_and_is_missed(content):
    code = copy.deepcopy(content.value(CODE))
    code[0]["text"] = "{tries} left"
    assert found(content, (CODE, code)) == []
    code[0]["text"] = "None left"
    (finding,) = found(content, (CODE, code))
    assert finding.level is Severity.WARNING and finding.about == "{tries}"
    code[0]["text"] = "{tires} left"
    assert told(found(content, (CODE, code)))[0] == ("error", CODE, "text")


def test_a_finding_names_the_variant(content):
    value = copy.deepcopy(content.value(ANSWER))
    value[1]["text"] = ""
    (finding,) = found(content, (ANSWER, value))
    assert (finding.variant, finding.field) == (1, "text")


@pytest.mark.parametrize(
    ("buttons", "words"),
    [
        ([{"title": "x", "payload": "/nothing"}], "not there"),
        ([{"title": " ", "payload": "/greet"}], "no words"),
        ([{"title": "a\nb", "payload": "/greet"}], "one line"),
        ([{"title": "x", "payload": "greet"}], "leads to"),
        ([{"title": "x"}], "leads to"),
        ([{"title": "x", "payload": "/greet", "url": "https://example.com"}], "leads to"),
        ([{"title": "x" * 80, "payload": "/greet"}], "shorten"),
    ],
)
def test_a_button_that_leads_nowhere_or_says_nothing_is_found(content, buttons, words):
    findings = found(content, (GREETING, greeting("Hi", buttons=buttons)))
    assert [one.field for one in findings] == ["buttons"] and words in findings[0].message


def test_a_button_may_lead_to_a_question_that_comes_with_it(content):
    buttons = [{"title": "x", "payload": "/faq/good"}]
    changes = (NEW_ANSWER, question()), (NEW_EXAMPLES, [f"good {number}" for number in range(10)])
    assert found(content, (GREETING, greeting("Hi", buttons=buttons)), *changes) == []


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        ([{"channel": "slack", "text": "a", "metadata": {"kind": "social"}}], {"channel"}),
        ([*greeting("a"), *greeting("b")], {"channel"}),
        ([*greeting("a"), {"channel": "telegram", "text": "b"}], {"channel"}),
        ([{"text": "a", "metadata": {"kind": "nonsense"}}], {"kind"}),
        ([{"text": "a"}], {"kind"}),
        ([{"text": 7}], {""}),
        ([{"text": "a", "buttons": "x"}], {""}),
        ([{"text": "a", "image": "https://example.com"}], {""}),
    ],
)
def test_a_response_of_another_form_is_found(content, value, fields):
    findings = found(content, (GREETING, value))
    assert {one.field for one in findings} == fields and {one.level for one in findings} == {Severity.ERROR}


def test_a_new_question_needs_words_messages_and_a_name_of_its_own(content):
    fields = {finding.field for finding in found(content, (NEW_ANSWER, question(question=" ", title="")))}
    assert fields == {"question", "title", "examples"}
    examples = (NEW_EXAMPLES, [f"good {number}" for number in range(10)])
    (finding,) = found(content, (NEW_ANSWER, question(title="where to share")), examples)
    assert finding.field == "title" and finding.about == "utter_faq/sharing_options"
    (finding,) = found(content, examples)
    assert finding.item == NEW_EXAMPLES and "what is answered" in finding.message
    (finding,) = found(content, (NEW_ANSWER, question(related=["nothing"])), examples)
    assert finding.field == "related" and finding.about == "faq/nothing"


def test_what_others_lead_to_cannot_be_taken_out_alone(content):
    findings = found(content, (ANSWER, None), (SHARING, None))
    assert {one.level for one in findings} == {Severity.ERROR}
    assert {one.about for one in findings} == {"utter_fact/sharing_options_linkedin", "utter_faq/signature"}
    assert {one.item for one in findings} <= {ANSWER, SHARING}


def test_what_other_files_name_cannot_be_taken_out(tmp_path):
    root = made(tmp_path)
    (root / "data/twins.yml").write_text("faq/signature: faq/sharing_options\n")
    content = Content.read(root)
    signature = Item(ItemKind.RESPONSE, "utter_faq/signature")
    findings = found(content, (signature, None), (SIGNATURE, None))
    assert any("data/twins.yml still names it" in one.message and one.level is Severity.ERROR for one in findings)


def test_what_the_assistant_says_by_itself_can_be_changed_but_not_taken_out(content):
    assert found(content, (GREETING, greeting("Hi"))) == []
    assert any("leave it there" in one.message for one in found(content, (GREETING, None)))
    assert found(content, (AFFIRM, None)) == []
    everything = found(content, (AFFIRM, None), (Item(ItemKind.EXAMPLES, "affirm", "code"), None))
    assert [one.level for one in everything] == [Severity.ERROR] * 2


@pytest.mark.parametrize(
    ("item", "value", "words"),
    [
        (Item(ItemKind.EXAMPLES, "nonsense"), ["a", "b"], "Nothing is done with this"),
        (Item(ItemKind.RESPONSE, "utter_nonsense"), greeting("Hi"), "Nothing is done with this"),
        (Item(ItemKind.EXAMPLES, "affirm", "nowhere"), ["of course"], "can stand before"),
    ],
)
def test_what_only_code_could_bring_is_refused(content, item, value, words):
    assert any(words in one.message and one.level is Severity.ERROR for one in found(content, (item, value)))


def test_examples_do_not_stay_without_their_answer(content):
    assert any("example messages" in one.message for one in found(content, (ANSWER, None)))


@pytest.mark.parametrize(
    ("example", "level", "words"),
    [
        ("Signature!", "error", "stands under faq/signature"),
        ("share   WHERE?", "warning", "Nearly the same"),
        ("two\nlines", "error", "one line"),
        (" blank", "error", "one line"),
        ("", "error", "empty"),
        ("a\u2028b", "error", "one line"),
        ("x" * 1001, "error", "Shorten"),
        ("/greet", "error", "slash"),
        ("put on [XING](network)", "error", "Brackets"),
        ("put on [XING]{\"entity\": \"date\"}", "error", "Brackets"),
        ("on [Monday](date)", "warning", "mark it as “date”"),
        ("write to jane.doe@onestream.com", "error", "no address of a person"),
        ("I know this by heart", "error", "test message (of faq/x)"),
        ("I am Secret", "warning", "who wrote it"),
        ("I am (name), where is it", "error", "blacked out"),
        ("?!", "warning", "no word"),
    ],
)  # fmt: skip
def test_an_example_that_teaches_the_wrong_thing_is_found(content, example, level, words):
    findings = found(
        content,
        (SHARING, [*content.value(SHARING), example]),
        tests={"I know this by heart!": "faq/x"},
        masked=lambda text: text.replace("Secret", "(name)"),
    )
    assert findings and any(words in one.message and one.level.value == level for one in findings), findings
    assert {(one.item, one.field) for one in findings} == {(SHARING, example)}


@pytest.mark.parametrize(
    "example", ["write to [jane@example.com](email)", "share it? 😀", "😀", "- intent: x", "a [b] (c)"]
)
def test_an_ordinary_example_is_fine(content, example):
    findings = found(content, (SHARING, [*content.value(SHARING), example]))
    assert [one for one in findings if one.level is Severity.ERROR] == []


def test_the_addresses_that_answers_name_are_nobodys(content, tmp_path):
    examples = [*content.value(SHARING), "is Team@onestream.com right"]
    assert told(found(content, (SHARING, examples))) == [("error", SHARING, examples[-1])]
    root = made(tmp_path)
    write(root, (GREETING, greeting("Write to team@onestream.com.")))
    assert found(Content.read(root), (SHARING, examples)) == []


def test_what_stood_there_before_is_not_found_again(content, tmp_path):
    assert found(content, (SHARING, content.value(SHARING)[1:] + ["one more"])) == []
    root = made(tmp_path)
    write(root, (GREETING, greeting("**bold", buttons=[{"title": "x", "payload": "/nothing"}])))
    value = copy.deepcopy(Content.read(root).value(GREETING))
    value[0]["metadata"] = {"kind": "thanks"}
    assert found(Content.read(root), (GREETING, value)) == []


def test_the_same_words_after_different_things_are_fine_and_after_the_same_are_not(content):
    greet = Item(ItemKind.EXAMPLES, "greet", "other_offer,sharing_options")
    assert told(found(content, (greet, ["yes", "no"]))) == [("error", greet, "yes")]
    elsewhere = Item(ItemKind.EXAMPLES, "greet", "sharing_options")
    assert found(content, (elsewhere, ["yes", "no"])) == []
    assert meets(AFFIRM, greet) and not meets(AFFIRM, elsewhere) and not meets(AFFIRM, SHARING)


def test_a_label_needs_several_examples_wherever_they_stand(content):
    assert [one.level.value for one in found(content, (SIGNATURE, ["only one"]))] == ["error"]
    assert found(content, (Item(ItemKind.EXAMPLES, "affirm", "code"), ["go"])) == []


def test_an_example_that_means_the_same_as_another_label_s_is_found(content):
    meaning = {"badge in mail": 0.0, "medal in post": 0.1, "mail it": 1.5}

    def likeness(texts):
        angles = np.array([meaning.get(text, 3.0) for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)

    changes = (SHARING, [*content.value(SHARING), "medal in post", "mail it"])
    (finding,) = found(content, changes, likeness=likeness)
    assert finding.level is Severity.WARNING and finding.field == "medal in post" and finding.about == "badge in mail"
    assert found(content, changes) == []


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"title": " "}, "title", "Write the title"),
        ({"names": []}, "names", "at least one name"),
        ({"names": ["a", " "]}, "names", "at least one name"),
        ({"names": ["a", "L2"]}, "names", "stands for “Level 2”"),
        ({"title": "level 2"}, "title", "same title"),
        ({"valid_months": 0}, "valid_months", "whole months"),
        ({"valid_months": True}, "valid_months", "whole months"),
        ({"valid_months": "12"}, "valid_months", "whole months"),
        ({"earned_by": 7}, "earned_by", "in words"),
        ({"names": ["a\nb"]}, "names", "one line"),
        ({"names": ["a", "a"]}, "names", "twice"),
        ({"id": "level_9"}, "", "title, names"),
        ({"colour": "red"}, "", "title, names"),
        ({"names": "a"}, "", "another form"),
    ],
)
def test_a_credential_that_cannot_be_told_apart_is_found(content, change, field, words):
    findings = found(content, (LEVEL_1, {**content.value(LEVEL_1), **change}))
    assert any(one.field == field and words in one.message for one in findings), findings


def test_errors_come_first(content):
    levels = [one.level for one in found(content, (GREETING, greeting("<b>x</b> {y}")))]
    assert levels == [Severity.ERROR, Severity.WARNING]


def test_words_are_the_same_whatever_their_signs_and_capitals():
    assert as_words("What's  THIS?!") == as_words("what s this") and as_words("😀") == "😀"
