"""What was meant to be filled in is told from braces of other kinds."""

import time

import pytest

from bot.errors import UnfilledPlaceholder
from bot.tickets.placeholders import filled, left, unknown
from tests.tickets.conftest import request
from tests.tickets.test_tickets import STAFF

MISSPELT = (
    *("{nmae}", "{names}", "{nam}", "{first_name}", "{learner name}", "{name", "[name]", "{{name}}", "<name>"),
    *("{refrence}", "{referance}", "{ref}", "{reference number}", "{credental}", "{credentials}", "{cred}"),
)
CODE = (
    *('{"name": "Jane"}', "{name: 1}", "${name}", "{}", "{0}", "{ return x; }", "{a, b}", "{name, age} = user"),
    *("if (x) {\n  name\n}", "https://example.com/users/{id}", "[name](https://example.com)", "p { color: red }"),
)


@pytest.mark.parametrize("text", MISSPELT)
def test_a_misspelt_placeholder_is_seen_wherever_it_stands(text):
    for words in (text, f"Hello {text},", f"Hello {{name}}, {text}\n{text}"):
        assert unknown(words) == [text]
    assert left(f"Hello {text}") == [text]


@pytest.mark.parametrize("text", CODE)
def test_other_braces_are_not_in_the_way(text):
    assert unknown(text) == left(text) == left(f"Try this:\n{text}\nDone.") == []


@pytest.mark.parametrize("text", ["{date}", "{day-after}", "Hello {learner}!", "{other}"])
def test_an_answer_has_no_placeholder_that_there_is_not_but_a_reply_may_have_braces(text):
    assert unknown(text) and not left(text)
    assert left(text, also=unknown(text)) == unknown(text)


def test_what_is_typed_and_not_put_in_is_left():
    assert unknown("{name} {Reference}") == []
    assert left("{name} {Reference} {name}") == ["{name}", "{Reference}"]


def test_letters_may_be_large_and_blanks_inside():
    assert filled("Hi {Name}: { credential }", {"name": "", "credential": "Level 2"}.__getitem__) == "Hi: Level 2"


def test_a_long_text_of_braces_takes_no_longer_than_it_should():
    began = time.process_time()
    for piece in ("{", "{a", "{ ", "{name", "{nmae} ", "{a a a a a", "[name", "{a-"):
        left(piece * (10_000 // len(piece)))
    assert time.process_time() - began < 2


def test_no_face_sends_it_unseen(tickets):
    reference = tickets.open(request()).reference
    for send in (tickets.reply, tickets.resolve):
        with pytest.raises(UnfilledPlaceholder, match="{nmae} is not filled in"):
            send(reference, STAFF, "Hello {nmae}", via="command")
    tickets.reply(reference, STAFF, "Hello {nmae}", "mail", mailed=True)  # the learner has it already
    assert len(tickets.events(reference)) == 2
