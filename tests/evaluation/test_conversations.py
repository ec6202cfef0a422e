"""How a played conversation is judged."""

import pytest

from bot.evaluation.conversations import (
    Heard,
    Played,
    PlayedTurn,
    TicketSeen,
    judge_end,
    judge_turn,
    load,
    read,
    summary,
)
from bot.evaluation.examples import BadFile

HEARD = (
    Heard(
        "utter_x",
        "It’s **there**",
        (("Send it", "/affirm"),),
        '<p>It’s <strong>there</strong>, <a href="https://a.example">see</a></p>',
    ),
)


@pytest.mark.parametrize(
    ("turn", "problems"),
    [
        ({"must": ["it's there"]}, 0),
        ({"must": ["IT'S"]}, 0),
        ({"must": ["send it", "https://a.example"]}, 0),
        ({"must": [{"any": ["nowhere", "there"]}]}, 0),
        ({"must": [{"any": ["nowhere", "never"]}]}, 1),
        ({"must": ["nowhere", "never"]}, 2),
        ({"must_not": ["there"]}, 1),
        ({"must_not": ["nowhere"]}, 0),
    ],
)
def test_a_reply_is_judged_by_what_is_read(turn, problems):
    assert len(judge_turn({"user": "x", **turn}, HEARD, ())) == problems


def test_silence_and_the_same_words_twice_running_are_wrong():
    assert judge_turn({"user": "x"}, (), ()) == ("nothing was said",)
    assert judge_turn({"user": "x"}, HEARD, HEARD) == ("says the same twice running",)
    assert judge_turn({"team": {"reply": "x"}}, (), HEARD) == ()


TICKET = TicketSeen(
    about="My name is wrong", contact="a@example.com", title="My name is wrong", reason="requested", state="new"
)


@pytest.mark.parametrize(
    ("after", "problems"),
    [
        ({"tickets": [{"about": ["name"], "address": "a@example.com", "title": ["name"], "reason": "requested"}]}, 0),
        ({"tickets": [{"about": ["date"]}]}, 1),
        ({"tickets": [{"address": "b@example.com"}]}, 1),
        ({"tickets": [{"answers": ["4th of May"]}]}, 1),
        ({"tickets": []}, 1),
        ({"tickets": 1}, 0),
        ({"watches": 1}, 1),
        (None, 0),
    ],
)
def test_the_end_is_judged_by_what_became_of_it(after, problems):
    assert len(judge_end(after, [TICKET])) == problems


def test_what_is_read_has_no_marks_capitals_or_curly_quotes():
    assert read("<p>It’s&nbsp;<b>HERE</b></p>") == "it's here"


def test_the_figures_are_shares():
    good, bad = PlayedTurn("hi", HEARD), PlayedTurn("hi", HEARD, ("misses x",))
    found = summary(
        [Played(id="a", kind="k", turns=(good,)), Played(id="b", kind="k", turns=(good, bad), problems=("x",))]
    )
    assert (found["right"], found["replies_right"], found["ends_wrong"]) == (0.5, 0.6667, 1)
    assert found["kinds"] == {"k": {"count": 2, "right": 1}}


@pytest.mark.parametrize(
    "text", ["", "a: b", "- id: x", "- {id: x, turns: [{say: hi}]}", "- {id: x, turns: [{user: a, press: b}]}", "- ["]
)
def test_a_file_that_cannot_be_played_says_what_is_wrong(tmp_path, text):
    file = tmp_path / "x.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadFile):
        load(file)
