"""The search of the answers, on the page and in the widget's menu, and a page of one answer."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_chat import ask, greeted


def open_search(page):
    page.get_by_label("More").click()
    page.get_by_role("button", name="Search the answers").click()
    return page.get_by_role("region", name="Search the answers")


def test_the_page_shows_what_is_understood_while_one_types_best_first(page, rasa):
    rasa.understood = {"credential_copying": 0.9, "privacy_settings": 0.4}
    field = page.get_by_role("main").get_by_label("Search the answers")
    field.fill("somebody stole it")
    shown = page.locator("main .faq:visible")
    expect(shown).to_have_count(2)
    assert shown.evaluate_all("(all) => all.map((one) => one.dataset.id)") == ["credential_copying", "privacy_settings"]
    expect(page.locator("#found")).to_have_text("2 answers found")
    rasa.understood = {}
    field.fill("zebra")
    expect(page.locator("#nothing")).to_be_visible()
    field.fill("micro credental")
    expect(page.locator('main [data-id="missing_micro_credential"]')).to_be_visible()
    field.fill("")
    expect(shown).to_have_count(22)


def test_the_widget_finds_answers_on_a_page_of_another_origin(context, host, rasa):
    rasa.understood = {"credential_expiry": 0.9}
    page = context.new_page()
    page.goto(host(" data-open"))
    greeted(page)
    search = open_search(page)
    search.get_by_label("What are you looking for?").fill("exprires")
    expect(search.get_by_role("status")).to_contain_text("found")
    search.locator("summary").first.click()
    link = search.get_by_role("link", name="Link to this answer").first
    expect(link).to_have_attribute("href", re.compile(r"^http://.*/faq/credential-expiry$"))
    expect(page.get_by_label("Your question")).to_be_hidden()
    page.keyboard.press("Escape")
    ask(page, "and back?")
    expect(page.get_by_role("log")).to_contain_text("You said: and back?")


def test_a_page_of_one_answer_breaks_no_policy_and_prints_the_answer_alone(context, address):
    page = context.new_page()
    complaints = []
    page.on("console", lambda said: complaints.append(said.text) if "Policy" in said.text else None)
    page.goto(f"{address}/faq/what-is-credly")
    greeted(page)
    assert complaints == []
    assert page.locator('script[type="application/ld+json"]').count() == 1
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="Who is Credly?")).to_be_visible()
    expect(page.locator("credential-assistant")).to_be_hidden()
    expect(page.locator(".bar")).to_be_hidden()


def test_without_script_there_are_answers_search_and_addresses(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    page.get_by_label("Search the answers").fill("micro credental")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("main .faq").first).to_have_attribute("open", "")
    page.get_by_role("link", name="Link to the answer").first.click()
    expect(page.locator("time")).to_have_count(1)
    expect(page).to_have_url(re.compile("/faq/"))
    context.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (375, 667)])
def test_without_script_nothing_empty_stands_before_the_answers(browser, address, width, height):
    context = browser.new_context(java_script_enabled=False, viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(address)
    expect(page.get_by_role("heading", name="How can we help?")).to_be_in_viewport(ratio=1)
    expect(page.get_by_label("Search the answers")).to_be_in_viewport(ratio=1)
    context.close()
