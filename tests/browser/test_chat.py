import re
import uuid

import sqlalchemy as sql
from playwright.sync_api import expect

import bot.clock
from bot.conversations.store import Message, conversations

FAQ = {"text": "They are **badges**.", "buttons": [], "utterance": "utter_faq/credential_types"}


def ask(page, text):
    page.get_by_label("Your question").fill(text)
    page.keyboard.press("Enter")


def greeted(page):
    expect(page.get_by_role("log")).to_contain_text("Hello!")
    return page


def conversation(services):
    with services.database.transaction() as connection:
        newest = conversations.select().order_by(conversations.c.created_at.desc())
        return connection.execute(newest).first().id


def test_what_one_writes_is_shown_at_once_and_the_assistant_is_seen_to_type(page, rasa):
    greeted(page)
    page.route("**/api/messages", lambda route: None)  # never answered
    ask(page, "hello?")
    expect(page.locator(".item.user")).to_have_text(re.compile("hello?"))
    expect(page.locator(".typing")).to_be_visible()


def test_whether_an_answer_helped_and_why_not(page, rasa, services):
    greeted(page)
    rasa.replies = [FAQ]
    ask(page, "what are they?")
    page.get_by_role("group", name="Was this helpful?").get_by_role("button", name="No").click()
    page.get_by_label("What was missing?").fill("an example")
    page.get_by_role("button", name="Send comment").click()
    expect(page.locator(".helpful")).to_have_text("Thank you.")
    with services.database.transaction() as connection:
        rated = connection.execute(sql.text("SELECT helpful, comment FROM messages WHERE helpful IS NOT NULL")).one()
    assert tuple(rated) == (0, "an example")


def test_related_questions_follow_an_answer(page, rasa):
    greeted(page)
    rasa.replies = [FAQ]
    ask(page, "what are they?")
    related = page.get_by_role("group", name="Related questions").get_by_role("button")
    expect(related).to_have_count(3)
    rasa.replies = None
    related.first.click()
    expect(page.get_by_role("log")).to_contain_text("You said: /faq/")


def test_a_message_sent_while_the_network_is_away_is_sent_once_it_is_back(page, rasa):
    greeted(page).context.set_offline(True)
    ask(page, "am I there?")
    expect(page.locator(".problem")).to_contain_text("Not sent yet.")
    expect(page.get_by_role("status").filter(has_text="offline")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_role("log")).to_contain_text("You said: am I there?")
    assert [body["text"] for _, body in rasa.requests if "text" in body] == ["am I there?"]


def test_an_answer_that_got_lost_is_fetched_without_saying_it_twice(page, rasa):
    greeted(page)
    lost = []

    def lose(route):
        if not lost:
            lost.append(route.fetch())
            return route.abort()
        return route.continue_()

    page.route("**/api/messages", lambda route: lose(route) if route.request.method == "POST" else route.continue_())
    ask(page, "only once")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("log")).to_contain_text("You said: only once")
    assert [body["text"] for _, body in rasa.requests if "text" in body] == ["only once"]


def test_an_answer_of_the_team_appears_by_itself(page, services):
    greeted(page)
    services.store.add(
        conversation(services), Message.new("staff", "It comes on Monday.", "ticket_replied", now=bot.clock.now())
    )
    expect(page.locator(".item.staff")).to_contain_text("It comes on Monday.")
    expect(page.locator(".item.staff")).to_contain_text("Certification team")


def test_a_link_in_the_teams_words_can_be_clicked_also_after_a_reload(page, services):
    greeted(page)
    written = "See https://example.com/claim?a=1&b=2, or ask a@example.com. <b>No</b> tag."
    services.store.add(conversation(services), Message.new("staff", written, "ticket_replied", now=bot.clock.now()))
    for _ in range(2):
        links = page.locator(".item.staff a")
        expect(links).to_have_count(2)
        expect(links.first).to_have_attribute("href", "https://example.com/claim?a=1&b=2")
        expect(links.first).to_have_attribute("target", "_blank")
        expect(links.first).to_have_attribute("rel", "noopener noreferrer")
        expect(page.locator(".item.staff")).to_contain_text("<b>No</b> tag.")
        page.reload()


