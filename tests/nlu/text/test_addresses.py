"""Addresses say nothing of what a message means, and are read without them."""

import pytest

from bot.nlu.text.addresses import count, without


@pytest.mark.parametrize(
    ("text", "number", "rest"),
    [
        ("please check. kim.lee@example.com", 1, "please check"),
        ("kim.lee@example.com", 1, ""),
        ("My mail is Kim+x@mail.example.co.uk, thanks", 1, "My mail is , thanks"),
        ("jane@example.com or jane.doe@example.org?", 2, "or ?"),
        ("is <a@b.io> known", 1, "is < > known"),
        ("where is my badge?", 0, "where is my badge?"),
        ("meet me @ 5pm", 0, "meet me @ 5pm"),
        ("jane@ example.com", 0, "jane@ example.com"),
        ("my handle is @kim", 0, "my handle is @kim"),
    ],
)
def test_addresses_are_counted_and_taken_out(text, number, rest):
    assert (count(text), without(text)) == (number, rest)


@pytest.mark.parametrize("text", ["a" * 5000 + "@" + "b" * 5000, "a@" * 3000, "a@b." * 3000, "." * 9000 + "@x.y"])
def test_no_text_takes_long(text):
    import time

    begun = time.process_time()
    count(text), without(text)
    assert time.process_time() - begun < 0.5
