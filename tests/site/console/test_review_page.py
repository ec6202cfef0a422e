"""Questions that were not answered on their way into an editor's draft, by the pages of the console."""

import numpy as np
import pytest

import bot.clock
from bot.conversations.store import Message
from bot.insight import review
from bot.site.console import insight, review_page
from bot.studio.items import Item, ItemKind

FAQ = Item(ItemKind.EXAMPLES, "faq/what_is_credly")
ASKED = "credly, which company is behind it"


@pytest.fixture(autouse=True)
def light(monkeypatch, tmp_path):
    """Without the encoder: each wording is a group of its own."""
    monkeypatch.setattr(review_page, "SEEN_FILE", tmp_path / "seen.txt")
    monkeypatch.setattr(insight, "encode", lambda texts: np.eye(len(texts)))
    monkeypatch.setattr(insight, "closest", lambda text: "faq/what_is_credly")
    monkeypatch.setattr("bot.site.console.counted.LONG_SECONDS", 1e9)  # however slow the machine, nothing is kept


def ask(services, name, text, *utterances):
    services.store.create(name, "site", bot.clock.now())
    services.store.add(name, Message.new("user", text, now=bot.clock.now()))
    for said in utterances:
        role = "bot" if said.startswith("utter_") else "user"
        utterance = said if role == "bot" else ""
        services.store.add(name, Message.new(role, said, utterance, now=bot.clock.now()))


def drafted(services):
    return [change.change for draft in services.studio.drafts() for change in draft.changes]


def test_a_question_becomes_an_example_in_the_editors_draft_and_does_not_come_back(anna, services):
    ask(services, "a", ASKED, "utter_ask_rephrase")
    page = anna.get("/review").text
    assert ASKED in page and "/console/conversations/a" in page and "1 not understood" in page
    assert "<svg" in page and " selected" not in page and "Not covered: exam price" in page
    anna.post("/review", text=ASKED, label="faq/what_is_credly", asked=review.key(ASKED))
    (change,) = drafted(services)
    assert change.item == FAQ and set(change.after) - set(change.before) == {ASKED}
    assert services.studio.drafts()[0].title.startswith("From questions, ")
    assert ASKED not in anna.get("/review").text
    anna.post("/review", text="which firm runs credly", label="faq/what_is_credly", asked="")
    anna.post("/review", text="how much is one exam voucher", label="out_of_scope/exam_price", asked="")
    assert len(services.studio.drafts()) == 1 and len(drafted(services)) == 2


def test_a_question_that_is_refused_each_time_for_another_reason_is_a_gap(anna, services, monkeypatch):
    monkeypatch.setattr(insight, "encode", lambda texts: np.ones((len(texts), 2)))
    ask(services, "a", "badge as an nft", "utter_out_of_scope/exam_price")
    ask(services, "b", "mint my badge", "utter_out_of_scope/exam_price")
    assert "mint my badge" not in anna.get("/review").text
    ask(services, "c", "badge on a blockchain", "utter_out_of_scope/badge_design")
    page = anna.get("/review?only=gaps").text
    assert all(text in page for text in ("badge as an nft", "mint my badge", "badge on a blockchain"))
    assert "3 declined, each time for another reason" in page


def test_what_still_tells_who_wrote_it_is_refused_in_clear_words_and_stays_in_the_form(anna, services):
    ask(services, "a", "ask Leila Haddad on 555-123-4567 about it", "utter_ask_rephrase")
    page = anna.get("/review").text
    assert "ask (name) on (number) about it" in page and "Blacked out: 1 name, 1 number." in page
    assert "Haddad" not in page and "4567" not in page
    answer = anna.post("/review", text="ask (name) about it", label="faq/what_is_credly")
    assert answer.status_code == 400 and "Write it anew" in answer.text and 'value="ask (name) about it"' in answer.text
    answer = anna.post("/review", text="ask Leila about it", label="faq/what_is_credly")
    assert "This still holds personal data (1 name)" in answer.text
    assert "Choose what" in anna.post("/review", text="something else", label="no/such_label").text
    assert services.studio.drafts() == []


def test_gaps_are_what_nothing_covers_and_a_new_answer_begins_from_one(anna, services):
    ask(services, "a", "purple elephants dance", "utter_ask_rephrase")
    ask(services, "b", "who is credly", "utter_faq/what_is_credly", "that's not what I asked", "utter_ask_rephrase")
    page = anna.get("/review").text
    assert "who is credly" in page and "1 not what was asked" in page
    gaps = anna.get("/review?only=gaps").text
    assert "purple elephants" in gaps and ">who is credly<" not in gaps
    assert 'action="/console/content/new"' in gaps and 'name="question" value="purple elephants dance"' in gaps


def test_what_is_dismissed_does_not_come_back_and_the_rest_stays(anna, services):
    for name, text in (("a", "purple elephants dance"), ("b", "where is the moon"), ("c", "where is the moon")):
        ask(services, name, text, "utter_ask_rephrase")
    assert "purple elephants" in anna.get("/review").text
    answer = anna.post("/review/dismiss", seen_on="/review", question=review.key("purple elephants dance"))
    page = anna.client.get(answer.location).text
    assert "will not come up again" in page and "purple elephants" not in page and "where is the moon" in page
