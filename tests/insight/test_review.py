import datetime
from dataclasses import replace

import numpy as np
import pytest

from bot.content.kinds import kind_of
from bot.conversations.store import Message
from bot.errors import RequestError
from bot.insight import review

ANSWERED, ASKED = "utter_faq/what_is_credly", "what is credly then"


def said(*lines):
    return [
        Message(str(i), "bot" if line.startswith("utter_") else "user", line, line if line.startswith("utter_") else "")
        for i, line in enumerate(lines)
    ]


def texts(found):
    return [one.text for one in found]


def reasons(*lines, unhelpful=()):
    return [one.reason for one in review.unanswered(said(*lines), frozenset(unhelpful))]


def test_what_was_not_answered_is_gathered_without_addresses():
    conversation = said(
        "who is credly", "utter_faq/what_is_credly", "mail jane@example.com my 123456 thing", "utter_ask_rephrase"
    )
    assert texts(review.unanswered(conversation)) == ["mail (address) my (number) thing"]
    assert texts(review.unanswered(conversation, frozenset({"1"})))[0] == "who is credly"


def with_buttons(message, *titles):
    return replace(message, buttons=tuple({"title": title, "payload": "/x"} for title in titles))


def test_what_was_handled_well_is_not_listed():
    asked = "can i still claim it"
    choice, answered, ambiguous = "utter_ask_which", "utter_faq/what_is_credly", "utter_ambiguous/missing_badge"
    kinds = {choice: "clarification", ambiguous: "ambiguous"}
    assert {name: kind_of(name).value for name in kinds} == kinds
    one = said(asked, choice, "Who is Credly?", answered)
    one[1] = with_buttons(one[1], "Who is Credly?", "Something else")
    assert texts(review.unanswered(one)) == []
    assert texts(review.unanswered(said(asked, choice, "no not that", answered))) == [asked]
    assert texts(review.unanswered(said(asked, choice))) == [asked]
    assert texts(review.unanswered(said(asked, ambiguous))) == []
    (refused,) = review.unanswered(said(asked, "utter_out_of_scope/exam_price"))
    assert not review.is_open([refused] * 5)
    assert texts(review.unanswered(said(asked, "utter_out_of_scope/other_near"))) == [asked]
    assert texts(review.unanswered(said(asked, "utter_out_of_scope/exam_price"), frozenset({"1"}))) == [asked]


def test_what_an_editor_has_seen_to_is_remembered_and_cannot_be_read(tmp_path):
    path = tmp_path / "var" / "seen.txt"
    key = review.key("Where is Jane's badge?")
    assert review.mark_seen([key, key, "../etc", "x" * 16], path) == 1
    assert review.mark_seen([key], path) == 0
    assert review.seen(path) == {review.key("where is JANE'S   badge")} and "jane" not in path.read_text().lower()


def open_question(text, topic=""):
    return review.OpenQuestion(text, review.OpenReason.DECLINED, topic=topic)


@pytest.mark.parametrize(
    ("topics", "is_open"),
    [
        (["price", "price", "price", "price"], False),
        (["price", "design"], False),
        (["price", "price", "price", "design"], False),
        (["price", "price", "design"], True),
        (["price", "design", "vendor", "price"], True),
        (["price", "price", ""], True),
        ([""], True),
    ],
)
def test_what_is_refused_now_as_this_now_as_that_is_known_to_no_refusal(topics, is_open):
    assert review.is_open([open_question("nft", topic) for topic in topics]) is is_open
    groups = review.group(
        [open_question("nft", topic) for topic in topics], lambda texts: np.eye(len(texts)), lambda text: "faq/x"
    )
    assert bool(groups) is is_open


def test_questions_that_mean_the_same_are_together():
    vectors = {"a1": [1, 0], "a2": [0.9, 0.1], "b": [0, 1]}
    groups = review.group(
        [open_question(text) for text in ("b", "a1", "a2", "a1")],
        lambda texts: np.array([vectors[t] for t in texts]),
        lambda t: f"to {t}",
    )
    assert [set(one.questions) for one in groups] == [{"a1", "a2"}, {"b"}]
    assert [(one.closest, one.asked) for one in groups] == [("to a1", 3), ("to b", 1)]
    assert review.group([], None, None) == []


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        (["that's not what I asked"], review.OpenReason.CORRECTED),
        (["no"], review.OpenReason.CORRECTED),
        (["a person please", "utter_ticket_opened"], review.OpenReason.ESCALATED),
    ],
)
def test_an_answer_that_was_not_meant_is_listed_and_says_why(after, reason):
    assert reasons(ASKED, ANSWERED, *after)[:1] == [reason]


@pytest.mark.parametrize(
    "after",
    [
        [],
        ["thanks a lot"],
        ["and how do i share it", "utter_faq/sharing_options"],
        ["how to share", "utter_faq/sharing_options", "a person please", "utter_ticket_opened"],
    ],
)
def test_an_answer_that_was_taken_is_not_listed(after):
    assert ASKED not in texts(review.unanswered(said(ASKED, ANSWERED, *after)))


def test_a_rating_counts_and_so_does_none_of_these():
    assert reasons(ASKED, ANSWERED, unhelpful=["1"]) == [review.OpenReason.NOT_HELPFUL]
    talk = said("can i claim", "utter_ambiguous/missing_badge", "None of these")
    talk[1] = replace(talk[1], buttons=({"title": "None of these", "payload": "/deny"},))
    assert [one.reason for one in review.unanswered(talk)] == [review.OpenReason.NONE_OF_THESE]


def test_it_is_said_what_was_blacked_out():
    found = next(review.unanswered(said("ask Leila and Tomasz about it", "utter_ask_rephrase")))
    assert found.text == "ask (name) and (name) about it" and list(found.hidden.values()) == [2]


@pytest.mark.parametrize("text", ["ask Leila", "mail (address) please", "my number is 555-123-4567", "  ", "(link)"])
def test_an_example_with_personal_data_is_refused_in_clear_words(text):
    with pytest.raises(RequestError, match="anew|write"):
        review.example_of(text)


def test_an_example_has_no_markup_and_one_line():
    assert review.example_of("- [x](y): # odd \n words") == "- x: # odd words"


def test_weeks_begin_on_monday_and_none_is_left_out():
    day = datetime.date(2026, 11, 18)  # a Wednesday
    found = review.weekly([day, day, day + datetime.timedelta(days=14)], day, day + datetime.timedelta(days=14))
    assert [(begins.isoformat(), number) for begins, number in found] == [
        ("2026-11-16", 2),
        ("2026-11-23", 0),
        ("2026-11-30", 1),
    ]
