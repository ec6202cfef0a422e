"""A ticket's title says the matter, whatever words the team was asked for in."""

import time

import pytest

from bot.tickets.title import LONGEST_HEADLINE, title


@pytest.mark.parametrize(
    ("about", "matter"),
    [
        ("please open a ticket: wrong date on my Level 1 badge", "Wrong date on my Level 1 badge"),
        ("can you tell the team that my surname is misspelt?", "My surname is misspelt"),
        ("alright, then please get the team to look at level 1", "Level 1"),
        ("I want to talk to a person about my invoice", "My invoice"),
        ("Hi there, could somebody look into why my badge was revoked? Thanks, Jane", "Why my badge was revoked"),
        (
            "Dear team,\nI have two profiles and cannot merge them.\nKind regards,\nOliver Nagy",
            "I have two profiles and cannot merge them",
        ),
        ("hello, I need help with merging two accounts please", "Merging two accounts"),
        ("the team should know I finished it in March, open a ticket", "I finished it in March"),
        ("tell them my name is spelled wrong", "My name is spelled wrong"),
        ("My invoice is wrong, can you pass it on to the team please", "My invoice is wrong"),
        ("a new one please: my invoice is wrong", "My invoice is wrong"),
        ("thanks! and one more thing, can I sit the exam again", "Can I sit the exam again"),
        ("just a quick question: is my name spelt right", "Is my name spelt right"),
        ("one more thing for them, about something else: my voucher has expired", "My voucher has expired"),
        (
            "Good morning! My email is jane@example.com. The badge shows my maiden name.",
            "The badge shows my maiden name",
        ),
        ("I'd like to know whether my certification can be extended", "Whether my certification can be extended"),
        ("can I speak to somebody? my exam of 12.03.2026 crashed halfway", "My exam of 12.03.2026 crashed halfway"),
        ("it's about my passport, the name there is different", "My passport, the name there is different"),
        ("yes please, and tell them that I already tried three browsers", "I already tried three browsers"),
        ("I passed four days ago and want the team to check it, kim@example.com", "I passed four days ago"),
        ("I have a problem. My badge has vanished from my profile", "My badge has vanished from my profile"),
        ("ticket please - wrong title on the certificate", "Wrong title on the certificate"),
        ("get me someone from the team. badge was revoked without a word", "Badge was revoked without a word"),
        ("Can the certification team find out what happened to my Level 3?", "What happened to my Level 3"),
    ],
)
def test_requests_greetings_signatures_and_addresses_are_left_out(about, matter):
    assert title(about) == matter


@pytest.mark.parametrize(
    "about",
    [
        "No badge came after the exam",
        "The team said my badge would come in May",
        "I can't log in to Credly",
        "I need a new badge picture",
        "How do I change the name on my certificate",
        "Open badge link doesn't work",
        "Ich brauche Hilfe mit meinem Badge",
        "My exam crashed halfway, internet was fine",
        "What about the revoked badge?",
    ],
)
def test_a_matter_that_asks_for_nobody_stays_as_it_is(about):
    assert title(about) == about


@pytest.mark.parametrize("about", ["I want to talk to a person", "human please", "open a ticket"])
def test_a_mere_wish_is_still_a_title(about):
    assert title(about) == about[:1].upper() + about[1:]


@pytest.mark.parametrize(
    ("about", "shown"),
    [
        ("Level 2\nthe name on it is wrong", "Level 2: the name on it is wrong"),
        ("Level 2\nplease tell them that my level 2 badge shows the old logo", "My level 2 badge shows the old logo"),
        ("Overdue: Level 2", "Overdue: Level 2"),
        ("Overdue: Level 2\nI finished it in March, please look", "Overdue: Level 2. I finished it in March"),
        ("Level 2\nI want to talk to a person", "Level 2"),
    ],
)
def test_what_the_record_says_stands_before_it(about, shown):
    assert title(about, ("Level 2", "Level 3")) == shown


def test_a_title_is_one_short_line():
    long = title("please tell them that " + "the badge is wrong and " * 50 + "\nyes")
    assert len(long) <= LONGEST_HEADLINE and "\n" not in long and long.startswith("The badge is wrong")


@pytest.mark.parametrize(
    "piece", ["a, ", "so so ", "hi ", "please tell them that ", "a.b", "!.", " and ", "x@y.z ", "thanks "]
)
def test_no_text_takes_long(piece):
    began = time.thread_time()
    title(piece * 3000)
    assert time.thread_time() - began < 0.3
