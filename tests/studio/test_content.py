"""Reading content item by item, and writing changes of it so that all else stays byte for byte."""

import copy
import shutil
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from bot.studio.content import Content, InvalidContent, changed_files, training_files
from bot.studio.items import Change, Item, ItemKind
from bot.studio.writing import with_response
from tests.studio.folder import (
    AFFIRM,
    ANSWER,
    CODE,
    FILES,
    GREETING,
    LEVEL_1,
    SHARING,
    changed_lines,
    made,
    write,
)

REAL = Path(".")
REAL_FILES = ["domain.yml", *training_files(REAL), "data/catalogue.yml"]
HOSTILE = [
    "yes",
    "null",
    "~",
    "1e3",
    "0x1F",
    "2026-11-30",
    "12:30:45",
    "=",
    "<<",
    "- intent: faq/other",
    "a: b",
    "a # b",
    "# a",
    "key:",
    "{curly: [brace]}",
    "[a, b]",
    "}",
    "]",
    "a, b",
    "*alias",
    "&anchor x",
    "!tag x",
    "!!python/object:os.system x",
    "%directive",
    "@at",
    "`tick`",
    "| x",
    "> x",
    "---",
    "...",
    "? x",
    "'single'",
    '"double"',
    'it\'s "both" \\ and \\n',
    "emoji 😀👩‍👩‍👧 é ü 徽章 שלום",
    "x" * 20_000,
    "tab\tinside",
]


@pytest.fixture
def root(tmp_path):
    return made(tmp_path)


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """A copy of the content of the installation."""
    folder = tmp_path_factory.mktemp("real")
    shutil.copytree("data", folder / "data")
    shutil.copy("domain.yml", folder)
    return folder


def values(root):
    content = Content.read(root)
    return {item: copy.deepcopy(content.value(item)) for item in content.items()}


# Reading


def test_the_items_are_read_with_their_files(root):
    content = Content.read(root)
    assert content.value(GREETING) == [{"text": "Hello!", "metadata": {"kind": "social"}}]
    assert content.value(SHARING) == ["share where", '"Badge" on [LinkedIn](date)?', "# of networks"]
    assert content.value(AFFIRM) == ["yes", "ok", "do it"]
    assert content.value(LEVEL_1)["names"] == ["level 1", "l1, first"]
    assert content.path(SHARING) == "data/nlu/faq/sharing.yml" and content.path(LEVEL_1) == "data/catalogue.yml"
    assert content.value(Item(ItemKind.RESPONSE, "utter_nothing")) is None
    assert content.path(Item(ItemKind.RESPONSE, "utter_nothing")) == ""


def test_a_question_comes_with_all_that_belongs_to_it(root):
    first, second = Content.read(root).faqs()
    assert (first.id, first.topic, first.topic_title) == ("sharing_options", "sharing", "Sharing")
    assert (first.question, first.title, first.related) == ("Where can I share it?", "Where to share?", ("signature",))
    assert (first.answer, first.examples, first.slack) == (ANSWER, SHARING, True)
    assert [fact.name for fact in first.facts] == ["utter_fact/sharing_options_linkedin"]
    assert second.id == "signature" and second.facts == ()


def test_all_questions_of_the_support_page_are_there():
    from bot.content.faqs import every_faq

    assert [(faq.id, faq.question) for faq in Content.read(REAL).faqs()] == [
        (one.id, one.question) for one in every_faq()
    ]


