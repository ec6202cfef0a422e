"""What outlives a reload of the page, and the way back from what was done by mistake."""

import datetime

import pytest
import sqlalchemy as sql
from playwright.sync_api import expect

import bot.clock
from bot.conversations.store import Message, messages
from tests.browser.test_chat import FAQ, ask, conversation, greeted
from tests.browser.test_embed import signed_in


def start_again(page):
    page.get_by_label("More").click()
    page.get_by_role("button", name="Start again").click()


def test_a_draft_outlives_a_reload_until_it_is_sent(page):
    greeted(page)
    page.get_by_label("Your question").fill("half a que")
    page.reload()
    greeted(page)
    expect(page.get_by_label("Your question")).to_have_value("half a que")
    ask(page, "half a question")
    expect(page.get_by_role("log")).to_contain_text("You said: half a question")
    page.reload()
    greeted(page)
    expect(page.get_by_label("Your question")).to_have_value("")


def test_what_was_not_sent_outlives_a_reload_in_its_place_and_goes_out_once(page, rasa):
    greeted(page)
    page.route("**/api/messages", lambda route: route.abort())
    ask(page, "before the reload")
    expect(page.locator(".problem")).to_have_count(1)
    page.unroute("**/api/messages")
    page.reload()
    log = page.get_by_role("log")
    expect(log).to_contain_text("You said: before the reload")
    expect(page.locator(".problem")).to_have_count(0)
    assert page.locator(".item.user").count() == 1
    assert log.inner_text().index("Hello!") < log.inner_text().index("before the reload")
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("You said: before the reload")
    assert [body["text"] for _, body in rasa.requests if "text" in body] == ["before the reload"]


def test_the_reference_of_the_form_outlives_a_reload(page):
    greeted(page)
    page.get_by_role("button", name="Write to the team").click()
    page.get_by_label("Your e-mail address").fill("jane@example.com")
    page.get_by_label("What is it about?").fill("my badge is missing")
    page.get_by_role("button", name="Send to the team").click()
    expect(page.get_by_role("log")).to_contain_text("Your reference is CRT-")
    ask(page, "and now?")
    expect(page.get_by_role("log")).to_contain_text("You said: and now?")
    before = page.locator(".bubble").all_inner_texts()
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("You said: and now?")
    assert page.locator(".bubble").all_inner_texts() == before
    start_again(page)
    expect(page.get_by_role("log")).not_to_contain_text("CRT-")


@pytest.mark.parametrize("verdict", ["Yes", "No"])
def test_what_was_rated_is_not_asked_for_again(page, rasa, verdict):
    greeted(page)
    rasa.replies = [FAQ]
    ask(page, "what are they?")
    helpful = page.get_by_role("group", name="Was this helpful?")
    expect(helpful).to_be_visible()
    page.reload()
    with page.expect_response("**/feedback"):
        helpful.get_by_role("button", name=verdict).click()
    page.reload()
    expect(page.get_by_role("group", name="Related questions")).to_be_visible()
    expect(helpful).to_have_count(0)


def test_starting_again_can_be_undone_until_something_is_said(page):
    ask(greeted(page), "old words")
    log = page.get_by_role("log")
    expect(log).to_contain_text("You said: old words")
    start_again(page)
    expect(log).not_to_contain_text("old words")
    page.get_by_role("button", name="Undo").click()
    expect(log).to_contain_text("You said: old words")
    ask(page, "further words")
    expect(log).to_contain_text("You said: further words")
    page.reload()
    for words in ("old words", "further words"):
        expect(page.get_by_role("log")).to_contain_text(f"You said: {words}")
    start_again(page)
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    ask(page, "new words")
    expect(page.get_by_role("log")).to_contain_text("You said: new words")
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


def test_undo_works_on_a_page_of_another_origin(context, host):
    page = context.new_page()
    page.goto(host(" data-open"))
    ask(greeted(page), "old words")
    expect(page.get_by_role("log")).to_contain_text("You said: old words")
    start_again(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("log")).to_contain_text("You said: old words")
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("You said: old words")


def test_days_are_told_apart_and_the_full_time_is_one_look_away(page, services):
    greeted(page)
    now = bot.clock.now()
    words = {"long ago": 40, "the day before": 1}
    with services.database.transaction() as connection:
        connection.execute(sql.update(messages).values(created_at=now - datetime.timedelta(days=40)))
    for text, days in words.items():
        said = Message.new("staff", text, "ticket_replied", now=now - datetime.timedelta(days=days))
        services.store.add(conversation(services), said)
    page.reload()
    ask(page, "and today?")
    expect(page.get_by_role("log")).to_contain_text("You said: and today?")
    days = page.locator(".day").all_inner_texts()
    assert len(days) == 3 and days[1:] == ["yesterday", "today"]
    year = (now - datetime.timedelta(days=40)).year
    assert str(year) in days[0]
    assert str(year) in page.locator("time").first.get_attribute("title")


