import pytest

from bot.content import faqs
from bot.content.responses import responses


def test_every_faq_stands_on_the_page_and_has_an_address_of_its_own(client):
    page = client.get("/").text
    ids = {name.removeprefix("utter_faq/") for name in responses() if name.startswith("utter_faq/")}
    assert {faq.id for topic in faqs.topics() for faq in topic.faqs} == ids and len(ids) == 22
    for topic in faqs.topics():
        for faq in topic.faqs:
            assert f'href="/faq/{faq.slug}"' in page
            assert client.get(f"/faq/{faq.slug}").status_code == 200


@pytest.mark.parametrize(
    ("words", "question"),
    [
        ("linkedin expired", "Upon expiration"),
        ("badges expire", "Will my digital credential"),
        ("who is credly", "Who is Credly?"),
        ("outlook", "email signature"),
        ("outlok", "email signature"),
        ("linkdin exprired", "Upon expiration"),
        ("who is credley", "Who is Credly?"),
        ("micro credental", "micro"),
    ],
)
def test_the_search_works_without_javascript(client, words, question):
    page = client.get("/", query_string={"q": words}).text
    assert question in page and "Nothing found" not in page
    assert page.count('class="faq"') < 22


def test_nothing_found_is_said(client):
    page = client.get("/?q=zebra<script>").text
    assert "Nothing found" in page and "<script>zebra" not in page and "zebra&lt;script&gt;" in page


def test_an_unknown_address_shows_all_answers(client):
    answer = client.get("/faq/no-such-thing")
    assert answer.status_code == 404
    assert "There is no such answer" in answer.text and answer.text.count('class="faq"') == 22


def test_the_widget_is_one_small_script_that_browsers_may_keep(client):
    import gzip

    first = client.get("/widget.js")
    assert len(gzip.compress(first.data)) < 20_000
    assert client.get("/widget.js", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
