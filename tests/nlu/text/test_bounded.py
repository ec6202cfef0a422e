"""Of what nobody reads, the machine reads little; everything else stays, at its place."""

import pytest

from bot.nlu.text import bounded, language

LONG_ADDRESS = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.com"


@pytest.mark.parametrize("signs", ["+", "_", "&", ">", "](", "+-*/", "😀", "—", ":;"])
def test_of_a_long_run_of_signs_the_beginning_is_read(signs):
    text = f"where is my badge {signs * 900} please"
    read = bounded.shortened(text)
    assert read.startswith(f"where is my badge {signs}") and read.endswith(" please") and len(read) < 60
    assert len(bounded.in_place(text)) == len(text) and bounded.in_place(text).endswith(" please")


@pytest.mark.parametrize(
    "text",
    [
        "Where is my badge?!?!",
        "see https://www.credly.com/badges/1234?a=b&c=d -- thanks :-)",
        f"my address is {LONG_ADDRESS}",
        "a_b_c (x) [y] {z} ... 100% & more",
        "我的徽章在哪里" * 60,
        "two  blanks\n\nand lines",
    ],
)
def test_what_people_write_is_read_as_it_is(text):
    assert bounded.shortened(text) == bounded.in_place(text) == text


def test_an_endless_word_is_read_to_the_length_of_an_address():
    text = "US$" * 600 + " is my name"
    assert bounded.shortened(text) == f"{text[: bounded.LONGEST_WORD_READ]} is my name"


def test_an_address_after_a_run_of_signs_is_found_at_its_place():
    text = f"{'=' * 300} jane@example.com {'>' * 300} on Monday"
    found = {
        one.label_: text[one.start_char : one.end_char]
        for one in language.build([{"id": "one", "names": ["level 1"]}])(text).ents
    }
    assert found == {"email": "jane@example.com", "date": "Monday"}
