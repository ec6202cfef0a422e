"""Which addresses are read out of what somebody pastes."""

import time

import pytest

from bot.lookups.addresses import read_addresses, text_of_file

JANE, JOE = "jane@example.com", "joe.o'hara+x@mail.example.org"


@pytest.mark.parametrize(
    "text",
    [
        f"{JANE}\n{JOE}",
        f"{JANE}, {JOE}; {JANE.upper()}",
        f"Name;E-Mail;Team\r\nJane;{JANE};A\r\nJoe;{JOE};B\r\n",
        f'"Doe, Jane" <{JANE}>, Joe <mailto:{JOE}>',
        f"Jane\t{JANE}\tx\nJoe\t{JOE}",
        f"Please look at {JANE} and ({JOE}).",
        f"\ufeff'{JANE}','{JOE}'",
        f"<mailto:{JANE}|{JANE}> <mailto:{JOE}|{JOE}>",
        f"•{JANE}\n• {JOE}!",
        f"*{JANE}*, …{JOE}…",
        f"\u200b{JANE}\u200b\u2060 {JOE}\u200e",
        f"{JANE}，{JOE}",
        f"{JANE}、{JOE}；",
        f"MAILTO:{JANE}?subject=hi E-Mail:{JOE}",
        f"„{JANE}“ «{JOE}» ",
        f"`{JANE}` {{{JOE}}}",
    ],
)
def test_the_addresses_are_found_whatever_stands_around_them(text):
    assert read_addresses(text.replace("\ufeff", "")).addresses == (JANE, JOE)


def test_what_only_looks_like_one_is_told_and_no_other_word():
    given = read_addresses(f"hello @all {JANE} jäne@example.com a@b jane@ @jane 12@34 ")
    assert given.addresses == (JANE,)
    assert given.unusable == ("jäne@example.com", "a@b", "12@34")


@pytest.mark.parametrize("hidden", ["\u200b", "!", "*", "·"])
def test_what_stands_within_an_address_makes_no_other_of_it(hidden):
    typed = f"ja{hidden}ne@example.com"
    assert read_addresses(typed).addresses == () and read_addresses(typed).unusable == (typed,)


def test_what_is_over_is_counted_and_never_left_out_silently():
    given = read_addresses(" ".join(f"l{number}@example.com" for number in range(23)), 20)
    assert len(given.addresses) == 20 and given.left_out == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_in_the_encodings_of_spreadsheets(encoding):
    assert text_of_file(f"Müller;{JANE}".encode(encoding)) == f"Müller;{JANE}"


@pytest.mark.parametrize("text", ["@" * 100_000, "a@" * 50_000, "a@b." * 25_000, " " * 100_000, "<" * 100_000])
def test_hostile_texts_cost_little(text):
    began = time.process_time()
    read_addresses(text)
    assert time.process_time() - began < 5