def test_nobody_reads_the_draft_of_who_was_signed_in_before(context, host):
    page = context.new_page()
    element = '<credential-assistant open identity-token="{}"></credential-assistant>'
    page.goto(host("", element.format(signed_in("jane@example.com", "1"))))
    greeted(page)
    page.get_by_label("Your question").fill("my private matter")
    for _ in range(2):
        page.goto(host("", element.format(signed_in("joe@example.com", "2"))))
        greeted(page)
        expect(page.get_by_label("Your question")).to_have_value("")


@pytest.mark.parametrize("place", ["own page", "other page"])
def test_the_form_begun_outlives_a_reload_until_it_is_sent_or_given_up(context, address, host, place):
    page = context.new_page()
    page.goto(address if place == "own page" else host(" data-open"))
    greeted(page)
    form = page.get_by_role("form", name="Write to the certification team")
    page.get_by_role("button", name="Write to the team").first.click()
    page.get_by_label("What is it about?").fill("My badge is miss")
    page.reload()
    expect(form.get_by_label("What is it about?")).to_have_value("My badge is miss")
    expect(form.get_by_label("Your e-mail address")).not_to_be_focused()  # nobody has asked for it just now
    form.get_by_label("Your e-mail address").fill("jane@example.com")
    page.reload()
    expect(form.get_by_label("Your e-mail address")).to_have_value("jane@example.com")
    form.get_by_role("button", name="Send to the team").click()
    expect(page.get_by_role("log")).to_contain_text("Your reference is CRT-")
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("Your reference is CRT-")
    expect(form).to_have_count(0)
    page.get_by_role("button", name="Write to the team").first.click()
    form.get_by_label("What is it about?").fill("never mind")
    form.get_by_role("button", name="Cancel").click()
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("Your reference is CRT-")
    expect(form).to_have_count(0)
    page.close()


def test_nobody_reads_the_form_of_who_was_signed_in_before(context, host):
    page = context.new_page()
    token = signed_in("ana@example.com", "1")
    page.goto(host("", f'<credential-assistant open identity-token="{token}"></credential-assistant>'))
    greeted(page)
    page.get_by_role("button", name="Write to the team").first.click()
    page.get_by_label("What is it about?").fill("my private matter")
    page.evaluate("document.querySelector('credential-assistant').setAttribute('identity-token', '')")
    expect(page.get_by_role("form", name="Write to the certification team")).to_have_count(0)
    greeted(page)
    page.get_by_role("button", name="Write to the team").first.click()
    expect(page.get_by_label("What is it about?")).to_have_value("")


def test_another_tab_says_why_its_conversation_is_gone_and_shows_it_after_the_undo(page):
    greeted(page)
    ask(page, "is it there?")
    expect(page.get_by_role("log")).to_contain_text("You said: is it there?")
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.get_by_role("log")).to_contain_text("You said: is it there?")
    start_again(page)
    expect(other.locator(".status")).to_have_text("A new conversation has begun.")
    expect(other.get_by_role("log")).not_to_contain_text("is it there?")
    page.get_by_role("button", name="Undo").click()
    expect(other.get_by_role("log")).to_contain_text("You said: is it there?")
    expect(other.locator(".status")).to_be_empty()


def paste(page, text):
    """As the keyboard pastes: what a field does not take is cut off."""
    page.evaluate("(text) => document.execCommand('insertText', false, text)", text)


def test_a_text_pasted_that_is_too_long_is_kept_whole_and_said_to_be_too_long(page, rasa):
    greeted(page)
    field = page.get_by_label("Your question")
    field.focus()
    text = "word " * 450 + "the question itself"
    paste(page, text)
    expect(field).to_have_value(text)
    expect(page.locator(".status")).to_have_text("That is longer than 2,000 characters. Please shorten it.")
    page.keyboard.press("Enter")
    expect(field).to_have_value(text)
    expect(page.locator(".item.user")).to_have_count(0)
    field.fill("the question itself")
    expect(page.locator(".status")).to_be_empty()
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("You said: the question itself")
    assert [body["text"] for _, body in rasa.requests if "text" in body] == ["the question itself"]


def test_a_form_or_comment_that_is_too_long_is_kept_whole_too(page, rasa, services):
    greeted(page)
    rasa.replies = [FAQ]
    ask(page, "what are they?")
    page.get_by_role("group", name="Was this helpful?").get_by_role("button", name="No").click()
    text = "word " * 450 + "end"
    page.get_by_label("What was missing?").focus()
    paste(page, text)
    page.get_by_role("button", name="Send comment").click()
    expect(page.get_by_label("What was missing?")).to_have_value(text)
    page.get_by_role("button", name="Write to the team").first.click()
    form = page.get_by_role("form", name="Write to the certification team")
    form.get_by_label("Your e-mail address").fill("jane@example.com")
    form.get_by_label("What is it about?").focus()
    paste(page, text)
    form.get_by_role("button", name="Send to the team").click()
    expect(form.get_by_label("What is it about?")).to_have_value(text)
    told = form.get_by_label("What is it about?").evaluate("(one) => one.validationMessage")
    assert told == "That is longer than 2,000 characters. Please shorten it."
    assert services.tickets.find()[0] == []
