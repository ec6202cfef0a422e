import pytest

from bot.nlu.text.codes import without


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("724828 - and can I put it in my signature too?", "and can I put it in my signature too?"),
        ("it says 855 883. does it run out?", "it says . does it run out?"),
        ("855-883 and who is Credly?", "and who is Credly?"),
        ("855\u2013883, thanks", "thanks"),
        ("I passed on 12-05-26", "I passed on 12-05-26"),
        ("123456", ""),
        ("my order is 1234567, what about it", "my order is 1234567, what about it"),
        ("course FIN-123456 is done", "course FIN-123456 is done"),
        ("on 12 May 2026 I passed", "on 12 May 2026 I passed"),
        ("jane123456@example.com", "jane123456@example.com"),
    ],
)
def test_what_a_message_says_beside_a_code(text, rest):
    assert without(text) == rest
