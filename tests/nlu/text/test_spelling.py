"""Misspelt words are read right; names, addresses, codes, dates, other languages and what is right stay as typed."""

import json
import random
import time
from pathlib import Path

import pytest
import yaml

from bot.evaluation.examples import questions, training, training_in_context
from bot.evaluation.misspelt import misspelt
from bot.nlu.text.slips import cost
from bot.nlu.text.spelling import Spelling

HERE = Path(__file__).parent
FOREIGN = yaml.safe_load((HERE / "other_languages.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def spelling():
    folder = Path("data/nlu")
    return Spelling.learnt([row[0] for row in [*training(folder), *training_in_context(folder)]])


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("wher is my bagde", "where is my badge"),  # missing, swapped
        ("claaim my badgee", "claim my badge"),  # doubled
        ("how do i downlosd it", "how do i download it"),  # the key beside
        ("i recieved no sertificate", "i received no certificate"),  # by ear
        ("pleeeease help me", "please help me"),  # drawn out
        ("can i shre it on linkdin", "can i share it on linkedin"),
        ("is it on linked in", "is it on linkedin"),
        ("what is a micro creden tial", "what is a micro credential"),
        ("micro credental", "micro credential"),
        ("is mybadge gone", "is my badge gone"),
        ("hwo do i claim teh badge", "how do i claim the badge"),
        ("i wont to claim it", "i want to claim it"),  # a word itself
        ("shud i wait thru monday", "should i wait through monday"),  # in a hurry
        ("it wud be gud to hav it", "it would be good to have it"),
        ("does my bade expire", "does my badge expire"),
        ("HOW DO I SHAER IT", "HOW DO I SHARE IT"),
        ("Waht is Credly? Wher do i go, wher?", "What is Credly? Where do i go, where?"),
        ("it’s in my Credental wallet", "it’s in my Credential wallet"),
    ],
)
def test_slips_are_read_right(spelling, typed, read):
    assert spelling.corrected(typed).text == read


def test_what_was_changed_is_told(spelling):
    assert spelling.corrected("Wher is my bagde?").changes == (("Wher", "Where"), ("bagde", "badge"))


@pytest.mark.parametrize(
    "text",
    [
        "mail anika.sorensen@gmial.com please",
        "my code is 482913, the ticket is CR-5520",
        "passed it on 3 Mrach 2025 or 2025-03-03",
        "see https://credly.com/badgs/mybagde and credly.con",
        "My colleagues Priyanka Venkatesan, Tomasz Kowalczyk and Siobhan have none",
        "it is on Accredible, Badgr, Coursera, LinkedIn and Navigator",
        "our ERP and the SSO at ACMN",
        "l1 and l3, lvl 2",
        "I won't do it, they're gone, it'll come, how'd you know",
        "thats mine, dont worry, whos there, couldnt see, plz thx",
        "🎓 的 ? ... -- ''",
        "",
    ],
)
def test_what_is_no_slip_stays_as_it_was_typed(spelling, text):
    assert spelling.corrected(text).text == text


@pytest.mark.parametrize("code", FOREIGN)
def test_other_languages_are_not_made_into_english(spelling, code):
    changed = {text: read for text in FOREIGN[code] if (read := spelling.corrected(text).text) != text}
    assert not changed


def test_questions_without_slips_are_hardly_ever_changed(spelling):
    texts = [row["text"] for row in questions(Path("tests/data/unseen.jsonl"))]
    changed = [found for text in texts if (found := spelling.corrected(text)).changes]
    assert len(changed) <= 0.01 * len(texts), changed


def test_most_slips_of_any_kind_are_put_right_and_few_made_worse(spelling):
    texts = [row["text"] for row in questions(Path("tests/data/unseen.jsonl")) if row["group"] == "faq"]
    noisy = [misspelt(text, random.Random(text)) for text in texts]
    read = [spelling.corrected(text) for text in noisy]
    right = sum(found.text.lower() == text.lower() for found, text in zip(read, texts))
    still_wrong = sum(found.text.lower() != text.lower() and bool(found.changes) for found, text in zip(read, texts))
    assert right >= 0.6 * len(texts)
    assert still_wrong <= 0.25 * len(texts)


def test_it_reads_the_same_after_it_was_saved(spelling, tmp_path):
    spelling.save(tmp_path)
    again = Spelling.load(tmp_path)
    for text in ("wher is my bagde on linked in", "i wont to", "mybadge"):
        assert again.corrected(text) == spelling.corrected(text)
    assert set(json.loads((tmp_path / "spelling.json").read_text("utf-8"))) == {"english", "own", "pairs"}


@pytest.mark.parametrize(
    "text",
    [
        "x" * 6000,
        "qwrtz " * 1000,
        "wrd,bdg'" * 750,
        "é" * 6000,
        "a b " * 1500,
        "".join(random.Random(1).choice("abcdefghij ") for _ in range(6000)),
        "credentail " * 545,
    ],
)
def test_odd_messages_take_a_bounded_time(spelling, text):
    begun = time.process_time()
    spelling.corrected(text)
    assert time.process_time() - begun < 0.5


def test_words_of_few_examples_are_learnt_too():
    small = Spelling.learnt(["how do I brew oolong tea"] * 12)
    assert small.corrected("how to brw oolnog tea").text == "how to brw oolong tea"


@pytest.mark.parametrize(
    ("likely", "unlikely", "right"),
    [
        ("bagde", "badpe", "badge"),  # swapped is likelier than any other letter
        ("badfe", "badpe", "badge"),  # and so is the key beside
        ("badgge", "badgpe", "badge"),  # and a letter twice
        ("sertificate", "bertificate", "certificate"),  # and what sounds the same
        ("credental", "redential", "credential"),  # the first letter is mostly right
    ],
)
def test_likely_slips_cost_less(likely, unlikely, right):
    assert 0 < cost(likely, right) < cost(unlikely, right)
