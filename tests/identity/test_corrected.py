import pytest

from bot.identity.address import corrected, without


@pytest.mark.parametrize(
    ("address", "words", "right"),
    [
        ("li.wei@example.con", "oops it's .com not .con", "li.wei@example.com"),
        ("rob@example.con", "oops, .com not .con", "rob@example.com"),
        ("rob@example.con", "sorry not .con but .com", "rob@example.com"),
        ("kin.lee@example.com", "it's kim, not kin", "kim.lee@example.com"),
        ("kim@exmaple.com", "example instead of exmaple", "kim@example.com"),
        ("kim@example.con", "should end in .com", "kim@example.com"),
        ("kim@example.com", "I made a typo", ""),
        ("", ".com not .con", ""),
        ("kim@example.com", ".com", ""),
    ],
)
def test_a_slip_is_put_right_where_the_words_say_how(address, words, right):
    assert corrected(address, words) == right


def test_words_beside_an_address_are_kept_apart():
    assert without("wrong address sorry, it's silvia@example.com") == "wrong address sorry, it's"
    assert without("kim@example.com") == ""
