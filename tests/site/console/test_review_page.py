"""Questions that were not answered on their way into an editor's draft, by the pages of the console."""

import errno

import numpy as np
import pytest

import bot.clock
from bot.conversations.store import Message
from bot.insight import review
from bot.site.console import insight
from bot.studio.items import Item, ItemKind

FAQ = Item(ItemKind.EXAMPLES, "faq/what_is_credly")
ASKED = "credly, which company is behind it"


@pytest.fixture(autouse=True)
def light(monkeypatch):
    """Without the encoder: each wording is a group of its own."""
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
    assert '<span class="swatch declined" aria-hidden="true"></span>that nothing covers</li>' in page
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


def test_what_is_dismissed_lies_where_every_site_and_every_backup_finds_it(anna, services, monkeypatch, tmp_path):
    ask(services, "a", "purple elephants dance", "utter_ask_rephrase")
    ask(services, "b", "green giraffes sing", "utter_ask_rephrase")
    former = tmp_path / "former.txt"
    monkeypatch.setattr(review, "FORMER_SEEN_FILE", former)
    former.write_text(review.key("green giraffes sing"))
    page = anna.get("/review").text
    assert "purple elephants" in page and "green giraffes" not in page
    anna.post("/review/dismiss", question=review.key("purple elephants dance"))
    former.unlink()  # what was only there is kept with the rest
    kept = (tmp_path / "content" / review.SEEN_NAME).read_text()
    assert set(kept.split()) == {review.key("purple elephants dance"), review.key("green giraffes sing")}
    assert "Everything was answered" in anna.get("/review").text


def test_a_full_disk_is_told_and_loses_no_example(anna, services, monkeypatch):
    def full(keys, path):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(review, "mark_seen", full)
    ask(services, "a", ASKED, "utter_ask_rephrase")
    answer = anna.post("/review/dismiss", question=review.key(ASKED))
    assert answer.status_code == 503 and "No space left on device" in answer.text and ASKED in answer.text
    assert "typed-again" not in answer.text
    assert anna.post("/review", text=ASKED, label="faq/what_is_credly", asked="").status_code == 303
    assert len(drafted(services)) == 1