def test_reading_all_of_it_takes_less_than_a_second():
    began = time.process_time()
    Content.read(REAL)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("domain.yml", "a: [", "domain.yml is no YAML"),
        ("data/catalogue.yml", "credentials: 7", "data/catalogue.yml has another form"),
        ("data/nlu/faq/sharing.yml", "responses: {utter_greet: [{text: a}]}", "utter_greet stands twice"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(root, path, text, words):
    (root / path).write_text(text)
    with pytest.raises(InvalidContent, match=words):
        Content.read(root)
    (root / path).unlink()


# Writing


def altered(item, value):
    """Another value of the same kind, changed in every place that editors change."""
    value = copy.deepcopy(value)
    if item.kind is ItemKind.EXAMPLES:
        return ["first: a # new one", *value[1:-1], "- in between", *value[-1:]]
    if item.kind is ItemKind.CREDENTIAL:
        return {**value, "title": value["title"] + " anew", "names": [*value["names"][1:], "a, new: name"]}
    for variant in value:
        variant["text"] += " And more."
        variant["metadata"] = {**variant["metadata"], "kind": "social"}
    return value


@pytest.fixture(scope="module")
def there_and_back(real):
    """The files of the installation as they were, with every item changed, and with every item put back."""
    content = Content.read(real)
    before = {path: (real / path).read_bytes() for path in REAL_FILES}
    wishes = {item: altered(item, content.value(item)) for item in content.items()}
    write(real, *wishes.items())
    assert values(real) == wishes
    there = {path: (real / path).read_bytes() for path in REAL_FILES}
    write(real, *((item, content.value(item)) for item in content.items()))
    return before, there, {path: (real / path).read_bytes() for path in REAL_FILES}


@pytest.mark.parametrize("path", REAL_FILES)
def test_all_of_a_file_can_be_changed_and_put_back_byte_for_byte(there_and_back, path):
    before, there, back = (reading[path] for reading in there_and_back)
    assert there != before and back == before
    comments = [line for line in before.split(b"\n") if line.lstrip().startswith(b"#")]
    assert [line for line in there.split(b"\n") if line.lstrip().startswith(b"#")] == comments


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_is_read_back_as_it_was_typed(root, text):
    value = [
        {
            "text": text,
            "buttons": [{"title": text, "payload": "/greet"}],
            "metadata": {"kind": "social", "title": text},
        }
    ]
    expected = values(root)
    expected[GREETING] = value
    expected[LEVEL_1] = {"id": "level_1", "title": text, "names": [text, "l1"], "earned_by": text}
    expected[SHARING] = ["share where", text, "# of networks"]
    write(root, (GREETING, value), (LEVEL_1, expected[LEVEL_1]), (SHARING, expected[SHARING]))
    assert values(root) == expected
    domain = yaml.safe_load((root / "domain.yml").read_text(encoding="utf-8"))
    assert domain["responses"]["utter_greet"] == value and domain["slots"] == {"address": {"type": "text"}}


@pytest.mark.parametrize(
    "text",
    [
        "two\nlines",
        "ends with a line break\n",
        "ends with two\n\n",
        "\nbegins with one",
        "  begins with blanks\n- a",
        "a\n  \nb",
        "a  \nb ",
        "\ttab\nb",
        "a\n---\n...\n# b\nresponses:\n  utter_greet: x",
        " ",
        "",
        "x\u2028y\u0085z\ufeff",
        "a\rb",
        "bell \x07 and zero \x00",
    ],
)
def test_a_text_of_any_lines_and_characters_is_read_back(root, text):
    value = [{"text": text, "metadata": {"kind": "social", "title": text}}]
    answer = copy.deepcopy(values(root)[ANSWER])
    answer[0]["text"] = answer[1]["metadata"]["title"] = text
    expected = {**values(root), GREETING: value, ANSWER: answer}
    write(root, (GREETING, value), (ANSWER, answer))
    assert values(root) == expected


@pytest.mark.parametrize(
    "bad",
    [
        "two\nlines",
        "x\n- intent: faq/other\n  examples: |\n    - y",
        *(f"a{sign}b" for sign in "\r\u2028\u2029\x0b\x0c\x1c\x85\x07\ud800"),
        " a",
        "a ",
        "",
    ],
)
def test_an_example_that_is_not_one_line_is_refused(root, bad):
    with pytest.raises(InvalidContent):
        changed_files(root, [Change(SHARING, None, ["share where", bad])])
    with pytest.raises(InvalidContent):
        new = Item(ItemKind.EXAMPLES, "faq/new")
        changed_files(root, [Change(new, None, ["share where", bad], "data/nlu/faq/sharing.yml")])


def test_a_text_that_no_file_can_hold_is_refused(root):
    with pytest.raises(InvalidContent, match="could not be written"):
        changed_files(root, [Change(GREETING, None, [{"text": "half \ud800", "metadata": {"kind": "social"}}])])


@pytest.fixture(scope="module")
def still(tmp_path_factory):
    """A folder that stays as it is."""
    return made(tmp_path_factory.mktemp("still"))


@given(st.text(max_size=40), st.lists(st.text(max_size=30), min_size=1, max_size=4))
@example("- intent: x", ["- - a", "|"])
def test_whatever_is_typed_is_kept_as_it_is_or_refused(still, text, examples):
    changes = [
        Change(GREETING, None, [{"text": text, "metadata": {"kind": "social"}}]),
        Change(SHARING, None, examples),
    ]
    try:
        texts = changed_files(still, changes)
    except InvalidContent:
        return
    domain = yaml.safe_load(texts["domain.yml"])
    assert domain["responses"].pop("utter_greet") == [{"text": text, "metadata": {"kind": "social"}}]
    before = yaml.safe_load(FILES["domain.yml"])
    del before["responses"]["utter_greet"]
    assert domain == before
    training = yaml.safe_load(texts["data/nlu/faq/sharing.yml"])
    assert [block["intent"] for block in training["nlu"]] == ["faq/sharing_options", "faq/signature"]
    assert training["nlu"][0]["examples"] == "".join(f"- {one}\n" for one in examples)


def test_only_the_lines_of_the_text_change(root):
    answer = copy.deepcopy(values(root)[ANSWER])
    answer[0]["text"] = answer[0]["text"].replace("**LinkedIn**", "**XING**")
    texts = write(root, (ANSWER, answer))
    assert list(texts) == ["data/nlu/faq/sharing.yml"]
    assert changed_lines(*next(iter(texts.items()))) == ["-       - **LinkedIn**", "+       - **XING**"]


def test_examples_keep_their_lines_and_places(root):
    (text,) = write(root, (SHARING, ["new at the top", "share where", "# of networks", "new at the end"])).values()
    assert changed_lines("data/nlu/faq/sharing.yml", text) == [
        "+     - new at the top",
        '-     - "Badge" on [LinkedIn](date)?',
        "+     - new at the end",
    ]


def test_examples_that_stand_in_several_blocks_stay_in_theirs(root):
    (text,) = write(root, (AFFIRM, ["yes", "oh yes", "do it", "do it now"])).values()
    assert changed_lines("data/nlu/context/answers.yml", text) == [
        "-     - ok",
        "+     - oh yes",
        "+     - do it now",
    ]


def test_a_block_of_which_nothing_is_left_goes(root):
    (text,) = write(root, (AFFIRM, ["yes", "ok"])).values()
    assert "once more" not in text and text.endswith("    - go on\n")
    (text,) = write(root, (AFFIRM, None)).values()
    assert [block["metadata"] for block in yaml.safe_load(text)["nlu"]] == [{"after": ["code"]}]


def test_a_new_question_goes_into_its_topic_as_the_others_are_written(root):
    answer = [
        {
            "metadata": {
                "kind": "answer",
                "question": 'Is it "good"?',
                "title": "Is it good?",
                "related": ["signature"],
            },
            "text": "Yes.\n\nIt is.",
        }
    ]
    path = "data/nlu/faq/sharing.yml"
    (text,) = write(
        root,
        (Item(ItemKind.RESPONSE, "utter_faq/good"), answer, path),
        (Item(ItemKind.EXAMPLES, "faq/good"), ["is it good", "good?"], path),
    ).values()
    assert [line[2:] for line in changed_lines(path, text) if line[2:]] == [
        "- intent: faq/good",
        "  examples: |",
        "    - is it good",
        "    - good?",
        "  utter_faq/good:",
        "  - text: |-",
        "      Yes.",
        "      It is.",
        "    metadata:",
        "      kind: answer",
        '      question: Is it "good"?',
        "      title: Is it good?",
        "      related: [signature]",
    ]
    assert "\n\n- intent: faq/good" in text and "\n\n  utter_faq/good" in text and "Yes.\n\n      It is." in text
    assert [faq.id for faq in Content.read(root).faqs()] == ["sharing_options", "signature", "good"]


def test_a_new_fact_goes_to_the_facts_of_its_answer(root):
    fact = [
        {
            "text": "On XING, too.",
            "buttons": [{"title": "Show all of it", "payload": "/faq/sharing_options"}],
            "metadata": {"kind": "fact", "of": "sharing_options"},
        }
    ]
    ((path, text),) = write(
        root,
        (Item(ItemKind.RESPONSE, "utter_fact/sharing_options_xing"), fact),
        (Item(ItemKind.EXAMPLES, "fact/sharing_options_xing", "sharing_options"), ["xing?", "and xing"]),
    ).items()
    assert path == "data/nlu/faq/sharing_facts.yml"
    assert [line[2:] for line in changed_lines(path, text) if line[2:]] == [
        "- intent: fact/sharing_options_xing",
        "  metadata: {after: [sharing_options]}",
        "  examples: |",
        "    - xing?",
        "    - and xing",
        "  utter_fact/sharing_options_xing:",
        '  - text: "On XING, too."',
        "    buttons:",
        "    - {title: Show all of it, payload: /faq/sharing_options}",
        "    metadata: {kind: fact, of: sharing_options}",
    ]


def test_a_question_is_taken_out_with_its_examples(root):
    signature, examples = Item(ItemKind.RESPONSE, "utter_faq/signature"), Item(ItemKind.EXAMPLES, "faq/signature")
    (text,) = write(root, (signature, None), (examples, None)).values()
    assert [line for line in changed_lines("data/nlu/faq/sharing.yml", text) if line[0] == "+"] == []
    assert text.count("\n\n") == FILES["data/nlu/faq/sharing.yml"].count("\n\n") - 2
    assert set(yaml.safe_load(text)["responses"]) == {"utter_faq/sharing_options"}


def test_a_new_question_without_a_topic_is_asked_for_it(root):
    with pytest.raises(InvalidContent, match="topic"):
        changed_files(root, [Change(Item(ItemKind.RESPONSE, "utter_faq/x"), None, [{"text": "a"}])])


@pytest.mark.parametrize(
    "path",
    ["../outside.yml", "/etc/passwd", "data/nlu/none.yml", "data/topics.yml", "data/catalogue.yml", "config.yml"],
)
def test_a_new_item_goes_into_files_of_content_only(root, path):
    with pytest.raises(InvalidContent, match="choose one that is there"):
        changed_files(root, [Change(Item(ItemKind.RESPONSE, "utter_x"), None, [{"text": "a"}], path)])


def test_buttons_that_several_share_stay_theirs_when_one_changes(root):
    code = copy.deepcopy(values(root)[CODE])
    code[0]["buttons"] = [{"title": "Other words", "payload": "/greet"}, code[0]["buttons"][1]]
    expected = {**values(root), CODE: code}
    write(root, (CODE, code))
    assert values(root) == expected
    write(root, (CODE, None))
    del expected[CODE]
    assert values(root) == expected
    text = (root / "domain.yml").read_text()
    assert text.count("&code_buttons") == 1 and text.count("*code_buttons") == 1


def test_what_two_variants_share_changes_in_both_at_once(root):
    item = Item(ItemKind.RESPONSE, "utter_faq/signature")
    value = copy.deepcopy(values(root)[item])
    for variant in value:
        variant["metadata"] = {**variant["metadata"], "title": "Mail signature"}
    (text,) = write(root, (item, value)).values()
    assert changed_lines("data/nlu/faq/sharing.yml", text) == [
        "-       title: In a signature",
        "+       title: Mail signature",
    ]


@pytest.mark.parametrize("titles", [("Only here", "In a signature"), ("In a signature", "Only here"), ("One", "Two")])
def test_what_two_variants_share_may_become_two(root, titles):
    item = Item(ItemKind.RESPONSE, "utter_faq/signature")
    value = copy.deepcopy(values(root)[item])
    for variant, title in zip(value, titles):
        variant["metadata"] = {**variant["metadata"], "title": title}
    write(root, (item, value))
    assert values(root)[item] == value


def test_variants_buttons_and_keys_come_and_go(root):
    social, one, other = {"kind": "social"}, {"title": "x, y", "payload": "/greet"}, {"title": "z", "payload": "/greet"}
    for value in (
        [{"text": "Hi", "metadata": social}, {"channel": "slack", "text": "a\nb", "metadata": social}],
        [{"text": "Hi", "buttons": [one], "metadata": {**social, "public": True}}],
        [{"text": "Hi", "buttons": [other, one], "metadata": {**social, "related": ["a", "b: c"]}}],
        [{"text": "Hi", "metadata": {"related": ["b: c"]}}],
        [{"channel": "slack", "text": "Hi"}],
    ):
        expected = {**values(root), GREETING: value}
        write(root, (GREETING, value))
        assert values(root) == expected


def test_a_credential_is_added_changed_and_taken_out(root):
    (text,) = write(
        root,
        (LEVEL_1, {"id": "level_1", "title": "Level 1", "names": ["level one", "level 1", "l1, first"]}),
        (Item(ItemKind.CREDENTIAL, "level_2"), None),
        (
            Item(ItemKind.CREDENTIAL, "level_3"),
            {"id": "level_3", "title": "Level 3", "names": ["l3"], "valid_months": 6},
        ),
    ).values()
    assert text == (
        "# What can be earned.\ncredentials:\n- id: level_1\n  title: Level 1\n"
        '  names: [level one, level 1, "l1, first"] # short ones, too\n'
        "- id: level_3\n  title: Level 3\n  names: [l3]\n  valid_months: 6\n"
    )


def test_a_text_in_single_quotes_stays_in_them(root):
    item = Item(ItemKind.RESPONSE, "utter_faq/signature")
    value = copy.deepcopy(values(root)[item])
    value[1]["text"] = 'It\'s "fine".'
    (text,) = write(root, (item, value)).values()
    assert changed_lines("data/nlu/faq/sharing.yml", text)[1] == "+     text: 'It''s \"fine\".'"


def test_nothing_is_written_that_would_not_be_read_back_as_wished(root, monkeypatch):
    wish = [{"text": "Hi!", "metadata": {"kind": "social"}}]
    wrong = [{"text": "Hi?", "metadata": {"kind": "social"}}]
    monkeypatch.setattr(
        "bot.studio.content.with_response", lambda document, name, variants: with_response(document, name, wrong)
    )
    with pytest.raises(InvalidContent, match="utter_greet could not be written"):
        changed_files(root, [Change(GREETING, None, wish)])


def test_the_id_of_a_credential_stays(root):
    with pytest.raises(InvalidContent, match="id of a credential"):
        changed_files(root, [Change(LEVEL_1, None, {"id": "level_9", "title": "Level 1", "names": ["a"]})])


def test_two_changes_of_one_file_come_together_and_nothing_else_is_touched(root):
    code = copy.deepcopy(values(root)[CODE])
    code[0]["text"] = "Code, please: {tries}"
    ((path, text),) = write(root, (GREETING, [{"text": "Hi!", "metadata": {"kind": "social"}}]), (CODE, code)).items()
    assert changed_lines(path, text) == [
        "-     - text: Hello!",
        "+     - text: Hi!",
        '-     - text: "Your code, please: {tries} left"',
        '+     - text: "Code, please: {tries}"',
    ]


def test_what_does_not_change_gives_no_files(root):
    assert changed_files(root, [Change(item, None, value) for item, value in values(root).items()]) == {}


def test_one_item_cannot_be_changed_twice_at_once(root):
    with pytest.raises(InvalidContent, match="twice"):
        changed_files(root, [Change(GREETING, None, None), Change(GREETING, None, [{"text": "a"}])])


def test_line_ends_and_the_mark_at_the_beginning_stay_as_the_file_has_them(root):
    path = root / "domain.yml"
    path.write_bytes(b"\xef\xbb\xbf" + FILES["domain.yml"].replace("\n", "\r\n").encode())
    write(root, (GREETING, [{"text": "Hi\nthere", "metadata": {"kind": "social"}}]))
    assert values(root)[GREETING][0]["text"] == "Hi\nthere"
    write(root, (GREETING, [{"text": "Hello!", "metadata": {"kind": "social"}}]))
    found = path.read_bytes()
    assert found.startswith(b"\xef\xbb\xbfversion") and found.count(b"\n") == found.count(b"\r\n")


def test_a_file_without_a_line_end_at_its_end_can_be_changed(root):
    path = root / "data/nlu/context/answers.yml"
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    write(root, (AFFIRM, ["yes", "do it", "and again"]))
    assert values(root)[AFFIRM] == ["yes", "do it", "and again"]


def test_a_change_of_one_answer_is_quick(real):
    content = Content.read(real)
    item = Item(ItemKind.RESPONSE, "utter_faq/sharing_options")
    began = time.process_time()
    changed_files(real, [Change(item, None, altered(item, content.value(item)))])
    assert time.process_time() - began < 3
