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


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize("address", ["/nowhere", "/faq/one/two", "/widget"])
def test_who_mistypes_an_address_gets_a_page_that_leads_on(client, address):
    page = client.get(address, headers=BROWSER)
    assert page.status_code == 404 and page.mimetype == "text/html" and "no-store" in page.headers["Cache-Control"]
    assert "There is no such page" in page.text and 'href="/">All answers' in page.text
    assert client.get(address).get_json()["error"]["code"] == "not_found"  # for programs, as ever


def test_a_failure_of_ours_is_told_on_a_page_with_its_reference(client, monkeypatch):
    def fail():
        raise RuntimeError

    monkeypatch.setattr("bot.site.pages.faqs.topics", fail)
    page = client.get("/", headers=BROWSER)
    assert page.status_code == 500 and page.mimetype == "text/html"
    assert "Please try again. Reference: " in page.text


def test_the_api_answers_browsers_in_its_one_shape_too(client):
    assert client.get("/api/nowhere", headers=BROWSER).get_json()["error"]["code"] == "not_found"
