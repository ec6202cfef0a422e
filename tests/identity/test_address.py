import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.errors import InvalidAddress
from bot.identity.address import InvalidReason, normalise


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("jane@example.com", "jane@example.com"),
        ("  Jane.Doe@Example.COM\t", "jane.doe@example.com"),
        ("o'brien_x-1@mail.example.com", "o'brien_x-1@mail.example.com"),
        ("jane@xn--bcher-kva.example.com", "jane@xn--bcher-kva.example.com"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
    ],
)
def test_an_address_has_one_spelling(typed, address):
    assert normalise(typed) == address
    assert normalise(address) == address


@pytest.mark.parametrize("other", ["jane+work@example.com", "j.ane@example.com", "jane@mail.example.com"])
def test_an_address_that_may_reach_the_same_mailbox_is_another_address(other):
    assert normalise(other) != normalise("jane@example.com")


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", InvalidReason.EMPTY),
        (" \t ", InvalidReason.EMPTY),
        ("jane@example.com\r\nBcc: eve@example.com", InvalidReason.CONTROL_CHARACTER),
        ("jane@example.com\n", InvalidReason.CONTROL_CHARACTER),
        ("jane@example.com\nX: y", InvalidReason.CONTROL_CHARACTER),
        ("jane\0@example.com", InvalidReason.CONTROL_CHARACTER),
        ("jane\t@example.com", InvalidReason.CONTROL_CHARACTER),
        ("jane\x7f@example.com", InvalidReason.CONTROL_CHARACTER),
        ("jane\x85@example.com", InvalidReason.CONTROL_CHARACTER),
        ("jane@example.com\u2028Bcc: eve@example.com", InvalidReason.NON_ASCII),
        ("j\u0430ne@example.com", InvalidReason.NON_ASCII),  # Cyrillic a
        ("jane@ex\u0430mple.com", InvalidReason.NON_ASCII),
        ("ja\u212ae@example.com", InvalidReason.NON_ASCII),  # Kelvin sign, lower case k
        ("jane@\u0130nfo.example.com", InvalidReason.NON_ASCII),  # dotted I
        ("\uff4aane@example.com", InvalidReason.NON_ASCII),  # full-width j
        ("jane\uff20example.com", InvalidReason.NON_ASCII),  # full-width @
        ("jane\ufe6bexample.com", InvalidReason.NON_ASCII),  # small @
        ("jane@example\u3002com", InvalidReason.NON_ASCII),  # ideographic full stop
        ("jane@example\uff0ecom", InvalidReason.NON_ASCII),  # full-width full stop
        ("ja\u200bne@example.com", InvalidReason.NON_ASCII),  # zero width
        ("\ufeffjane@example.com", InvalidReason.NON_ASCII),
        ("\u202ejane@example.com", InvalidReason.NON_ASCII),  # right-to-left override
        ("jane\u0301@example.com", InvalidReason.NON_ASCII),
        ("jane@ex\ufb03.com", InvalidReason.NON_ASCII),  # ligature
        ("jane", InvalidReason.AT_SIGN),
        ("jane@example.com@example.org", InvalidReason.AT_SIGN),
        ("jane@example.com, bob@example.com", InvalidReason.AT_SIGN),
        ("a" * 65 + "@example.com", InvalidReason.TOO_LONG),
        ("a@" + "b" * 60 + ("." + "b" * 60) * 3 + ".example.com", InvalidReason.TOO_LONG),
        ("@example.com", InvalidReason.LOCAL_PART),
        ('"jane"@example.com', InvalidReason.LOCAL_PART),
        ('"jane doe"@example.com', InvalidReason.LOCAL_PART),
        ("jane doe@example.com", InvalidReason.LOCAL_PART),
        ("Jane <jane@example.com>", InvalidReason.LOCAL_PART),
        ("mailto:jane@example.com", InvalidReason.LOCAL_PART),
        ("jane(work)@example.com", InvalidReason.LOCAL_PART),
        (".jane@example.com", InvalidReason.LOCAL_PART),
        ("jane.@example.com", InvalidReason.LOCAL_PART),
        ("ja..ne@example.com", InvalidReason.LOCAL_PART),
        ("jane%example.org@example.com", InvalidReason.LOCAL_PART),
        ("example.org!jane@example.com", InvalidReason.LOCAL_PART),
        ("{slot}@example.com", InvalidReason.LOCAL_PART),
        ("jane@", InvalidReason.DOMAIN),
        ("jane@localhost", InvalidReason.DOMAIN),
        ("jane@example.com.", InvalidReason.DOMAIN),
        ("jane@.example.com", InvalidReason.DOMAIN),
        ("jane@example..com", InvalidReason.DOMAIN),
        ("jane@-example.com", InvalidReason.DOMAIN),
        ("jane@example-.com", InvalidReason.DOMAIN),
        ("jane@exa mple.com", InvalidReason.DOMAIN),
        ("jane@exa_mple.com", InvalidReason.DOMAIN),
        ("jane@192.0.2.1", InvalidReason.DOMAIN),
        ("jane@[192.0.2.1]", InvalidReason.DOMAIN),
        ("jane@" + "b" * 64 + ".com", InvalidReason.DOMAIN),
        ("jane@example.com>", InvalidReason.DOMAIN),
    ],
)
def test_what_is_no_address_is_refused_with_a_reason_that_repeats_nothing(typed, reason):
    with pytest.raises(InvalidAddress) as refused:
        normalise(typed)
    assert str(refused.value) == reason.value
    assert InvalidReason(str(refused.value)) is reason


@given(some.text(alphabet=some.sampled_from('aA1.@+-_ \t\r\n\0\u0430\uff20\u200b"<>%'), max_size=30))
def test_whatever_passes_is_safe_in_a_header_and_stays_as_it_is(typed):
    try:
        address = normalise(typed)
    except InvalidAddress as error:
        assert str(error) in {reason.value for reason in InvalidReason}
        return
    assert address.isascii() and address.isprintable() and address == address.lower() == typed.strip(" \t").lower()
    assert address.count("@") == 1 and not set(address) & set(' "<>,;:\\()[]')
    assert normalise(address) == address
