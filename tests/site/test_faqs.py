"""The FAQs for searches and search engines, all of it without script."""

import json
import re
import xml.etree.ElementTree as ElementTree

from bot.content import faq_dates, faqs

LINKED_DATA = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def found(client, words):
    return [faq["id"] for faq in client.get("/api/faqs", query_string={"q": words}).get_json()["faqs"]]


def linked_data(client, path):
    return json.loads(LINKED_DATA.search(client.get(path).text).group(1))


def every_faq():
    return [faq for topic in faqs.topics() for faq in topic.faqs]


def test_what_the_assistant_understands_comes_first_and_needs_no_word_of_the_answer(client, rasa):
    rasa.understood = {"credential_copying": 0.8, "privacy_settings": 0.3, "what_is_credly": 0.01}
    assert found(client, "somebody stole it") == ["credential_copying", "privacy_settings"]
    page = client.get("/", query_string={"q": "somebody stole it"}).text
    assert re.findall(r'data-id="(\w+)"', page) == ["credential_copying", "privacy_settings"]
    assert rasa.searches == ["somebody stole it"] * 2


def test_words_count_beside_what_is_understood(client, rasa):
    rasa.understood = {"sharing_options": 0.3}
    assert found(client, "outlook")[0] == "email_signature"
    assert "sharing_options" in found(client, "outlook")


def test_while_the_assistant_is_away_words_find_the_answer_past_slips_and_in_whole_sentences(client, rasa):
    rasa.fail = True
    assert found(client, "micro credental")
    assert found(client, "linkdin exprired")[0] == "expiry_on_linkedin"
    assert "linkedin_multiple_display" in found(client, "how do i put it on linkedn")
    assert found(client, "zebra") == found(client, "") == found(client, " ?! ") == []


def test_of_a_long_search_only_the_beginning_is_read(client, rasa):
    client.get("/api/faqs", query_string={"q": "word " * 1000})
    assert len(rasa.searches[0]) == 120


def test_searches_in_the_widget_and_on_the_page_count_together(services):
    from bot.site.app import create_app
    from bot.site.limits import LIMITS

    client = create_app(services, {**LIMITS, "searches of an address": "2/minute"}).test_client()
    answers = [client.get(path, query_string={"q": "credly"}) for path in ("/", "/api/faqs", "/api/faqs", "/")]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]


def test_each_answer_has_one_address_which_its_id_leads_to(client):
    answer = client.get("/faq/what_is_credly")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/faq/what-is-credly")
    assert 'rel="canonical" href="http://' in client.get("/faq/what-is-credly").text


def test_search_engines_read_the_same_answers_as_people(client):
    data = linked_data(client, "/faq/what-is-credly")
    (question,) = data["mainEntity"]
    faq = faqs.by_id("what_is_credly")
    assert (data["@type"], question["@type"], question["name"]) == ("FAQPage", "Question", faq.question)
    assert question["acceptedAnswer"]["text"] in client.get("/faq/what-is-credly").text
    assert question["url"].endswith("/faq/what-is-credly")
    assert len(linked_data(client, "/")["mainEntity"]) == len(every_faq())


def test_nothing_in_an_answer_ends_the_data_for_search_engines(client, monkeypatch):
    hostile = faqs.Faq("what_is_credly", "</script><script>alert(1)</script>", "a")
    monkeypatch.setattr(faqs, "find", lambda slug: (faqs.topics()[0], hostile))
    page = client.get("/faq/what-is-credly").text
    assert "<script>alert" not in page
    assert json.loads(LINKED_DATA.search(page).group(1))["mainEntity"][0]["name"] == hostile.question


def test_the_sitemap_lists_every_page_with_its_day_and_robots_names_it(client):
    tree = ElementTree.fromstring(client.get("/sitemap.xml").data)
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    listed = {url.find("s:loc", space).text: url.find("s:lastmod", space) for url in tree.findall("s:url", space)}
    assert len(listed) == len(every_faq()) + 1
    assert all(day is not None for day in listed.values())
    for address in listed:
        assert client.get(re.sub(r"^http://[^/]+", "", address)).status_code == 200
    robots = client.get("/robots.txt").text
    assert "Disallow: /console\n" in robots and re.search(r"^Sitemap: http://\S+/sitemap.xml$", robots, re.MULTILINE)


def test_a_day_is_told_only_of_the_words_that_have_it(client, monkeypatch):
    assert "Last changed on <time" in client.get("/faq/what-is-credly").text
    monkeypatch.setattr(faq_dates, "digest_of", lambda faq: "of other words")
    assert "Last changed" not in client.get("/faq/what-is-credly").text
    assert "lastmod" not in client.get("/sitemap.xml").text
    assert "dateModified" not in linked_data(client, "/faq/what-is-credly")
