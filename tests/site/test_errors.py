import pytest

from bot.errors import RequestError, TextTooLong, TooManyFiles
from bot.site.errors import refusal


def every_kind(kind=RequestError):
    return [one for found in kind.__subclasses__() for one in (found, *every_kind(found))]


@pytest.mark.parametrize("kind", every_kind())
def test_every_error_of_a_feature_has_an_answer_of_its_own(kind):
    problem = kind(10) if kind in (TextTooLong, TooManyFiles) else kind()
    answer = refusal(problem)
    assert 400 <= answer.status < 500 and answer.code.islower()
    assert answer.message == str(problem) != RequestError.message


def test_too_long_a_text_says_how_long_it_may_be():
    answer = refusal(TextTooLong(2000))
    assert (answer.status, answer.code) == (413, "too_long") and "2,000 characters" in answer.message
