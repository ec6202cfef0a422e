import hashlib

import pytest

from bot.identity.code import find_code, hash_code, matches, new_code

SECRET = "a secret key"


@pytest.mark.parametrize(
    "typed",
    [
        "123456",
        " 123456\n",
        "123 456",
        "123-456",
        "123 - 456",
        "12 34 56",
        "1 2 3 4 5 6",
        "123\u00a0456",
        "123\u2011456",
        "my code is 123456.",
        "It's 123456, thanks!",
        "code:123456",
        "(123456)",
        "I waited 5 minutes, then got 123456",
        "\uff11\uff12\uff13\uff14\uff15\uff16",  # full-width
        "\u0661\u0662\u0663\u0664\u0665\u0666",  # Arabic-Indic
        "\u06f1\u06f2\u06f3 \u06f4\u06f5\u06f6",  # Persian
    ],
)
def test_a_code_is_found_however_people_type_it(typed):
    assert find_code(typed) == "123456"


@pytest.mark.parametrize(
    "typed",
    ["", "hello", "12345", "1234567", "123 4567", "+49 30 123456", "123456 or 654321", "123456 123456", "AB123456"]
    + ["123456x", "123.456", "123/456", "1234\n56", "\u00b2\u00b2\u00b2\u00b2\u00b2\u00b2", "CRT-2026-123456"],
)
def test_anything_else_is_no_code(typed):
    assert find_code(typed) is None


def test_leading_zeros_belong_to_a_code():
    assert find_code("000 042") == "000042"


def test_new_codes_have_six_digits_and_differ():
    codes = {new_code() for _ in range(200)}
    assert all(len(code) == 6 and code.isascii() and code.isdigit() for code in codes)
    assert len(codes) > 190


def test_a_hash_holds_for_one_code_of_one_conversation_and_one_key():
    kept = hash_code(SECRET, "id", "c1", "123456")
    assert matches(kept, SECRET, "id", "c1", "123456")
    assert not matches(kept, SECRET, "id", "c1", "123457")
    assert not matches(kept, SECRET, "id", "c2", "123456")
    assert not matches(kept, SECRET, "other", "c1", "123456")
    assert not matches(kept, "another key", "id", "c1", "123456")


def test_a_hash_is_no_plain_hash_of_the_code_and_its_parts_cannot_be_shifted():
    kept = hash_code(SECRET, "id", "c1", "123456")
    plain = ("123456", "id123456", "c1123456", "idc1123456", f"{SECRET}123456")
    assert kept not in {hashlib.new(name, text.encode()).hexdigest() for name in ("sha256", "sha1") for text in plain}
    assert kept != hash_code(SECRET, "idc", "1", "123456")
