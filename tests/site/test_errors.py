import datetime

import pytest

from bot.errors import RequestError, TextTooLong, TooManyFiles
from bot.insight.review import PrivateText
from bot.site.errors import refusal
from bot.studio.drafts import EditedMeanwhile
from bot.studio.publications import CannotPublish, TrainsFirst


def every_kind(kind=RequestError):
    return [one for found in kind.__subclasses__() for one in (found, *every_kind(found))]


ARGUMENTS = {
    TextTooLong: (10,),
    TooManyFiles: (10,),
    CannotPublish: ("It was not tried.",),
    EditedMeanwhile: ("jane@example.com", datetime.datetime.now(datetime.timezone.utc), None, 2),
    PrivateText: ("1 name",),
    TrainsFirst: (3, 4),
}


@pytest.mark.parametrize("kind", every_kind())
def test_every_error_of_a_feature_has_an_answer_of_its_own(kind):
    problem = kind(*ARGUMENTS.get(kind, ()))
    answer = refusal(problem)
    assert 400 <= answer.status < 500 and answer.code.islower()
    assert answer.message == str(problem) != RequestError.message


def test_too_long_a_text_says_how_long_it_may_be():
    answer = refusal(TextTooLong(2000))
    assert (answer.status, answer.code) == (413, "too_long") and "2,000 characters" in answer.message