def test_two_tabs_show_the_same_conversation(page, context, address):
    greeted(page)
    other = context.new_page()
    other.goto(address)
    greeted(other)
    ask(page, "from the first tab")
    expect(other.get_by_role("log")).to_contain_text("You said: from the first tab")
    ask(other, "from the second tab")
    expect(page.get_by_role("log")).to_contain_text("You said: from the second tab")
    assert page.locator(".item.user").count() == other.locator(".item.user").count() == 2


def test_starting_again_leaves_the_old_conversation(page):
    ask(greeted(page), "old words")
    expect(page.get_by_role("log")).to_contain_text("You said: old words")
    page.get_by_label("More").click()
    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_role("log")).not_to_contain_text("old words")
    page.reload()
    expect(greeted(page).get_by_role("log")).not_to_contain_text("old words")


def test_the_transcript_can_be_copied(page, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(greeted(page), "who can see it?")
    expect(page.get_by_role("log")).to_contain_text("You said: who can see it?")
    page.get_by_label("More").click()
    page.get_by_role("button", name="Copy conversation").click()
    expect(page.get_by_role("status").filter(has_text="Copied.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "Assistant: Hello! Ask me." in copied
    assert "You: who can see it?" in copied and "Assistant: You said: who can see it?" in copied


def test_the_conversation_can_be_printed(page):
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    ask(greeted(page), "who can see it?")
    expect(page.get_by_role("log")).to_contain_text("You said: who can see it?")
    page.get_by_label("More").click()
    page.get_by_role("button", name="Print conversation").click()
    printed = page.frame_locator("credential-assistant iframe").locator("body")
    expect(printed).to_contain_text("Assistant: You said: who can see it?")
    assert errors == []


def test_with_the_assistant_down_the_team_can_be_written_to(page, rasa, services):
    greeted(page)
    rasa.fail = True
    ask(page, "my badge is missing")
    page.get_by_role("button", name="write to the team", exact=True).click()
    expect(page.get_by_label("What is it about?")).to_have_value("my badge is missing")
    page.get_by_label("Your e-mail address").fill("jane@example.com")
    page.get_by_role("button", name="Send to the team").click()
    expect(page.get_by_role("log")).to_contain_text("Your reference is CRT-")
    (ticket,), _ = services.tickets.find()
    assert (ticket.contact, ticket.about) == ("jane@example.com", "my badge is missing")


def test_messages_typed_in_a_burst_are_all_kept(page, rasa):
    greeted(page)
    for text in ("hi", "badge missing", "the micro one"):
        ask(page, text)
    expect(page.get_by_role("log")).to_contain_text("the micro one")
    expect(page.locator(".typing")).to_have_count(0)
    said = "\n".join(body.get("text", "") for _, body in rasa.requests)
    assert [said.count(text) for text in ("hi", "badge missing", "the micro one")] == [1, 1, 1]


def test_ids_are_made_where_the_browser_has_no_function_for_them(page):
    made = page.evaluate("() => { const own = crypto.randomUUID; return typeof own; }")
    assert made == "function"
    page.add_init_script("delete Crypto.prototype.randomUUID")
    page.reload()
    sent = []
    page.on("request", lambda request: sent.append(request.post_data_json) if request.method == "POST" else None)
    ask(greeted(page), "hello")
    expect(page.get_by_role("log")).to_contain_text("You said: hello")
    assert uuid.UUID(sent[-1]["id"]).version == 4


def test_what_was_written_offline_is_said_in_its_order(page, rasa):
    greeted(page).context.set_offline(True)
    for text in ("one", "two", "three", "four"):
        ask(page, text)
    expect(page.locator(".problem")).to_have_count(4)
    page.context.set_offline(False)
    expect(page.locator(".problem")).to_have_count(0)
    expect(page.locator(".typing")).to_have_count(0)
    said = "\n".join(body.get("text", "") for _, body in rasa.requests)
    assert re.findall("one|two|three|four", said) == ["one", "two", "three", "four"]


def test_history_is_not_spoken_again(page):
    ask(greeted(page), "hello")
    expect(page.get_by_role("log")).to_contain_text("You said: hello")
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("You said: hello")
    expect(page.locator("[aria-live=polite]").filter(has_text="You said")).to_have_count(0)


def test_a_widget_that_is_taken_away_asks_no_more(page):
    greeted(page)
    page.evaluate("document.querySelector('credential-assistant').remove()")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(4000)  # longer than the pause between two looks
    assert asked == []


def test_an_answer_to_the_old_conversation_does_not_come_into_the_new_one(page, rasa):
    greeted(page)
    held = []
    page.route(
        "**/api/messages", lambda route: held.append(route) if route.request.method == "POST" else route.continue_()
    )
    ask(page, "the old one")
    page.get_by_label("More").click()
    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_role("log")).not_to_contain_text("the old one")
    held[0].fulfill(
        json={"messages": [{"id": str(uuid.uuid4()), "role": "bot", "text": "late", "html": "<p>late</p>"}]}
    )
    page.unroute("**/api/messages")
    ask(page, "the new one")
    expect(page.get_by_role("log")).to_contain_text("You said: the new one")
    expect(page.get_by_role("log")).not_to_contain_text("late")


def test_what_was_offered_about_words_passed_on_is_gone_once_the_team_has_written_again(page, rasa, services):
    greeted(page)
    buttons = [{"title": "That was for you", "payload": "/for_assistant"}, {"title": "Never mind", "payload": "/stop"}]
    rasa.replies = [{"text": "Passed on.", "buttons": buttons, "utterance": "utter_for_team"}]
    ask(page, "yes please")
    replies = page.get_by_role("group", name="Suggested replies").get_by_role("button")
    expect(replies).to_have_text(["That was for you", "Never mind"])
    services.store.add(
        conversation(services), Message.new("staff", "On Friday?", "ticket_replied", now=bot.clock.now())
    )
    expect(page.locator(".item.staff")).to_contain_text("On Friday?")
    expect(replies.first).to_have_text("Never mind")


def test_who_reads_above_stays_there_when_the_team_answers(page, services, rasa):
    greeted(page)
    rasa.replies = [{"text": "A long answer. " * 80, "buttons": [], "utterance": "utter_greet"}]
    for _ in range(2):
        ask(page, "tell me more")
    log = page.get_by_role("log")
    expect(page.locator(".item.bot")).to_have_count(3)
    log.evaluate("(one) => { one.scrollTop = 0; }")
    say = services.store.add
    say(conversation(services), Message.new("staff", "It comes on Monday.", "ticket_replied", now=bot.clock.now()))
    news = page.get_by_role("button", name="1 new message")
    expect(news).to_be_in_viewport(ratio=1)
    assert log.evaluate("(one) => one.scrollTop") == 0
    news.click()
    expect(page.locator(".item.staff")).to_be_in_viewport(ratio=1)
    expect(news).to_have_count(0)
    say(conversation(services), Message.new("staff", "Or on Tuesday.", "ticket_replied", now=bot.clock.now()))
    expect(page.locator(".item.staff").last).to_be_in_viewport(ratio=1)  # who reads the end goes on with it
    expect(news).to_have_count(0)


def test_an_own_question_and_its_answer_are_shown_from_wherever_one_was(page, rasa):
    greeted(page)
    rasa.replies = [{"text": "A long answer. " * 80, "buttons": [], "utterance": "utter_greet"}]
    ask(page, "tell me more")
    expect(page.locator(".item.bot")).to_have_count(2)
    page.get_by_role("log").evaluate("(one) => { one.scrollTop = 0; }")
    rasa.replies = [FAQ]
    ask(page, "what are they?")
    expect(page.get_by_text("They are badges.", exact=True)).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="new message")).to_have_count(0)
