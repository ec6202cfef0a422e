import pytest

from bot.identity.address import corrected, names_slip, without


@pytest.mark.parametrize(
    ("address", "words", "right"),
    [
        ("li.wei@example.con", "oops it's .com not .con", "li.wei@example.com"),
        ("rob@example.con", "oops, .com not .con", "rob@example.com"),
        ("rob@example.con", "sorry not .con but .com", "rob@example.com"),
        ("kin.lee@example.com", "it's kim, not kin", "kim.lee@example.com"),
        ("kim@exmaple.com", "example instead of exmaple", "kim@example.com"),
        ("kim@example.con", "should end in .com", "kim@example.com"),
        ("bea.szabo@example.cmo", "com i mean, not cmo. fat fingers", "bea.szabo@example.com"),
        ("bea.szab@example.com", "it is szabo with an o at the end", "bea.szabo@example.com"),
        ("jane.doe@example.com", "rather than doe it's dough", "jane.dough@example.com"),
        ("jan.doe@example.com", "my first name is jane, the e got lost", "jane.doe@example.com"),
        ("kim@gmail.com", "that's the wrong mail", ""),
        ("kim@example.com", "no, that is not right", ""),
        ("anna.hann@example.com", "hanna of course", ""),  # which of the two parts it stands for is not said
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


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("Oops - example, not exmaple", True),
        ("sorry, it's jane instead of jnae", True),
        ("the badge, not the exam", False),
        ("not the course of 2025 but the one of May", False),
        ("please mail me, not jnae", False),
    ],
)
def test_a_slip_may_be_named_without_speaking_of_the_address(words, names):
    assert names_slip("jnae.field@exmaple.com", words) is names
