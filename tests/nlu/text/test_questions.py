"""Where a message is cut in two, and what is not a question of its own."""

import pytest

from bot.nlu.text.clauses import asks, opens_a_question, wishes_to_know
from bot.nlu.text.questions import parts, pieces


def cut(text):
    return [(text[left[0] : left[1]], text[right[0] : right[1]]) for left, right in parts(text)]


@pytest.mark.parametrize(
    ("text", "left", "right"),
    [
        ("who is credly and does my badge expire", "who is credly", "does my badge expire"),
        ("Can I hide it? And does it run out?", "Can I hide it?", "And does it run out?"),
        ("1) can it go in my signature 2) is it clickable", "can it go in my signature", "is it clickable"),
        (
            "Two things. 1) can it go in my signature 2) is it clickable 3) who is Credly",
            "can it go in my signature",
            "is it clickable",
        ),
        (
            "I was away all summer. Who is that company, and what if I don't accept?",
            "Who is that company",
            "what if I don't accept?",
        ),
        ("no badge in my profile, also how do I share it", "no badge in my profile", "how do I share it"),
        ("can i move them out and bring others in", "can i move them out", "bring others in"),
        ("a) does it run out? b) where do I share it", "does it run out?", "where do I share it"),
        (
            "Two of five are there, the rest is absent. Where's Credly's help?",
            "Two of five are there, the rest is absent.",
            "Where's Credly's help?",
        ),
    ],
)
def test_both_questions_stand_on_their_own(text, left, right):
    assert (left, right) in cut(text)


@pytest.mark.parametrize(
    "text",
    [
        "If I share my cert on LinkedIn, can an employer verify it",  # a condition
        "Does the badge in my signature work as a link when people click on it?",
        "I passed the exam last week. How do you let me know about the badge?",  # only what it is about
        "I have four badges from another platform. Can I bring them in?",
        "What do visitors see of my badges. Is there a way to do that?",  # "that" is what was said before
        "is the picture made so that I can upload it elsewhere",
        "only some of my badges are in credly",
        "where is it",
        "which platforms do you support for my cert",
        "how many posts can one badge make",
        "HR would like to know what kind of company Credly is",
        "the only proof I have is my badge",
        "I finally did it and the badge sits nicely in my profile. On which sites can I show it?",
    ],
)
def test_one_question_is_not_cut_in_two(text):
    assert cut(text) == []


@pytest.mark.parametrize(
    "part",
    [
        "does it expire",
        "whats the use of it",
        "my badge is missing",
        "I'd like it in my signature",
        "if I don't accept it now can I do it later",
        "please explain the words",
        "CAN STRANGERS SEE IT",
    ],
)
def test_a_question_a_request_and_a_trouble_ask(part):
    assert asks(part)


@pytest.mark.parametrize(
    "part", ["passed the exam last week", "once it lapses", "when I log in to Credly?", "is that possible?", "how", ""]
)
def test_a_statement_a_condition_and_a_vague_rest_do_not(part):
    assert not asks(part)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "What is Credly, how do I find out that I got a badge, and can I hide it?",
            ["What is Credly", "how do I find out that I got a badge", "can I hide it?"],
        ),
        (
            "1) who is Credly 2) do badges expire 3) can I export them",
            ["who is Credly", "do badges expire", "can I export them"],
        ),
        ("can I move them out and bring others in", []),
    ],
)
def test_all_cuts_together_leave_these_pieces(text, found):
    assert [text[start:end] for start, end in pieces(text, parts(text))] == found


@pytest.mark.parametrize("lead", ["", "ok ", "ok, ", "well then ", "hm so ", "plus ", "lol ok and "])
def test_small_words_before_a_question_do_not_hide_it(lead):
    assert opens_a_question(f"{lead}what about my blog")
    assert not opens_a_question(f"{lead}I saw the blog")


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("I want to know who can see it", True),
        ("we'd like to learn how long it holds", True),
        ("I only wanted to ask whether it expires", True),
        ("I was wondering if it could be copied", True),
        ("I want it back", False),
        ("I like the colours", False),
        ("they know what I did", False),
    ],
)
def test_a_wish_to_know_asks_too(text, wishes):
    assert wishes_to_know(text) is wishes
