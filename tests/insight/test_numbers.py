"""Numbers of one FAQ, on both databases."""

import datetime
import uuid

import numpy as np
import pytest

from bot.conversations.store import ConversationStore, Message
from bot.insight.numbers import FaqNumbers, answers_given, example_uses, faq_numbers, faq_questions

DAY = datetime.datetime(2026, 11, 24, 9, tzinfo=datetime.timezone.utc)
SINCE, UNTIL = DAY - datetime.timedelta(days=4), DAY + datetime.timedelta(days=2)
ANSWER, FACT, OTHER, TEAM = (
    "utter_faq/what_is_credly",
    "utter_fact/what_is_credly_platform",
    "utter_faq/sharing_options",
    "utter_ticket_opened",
)


@pytest.fixture()
def talk(database):
    store = ConversationStore(database)

    def talk(*said, at=DAY, rated=None):
        name = str(uuid.uuid4())
        store.create(name, "site", at)
        for minute, one in enumerate(said):
            text, buttons = one if isinstance(one, tuple) else (one, ())
            bot = text.startswith("utter_")
            message = Message(
                str(uuid.uuid4()),
                "bot" if bot else "user",
                text,
                text if bot else "",
                tuple({"title": one, "payload": one} for one in buttons),
                created_at=at + datetime.timedelta(minutes=minute),
            )
            store.add(name, message)
            if rated is not None and text in (ANSWER, FACT):
                store.rate(name, message.id, rated, None)
        return name

    return talk


def numbers(database):
    return faq_numbers(database, "what_is_credly", SINCE, UNTIL)


def test_nothing_was_asked(database, talk):
    talk("hello", "utter_greet")
    assert numbers(database) == FaqNumbers("what_is_credly")


def test_what_became_of_each_answer_is_counted(database, talk):
    talk("what is credly", ANSWER, rated=True)
    talk("who is credly", ANSWER, "that's not what i asked", "utter_ask_rephrase", rated=False)
    talk("credly?", ANSWER, "a person please", TEAM)
    talk("credly?", ANSWER, "share it?", OTHER, "a person please", TEAM)
    talk("credly", ("utter_ask_which", ["/faq/what_is_credly", "/faq/sharing_options"]), "no", "utter_ask_rephrase")
    talk("how to share", OTHER)
    talk("what is credly", ANSWER, at=SINCE - datetime.timedelta(days=1))
    found = numbers(database)
    assert (found.asked, found.answered, found.helpful, found.not_helpful) == (5, 4, 1, 1)
    assert (found.corrected, found.escalated) == (1, 1)
    given = answers_given(database, SINCE, UNTIL, datetime.timezone.utc)
    assert given == {"what_is_credly": (4, 1, 1), "sharing_options": (2, 0, 0)}


def test_what_was_typed_last_to_get_an_answer_is_read_and_no_more(database, talk):
    talk("what is credly", ANSWER, at=SINCE - datetime.timedelta(days=1))
    talk("credly?", ANSWER, "and pearson?", FACT)
    talk("how to share", OTHER)
    talk("who is credly", "utter_greet", ANSWER)
    assert faq_questions(database, "what_is_credly", SINCE, 10) == ["credly?", "and pearson?", "who is credly"]
    assert faq_questions(database, "what_is_credly", SINCE, 2) == ["and pearson?", "who is credly"]


def test_a_fact_is_an_answer_and_first_and_last_are_told(database, talk):
    talk("owned by pearson?", FACT, at=DAY + datetime.timedelta(days=1))
    talk("what is credly", ANSWER)
    found = numbers(database)
    assert found.answered == 2
    assert (found.first_asked, found.last_asked) == (DAY.date(), (DAY + datetime.timedelta(days=1)).date())


def test_an_id_that_is_part_of_another_is_not_that_one(database, talk):
    talk("mail", ("utter_ask_which", ["/faq/email_signature_multiple"]))
    assert faq_numbers(database, "email_signature", SINCE, UNTIL).asked == 0
    assert faq_numbers(database, "email_signature_multiple", SINCE, UNTIL).asked == 1


def test_examples_that_carry_come_first_and_idle_ones_are_told():
    places = {"east": [1, 0], "north": [0, 1], "west": [-1, 0], "nearly east": [0.9, 0.1], "north again": [0, 2]}
    asked = ["nearly east", "east", "north again"]
    found = example_uses(["west", "north", "east"], asked, lambda texts: np.array([places[one] for one in texts]))
    assert [(one.example, one.carried, one.is_idle) for one in found] == [
        ("east", 2, False),
        ("north", 1, False),
        ("west", 0, True),
    ]
    assert [one.is_idle for one in example_uses(["east"], [], None)] == [True] and example_uses([], asked, None) == []
