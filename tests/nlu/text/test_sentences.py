"""The sentences of a message, each to be read by itself as well."""

import pytest

from bot.nlu.text.sentences import MOST_SENTENCES, spans


def sentences(text):
    return [text[start:end] for start, end in spans(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Thanks a lot! How do I share it?", ["Thanks a lot", "How do I share it"]),
        ("that fits, but when does it run out", ["that fits", "but when does it run out"]),
        ("not my case - I passed the exam", ["not my case", "I passed the exam"]),
        ("please check\nI finished in May", ["please check", "I finished in May"]),
        ("I found it; you can close my ticket", ["I found it", "you can close my ticket"]),
        ("Thanks. It works now. Bye for now.", ["It works now", "Bye for now"]),
    ],
)
def test_a_message_is_read_sentence_by_sentence(text, found):
    assert sentences(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "thanks",
        "how do I share it?",
        "Hi! How do I share it?",
        "my mail is kim.lee@example.com",
        "I need version 3.5 of it",
        "a micro-credential of level 2",
        "red, green and blue badges",
    ],
)
def test_one_sentence_is_not_taken_apart(text):
    assert sentences(text) == []


def test_a_long_message_is_read_up_to_a_limit():
    assert len(sentences("One more thing. " * 50)) == MOST_SENTENCES


@pytest.mark.parametrize(
    ("asked", "opening", "closing"),
    [
        (
            "May I ask how long a badge is valid?",
            "Dear Sir or Madam,\n\nI hope this finds you well. ",
            " Yours, Ada Bo",
        ),
        (
            "can you check my record",
            "Hi there, all! I was on leave in May. Then I moved house. And so on it went. ",
            "",
        ),
        (
            "I would like to know who can see it",
            "Good day to you.\nMy name is Jo.\nI sat the exam.\n",
            "\nKind regards,\nJo",
        ),
        ("how do I hide it", "One thing. Two things. Three things. Four things. Five things. Now ", ". Six things."),
    ],
)
def test_of_a_letter_the_sentence_that_asks_is_read_wherever_it_stands(asked, opening, closing):
    found = sentences(opening + asked + closing)
    assert any(asked.rstrip("?") in sentence for sentence in found)
    assert len(found) <= MOST_SENTENCES
    assert found[0] in opening
