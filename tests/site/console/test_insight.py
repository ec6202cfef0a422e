import numpy as np

import bot.clock
from bot.conversations.store import Message
from bot.insight import review
from bot.site.console import insight


def ask(services, name, text, utterance):
    services.store.create(name, "site", bot.clock.now())
    services.store.add(
        name, Message.new("user", text, now=bot.clock.now()), Message.new("bot", "…", utterance, now=bot.clock.now())
    )


def test_staff_see_what_was_asked_and_nobody_else_does(anna, visitor, services):
    ask(services, "a", "who is credly", "utter_faq/what_is_credly")
    page = anna.get("/analytics?days=7").text
    assert ">1 answered, 0 looked up" in page and "silent <strong>1</strong>" in page
    assert "<svg" in page and "style=" not in page
    assert visitor.get("/analytics").status_code == 303


def test_unanswered_questions_are_added_to_the_review_by_one_click(anna, services, monkeypatch, tmp_path):
    file = tmp_path / "review.yml"
    monkeypatch.setattr(insight, "REVIEW_FILE", file)
    monkeypatch.setattr(insight, "SEEN_FILE", tmp_path / "seen.txt")
    ask(services, "a", "credly, which company is behind it", "utter_ask_rephrase")
    page = anna.get("/review")
    assert "credly, which company is behind it" in page.text and "Who is Credly?" in page.text
    assert " selected" not in page.text and "Not covered: exam price" in page.text
    assert "/console/conversations/a" in page.text
    anna.post("/review", text="credly, which company is behind it", label="")
    assert not file.exists()
    anna.post("/review", text="credly, which company is behind it", label="faq/what_is_credly")
    anna.post("/review", text="odd", label="no/such_label")
    assert "which company is behind it" not in anna.get("/review").text
    assert review.read(file) == {"faq/what_is_credly": ["credly, which company is behind it"]}


def test_what_is_dismissed_does_not_come_back_and_the_rest_stays(anna, services, monkeypatch, tmp_path):
    monkeypatch.setattr(insight, "SEEN_FILE", tmp_path / "seen.txt")
    monkeypatch.setattr(insight, "encode", lambda texts: np.eye(len(texts)))
    monkeypatch.setattr(insight, "closest", lambda text: "faq/what_is_credly")
    for name, text in (("a", "purple elephants dance"), ("b", "where is the moon"), ("c", "where is the moon")):
        ask(services, name, text, "utter_ask_rephrase")
    assert "purple elephants" in anna.get("/review").text
    answer = anna.post("/review/dismiss", seen_on="/review", question=review.key("purple elephants dance"))
    page = anna.client.get(answer.location).text
    assert "will not come up again" in page and "purple elephants" not in page and "where is the moon" in page
